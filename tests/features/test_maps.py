"""Maps: the scalar features of the cube around each voxel, and PyRadiomics' voxel-based values."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import SimpleITK as sitk

from radpred.features import Convention, Cube, Texture, compute_voxel_features
from radpred.features._region import Region
from radpred.features.compute import family_of
from radpred.image import Grid, Image, Mask
from radpred.preprocess import discretise

PYRADIOMICS = Convention()
FAMILIES = ("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
SPACING = (2.0, 0.8, 1.1)


def made(seed, shape=(6, 8, 9), spread=60.0):
    """Return an image and a region with a ragged border."""
    rng = np.random.default_rng(seed)
    voxels = rng.normal(100, spread, shape).round()
    mask = rng.random(shape) < 0.8
    mask[0], mask[:, 0] = False, False
    grid = Grid(shape=shape, spacing=SPACING)
    return Image(voxels=voxels, grid=grid), Mask(voxels=mask, grid=grid)


def mapped(
    image, mask, *, cube, texture, families=FAMILIES, bin_width=25.0, convention=PYRADIOMICS
):
    """Return family_Feature -> map."""
    maps = {}
    blocks = compute_voxel_features(
        image,
        mask,
        families=families,
        bins={"bin_width": bin_width},
        cube=cube,
        texture=texture,
        convention=convention,
    )
    for block in blocks:
        for key, values in block.values.items():
            whole = maps.setdefault(key, np.full(image.grid.shape, np.nan))
            whole[tuple(block.centres.T)] = values
    return maps


def scalar(image, mask, place, *, radius, texture, bin_width=25.0):
    """Return the features of one cube as a region of its own, with the whole region's levels."""
    reach = [0 if axis == texture.flat_axis else radius for axis in range(3)]
    box = tuple(slice(max(p - r, 0), p + r + 1) for p, r in zip(place, reach, strict=True))
    level = discretise(image.voxels[mask.voxels], bin_width=bin_width)
    levels = np.zeros(image.grid.shape, dtype=np.int64)
    levels[mask.voxels] = level
    inside = mask.voxels[box]
    values = {}
    # Whole numbers with bins of width 1 that begin at 1 keep their levels.
    for voxels, names in ((levels, FAMILIES[1:]), (image.voxels, FAMILIES[:1])):
        region = Region(
            voxels=voxels[box], mask=inside, spacing=SPACING, bin_width=1.0, texture=texture
        )
        kept, position, count = np.unique(
            levels[box][inside], return_inverse=True, return_counts=True
        )
        object.__setattr__(region, "_levels", (kept.astype(float), position, count))
        for name in names:
            found = family_of(name).values(region)
            values |= {key: float(value[0]) for key, value in found.items()}
    return values


# These look at the highest grey level, which is the whole region's in a map.
OF_HIGHEST = {"glcm_Idn", "glcm_Idmn"}


@pytest.mark.parametrize("radius", [1, 2])
@pytest.mark.parametrize(
    "texture",
    [
        Texture(),
        Texture(flat_axis=0),
        Texture(distances=(1, 2), dependence_cutoff=1.0),
        Texture(aggregation="merged"),
        Texture(aggregation="euclidean", is_symmetric=False),
    ],
    ids=["touching", "slices", "far", "merged", "weighted"],
)
def test_a_map_holds_the_scalar_features_of_each_cube(radius, texture):
    image, mask = made(radius)
    complete = Convention(is_complete=True)
    maps = mapped(image, mask, cube=Cube(radius=radius), texture=texture, convention=complete)
    rng = np.random.default_rng(0)
    for place in rng.permutation(np.argwhere(mask.voxels))[:12]:
        wanted = scalar(image, mask, place, radius=radius, texture=texture)
        found = {key: float(maps[key][tuple(place)]) for key in wanted if key not in OF_HIGHEST}
        expected = {key: wanted[key] for key in found}
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True)


def test_case_35_a_large_map_holds_the_scalar_features_at_200_voxels():
    rng = np.random.default_rng(5)
    grid = Grid(shape=(64, 64, 64), spacing=SPACING)
    voxels = rng.normal(100, 120, grid.shape).round()
    distance = np.linalg.norm(np.indices(grid.shape).T - 31.5, axis=3).T
    image = Image(voxels=voxels, grid=grid)
    mask = Mask(voxels=distance < 16.84, grid=grid)
    assert mask.n_voxels == pytest.approx(20_000, rel=0.01)
    texture = Texture()
    names = {"glcm": ("JointEntropy", "Contrast", "MCC", "Imc2")}
    maps = mapped(image, mask, cube=Cube(radius=2), texture=texture, families=names)
    for place in rng.permutation(np.argwhere(mask.voxels))[:200]:
        wanted = scalar(image, mask, place, radius=2, texture=texture)
        found = {key: float(values[tuple(place)]) for key, values in maps.items()}
        assert found == pytest.approx({key: wanted[key] for key in found}, rel=1e-6)


def missing(voxels, mask=None, *, families=FAMILIES, radius=1):
    """Return family_Feature -> reason -> number of voxels, of all blocks together."""
    voxels = np.asarray(voxels, dtype=float)
    grid = Grid(shape=voxels.shape)
    inside = np.ones(voxels.shape, dtype=bool) if mask is None else mask
    counts = {}
    for block in compute_voxel_features(
        Image(voxels=voxels, grid=grid),
        Mask(voxels=inside, grid=grid),
        families=families,
        bins={"bin_width": 1.0},
        cube=Cube(radius=radius),
    ):
        for key, reasons in block.reasons.items():
            for reason, n in reasons.items():
                of_key = counts.setdefault(key, {})
                of_key[reason] = of_key.get(reason, 0) + n
    return counts


def test_a_cube_of_one_level_has_no_texture_and_no_skewness():
    found = missing([[[1, 1, 2, 3]]])  # only the first voxel sees nothing but 1
    assert found.pop("firstorder_Skewness") == found.pop("firstorder_Kurtosis") == {"flat": 1}
    reasons = {key: found[key] for key in ("glcm_Contrast", "glszm_ZoneEntropy", "ngtdm_Strength")}
    assert set(map(str, reasons.values())) == {"{'too_few_grey_levels': 1}"}


def test_a_voxel_alone_in_its_cube_is_too_small():
    mask = np.zeros((1, 1, 7), dtype=bool)
    mask[0, 0, [0, 3, 4]] = True
    assert missing(np.arange(7.0)[None, None], mask)["glcm_Contrast"] == {"too_small": 1}


def test_voxels_that_do_not_touch_have_no_neighbours():
    mask = np.zeros((1, 1, 5), dtype=bool)
    mask[0, 0, [0, 2, 4]] = True
    found = missing(np.arange(5.0)[None, None], mask, radius=2)
    assert found["glcm_Contrast"] == {"no_neighbours": 3}
    assert found["ngtdm_Strength"] == {"zero_divisor": 3}
    assert "glrlm_RunEntropy" not in found  # they share a line


def test_no_cube_that_holds_a_voxel_that_is_not_finite_has_values():
    voxels = np.arange(60.0).reshape(3, 4, 5)
    voxels[1, 1, 1] = np.nan
    grid = Grid(shape=voxels.shape)
    image, mask = Image(voxels=voxels, grid=grid), Mask(voxels=np.ones(grid.shape, bool), grid=grid)
    mean = mapped(image, mask, cube=Cube(), texture=Texture(), families=("firstorder",))
    missing = np.isnan(mean["firstorder_Mean"])
    wanted = np.zeros(grid.shape, dtype=bool)
    wanted[0:3, 0:3, 0:3] = True
    np.testing.assert_array_equal(missing, wanted)


def test_a_region_without_a_finite_voxel_gives_no_block():
    grid = Grid(shape=(2, 2, 2))
    image = Image(voxels=np.full(grid.shape, np.inf), grid=grid)
    mask = Mask(voxels=np.ones(grid.shape, dtype=bool), grid=grid)
    bins = {"bin_width": 1.0}
    assert not list(compute_voxel_features(image, mask, families=("glcm",), bins=bins))


def oracle(image, mask, **settings):
    """Return PyRadiomics' maps by family_Feature."""
    from radiomics import featureextractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, **settings)
    extractor.disableAllFeatures()
    for family in FAMILIES:
        extractor.enableFeatureClassByName(family)
    volumes = (
        sitk.GetImageFromArray(image.voxels),
        sitk.GetImageFromArray(mask.voxels.astype("u1")),
    )
    for volume in volumes:
        volume.SetSpacing(SPACING[::-1])
    found = extractor.execute(*volumes, voxelBased=True)
    origin = [
        round(o / s)
        for o, s in zip(next(iter(found.values())).GetOrigin(), SPACING[::-1], strict=True)
    ]
    maps = {}
    for key, volume in found.items():
        values = sitk.GetArrayFromImage(volume)
        whole = np.full(image.grid.shape, np.nan)
        z, y, x = (slice(o, o + n) for o, n in zip(origin[::-1], values.shape, strict=True))
        whole[z, y, x] = values
        maps[key.removeprefix("original_")] = whole
    return maps


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("theirs", "cube", "texture"),
    [
        ({"kernelRadius": 1}, Cube(), Texture()),
        ({"kernelRadius": 2}, Cube(radius=2), Texture()),
        ({"kernelRadius": 1, "maskedKernel": False}, Cube(is_masked=False), Texture()),
        ({"kernelRadius": 2, "force2D": True}, Cube(radius=2), Texture(flat_axis=0)),
        ({"kernelRadius": 2, "distances": [1, 2]}, Cube(radius=2), Texture(distances=(1, 2))),
        ({"weightingNorm": "no_weighting"}, Cube(), Texture(aggregation="merged")),
        ({"weightingNorm": "euclidean"}, Cube(), Texture(aggregation="euclidean")),
        ({"gldm_a": 1}, Cube(), Texture(dependence_cutoff=1.0)),
    ],
    ids=str,
)
def test_maps_are_those_of_pyradiomics(theirs, cube, texture):
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    image, mask = made(7, shape=(5, 7, 8))
    wanted = oracle(image, mask, binWidth=25, **theirs)
    maps = mapped(image, mask, cube=cube, texture=texture)
    assert set(maps) == set(wanted)
    for key, values in maps.items():
        there = ~np.isnan(values)
        if key == "glcm_JointAverage":  # NaN there where a direction of a cube holds no pair
            there &= ~np.isnan(wanted[key])
        if key == "glcm_MCC" and not np.nanmax(wanted[key]):
            continue  # PyRadiomics fails where a direction of any cube holds no pair
        assert there[mask.voxels].mean() > 0.5, key
        np.testing.assert_allclose(
            values[there], wanted[key][there], rtol=1e-6, atol=1e-9, err_msg=key
        )
