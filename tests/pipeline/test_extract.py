"""From an image and its regions to named values; columns depend on settings alone."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import array_api_strict
import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.config import extraction_settings
from radpred.datasets.phantom import cuboid, noise_box, sphere
from radpred.errors import GeometryError, InputError, SettingsError
from radpred.image import Grid, Image, Mask
from radpred.io import to_sitk, write_image, write_mask
from radpred.pipeline.extract import Extractor, column_names, extract_regions

SHAPE = (20, 24, 28)
FILTERS = [
    {"kind": "original"},
    {"kind": "laplacian_of_gaussian", "sigma_mm": [1.0, 2.5]},
    {"kind": "wavelet"},
]


@pytest.fixture
def image(rng):
    return noise_box(SHAPE, rng=rng)


@pytest.fixture
def tumour():
    return cuboid(SHAPE, start=(6, 7, 8), stop=(14, 16, 19))


@pytest.fixture
def core():
    return cuboid(SHAPE, start=(8, 9, 10), stop=(11, 12, 14))


def settings(**given):
    return extraction_settings({"filters": FILTERS, "minimum_grey_levels": 2, **given})


def intensity(found, *, region="tumour", image="original"):
    """Return the values of a region on an image, shape aside."""
    start = f"{region}__{image}_"
    return {
        name.removeprefix(start): value
        for name, value in found.values.items()
        if name.startswith(start) and "_shape_" not in name
    }


# --- columns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"families": ["firstorder"]},
        {"filters": [{"kind": "wavelet", "level": 2}]},
        {"families": ["shape", "glcm"], "features": {"glcm": ["Idm"], "shape": ["Sphericity"]}},
        {"normalise": True, "bin_width": 0.2, "resample_mm": [2, 2, 2]},
        {"families": ["shape"], "filters": []},
    ],
)
def test_columns_are_those_predicted_without_an_image(image, tumour, core, given):
    wanted = settings(**given)
    found = extract_regions(image, {"tumour": tumour, "core": core}, wanted, modality="pet")
    assert tuple(found.values) == column_names(wanted, ["tumour", "core"], modality="pet")


def test_columns_are_the_same_for_a_region_that_cannot_be_measured(image, tumour):
    nothing = replace(tumour, voxels=np.zeros(SHAPE, dtype=bool))
    full = extract_regions(image, {"tumour": tumour}, settings())
    empty = extract_regions(image, {"tumour": nothing}, settings())
    assert tuple(empty.values) == tuple(full.values)
    assert set(empty.reasons.values()) == {"empty"}


def test_every_missing_value_has_a_reason_and_no_other_has(image, tumour, core):
    voxels = image.voxels.copy()
    voxels[9, 10, 11] = np.nan
    found = extract_regions(
        replace(image, voxels=voxels), {"tumour": tumour, "core": core}, settings()
    )
    missing = {name for name, value in found.values.items() if np.isnan(value)}
    assert missing
    assert missing == set(found.reasons)


def test_shape_is_measured_once_a_region_on_the_original_image(image, tumour):
    names = column_names(settings(), ["tumour"])
    assert {name.split("__")[1].split("_")[0] for name in names if "_shape_" in name} == {
        "original"
    }
    only_wavelet = column_names(settings(filters=[{"kind": "wavelet"}]), ["tumour"])
    assert sum("_shape_" in name for name in only_wavelet) == 14


def test_107_features_an_image_and_93_a_response():
    assert len(column_names(settings(filters=[{"kind": "original"}]), ["tumour"])) == 107
    assert len(column_names(settings(), ["tumour"])) == 107 + 10 * 93


def test_a_feature_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(SettingsError, match=r"no glcm_Entropie; glcm has .*glcm_JointEntropy"):
        column_names(settings(features={"glcm": ["Entropie"]}), ["tumour"])


def test_two_filters_of_one_name_are_refused():
    with pytest.raises(SettingsError, match=r"wavelet-HHH, .*twice"):
        column_names(settings(filters=[{"kind": "wavelet"}, {"kind": "wavelet"}]), ["tumour"])


# --- values do not depend on what else is measured ----------------------------------------------


@pytest.mark.parametrize(
    "given", [{}, {"resample_mm": [1.5, 1.5, 1.5]}, {"crop_before_filters": True}]
)
def test_a_region_has_the_same_values_beside_another(image, tumour, core, given):
    alone = extract_regions(image, {"core": core}, settings(**given))
    beside = extract_regions(image, {"tumour": tumour, "core": core}, settings(**given))
    shared = {name: value for name, value in beside.values.items() if name in alone.values}
    assert list(shared) == list(alone.values)
    np.testing.assert_allclose(list(shared.values()), list(alone.values.values()), rtol=1e-5)


def test_values_do_not_depend_on_a_far_part_of_the_image(rng, tumour):
    image = noise_box((60, 60, 60), rng=rng)
    tumour = cuboid((60, 60, 60), start=(6, 7, 8), stop=(14, 16, 19))
    inside = (slice(0, 40),) * 3
    cut = image.grid.cropped(inside)
    wanted = settings(filters=[{"kind": "laplacian_of_gaussian", "sigma_mm": [1.0]}])
    whole = extract_regions(image, {"tumour": tumour}, wanted)
    part = extract_regions(
        replace(image, voxels=image.voxels[inside], grid=cut),
        {"tumour": replace(tumour, voxels=tumour.voxels[inside], grid=cut)},
        wanted,
    )
    np.testing.assert_allclose(list(part.values.values()), list(whole.values.values()), rtol=1e-5)


def test_an_image_of_another_library_gives_the_same_values(image, tumour):
    other = replace(image, voxels=array_api_strict.asarray(image.voxels))
    wanted = settings(normalise=True, bin_width=0.2)
    expected = extract_regions(image, {"tumour": tumour}, wanted).values
    found = extract_regions(other, {"tumour": tumour}, wanted).values
    assert found == pytest.approx(expected, rel=1e-6, nan_ok=True)


# --- settings reach what they set ---------------------------------------------------------------


def test_normalised_voxels_have_the_moments_asked_for(image):
    whole = Mask(voxels=np.ones(SHAPE, dtype=bool), grid=image.grid)
    wanted = settings(normalise=True, normalise_scale=7, families=["firstorder"])
    found = intensity(extract_regions(image, {"tumour": whole}, wanted))
    assert found["firstorder_Mean"] == pytest.approx(0, abs=1e-9)
    assert found["firstorder_Variance"] == pytest.approx(49, rel=1e-3)


def test_a_filter_may_have_its_own_bins_and_shift(image, tumour):
    own = {"kind": "wavelet", "bin_count": 4, "voxel_array_shift": 1000}
    both = settings(filters=[{"kind": "original"}, own], families=["firstorder"])
    found = extract_regions(image, {"tumour": tumour}, both)
    plain = extract_regions(
        image, {"tumour": tumour}, settings(bin_count=4, families=["firstorder"])
    )
    name = "tumour__wavelet-LLL_firstorder_"
    assert found.values[name + "Entropy"] == plain.values[name + "Entropy"]
    assert found.values[name + "Energy"] > plain.values[name + "Energy"]
    assert "tumour__original_firstorder_Entropy" not in found.reasons


def test_a_resampled_region_tells_its_volume_before_and_after(rng):
    mask = sphere(6.0, spacing=(2.5, 0.8, 0.8))
    image = Image(voxels=rng.normal(100, 30, mask.grid.shape), grid=mask.grid)
    wanted = settings(resample_mm=[3, 3, 3], families=["shape"])
    found = extract_regions(image, {"tumour": mask}, wanted)
    before, after = found.volumes_mm3["tumour"]
    assert before == mask.volume_mm3
    assert found.values["tumour__original_shape_VoxelVolume"] == pytest.approx(after)
    assert after % 27 == pytest.approx(0)


def test_a_region_that_loses_much_of_its_volume_is_noted(rng):
    grid = Grid(shape=(8, 20, 20), spacing=(2.5, 0.7, 0.7))
    mask = Mask(voxels=np.zeros(grid.shape, dtype=bool), grid=grid)
    mask.voxels[3:5, 9:11, 9:11] = True
    image = Image(voxels=rng.normal(100, 30, grid.shape), grid=grid)
    found = extract_regions(image, {"tumour": mask}, settings(resample_mm=[3, 3, 3]))
    assert any("tumour: 9.8 mm3 became" in note and "3 x 3 x 3" in note for note in found.notes)
    assert tuple(found.values) == column_names(settings(), ["tumour"])


def test_resegmentation_keeps_the_shape_unless_asked_otherwise(image, tumour):
    plain = extract_regions(image, {"tumour": tumour}, settings(families=["shape"]))
    range_of = {"resegment_range": [60, 140], "families": ["shape", "firstorder"]}
    found = extract_regions(image, {"tumour": tumour}, settings(**range_of))
    name = "tumour__original_shape_VoxelVolume"
    assert found.values["tumour__original_firstorder_Minimum"] >= 60
    assert found.values[name] == plain.values[name]
    asked = extract_regions(image, {"tumour": tumour}, settings(**range_of, resegment_shape=True))
    assert asked.values[name] < plain.values[name]


@pytest.mark.parametrize(
    ("given", "reason"),
    [({"minimum_voxels": 793}, "too_small"), ({"minimum_voxels": 792}, None)],
)
def test_a_region_below_the_least_size_has_no_values(image, tumour, given, reason):
    found = extract_regions(image, {"tumour": tumour}, settings(**given))
    assert set(found.reasons.values()) == ({reason} if reason else set())


@pytest.mark.parametrize(("least", "reasons"), [(3, {"too_few_dimensions"}), (2, set())])
def test_a_flat_region_has_no_values_where_three_dimensions_are_asked(image, least, reasons):
    plate = cuboid(SHAPE, start=(9, 7, 8), stop=(10, 16, 19))
    wanted = settings(minimum_dimensions=least, families=["firstorder", "glcm"])
    assert set(extract_regions(image, {"tumour": plate}, wanted).reasons.values()) == reasons


# --- cases that others met ----------------------------------------------------------------------


def test_one_voxel_has_intensities_and_reasons_for_the_rest(image):
    found = extract_regions(
        image, {"tumour": cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 10))}, settings()
    )
    assert found.values["tumour__original_firstorder_Mean"] == image.voxels[9, 9, 9]
    assert found.reasons["tumour__original_glcm_Idm"] == "too_small"
    assert found.reasons["tumour__original_shape_Sphericity"] == "too_small"


def test_voxels_in_one_line_have_texture(image):
    line = cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 15))
    found = extract_regions(image, {"tumour": line}, settings(bin_width=10))
    assert np.isfinite(found.values["tumour__original_glcm_Idm"])


def test_few_grey_levels_are_said(image, tumour):
    dim = replace(image, voxels=image.voxels / 100)
    found = extract_regions(dim, {"tumour": tumour}, settings(bin_width=0.5))
    assert any("few grey levels" in note and "bin_width=" in note for note in found.notes)


def test_one_grey_level_gives_no_texture_and_no_constants(image, tumour):
    dim = replace(image, voxels=image.voxels / 100)
    found = extract_regions(dim, {"tumour": tumour}, settings(filters=[{"kind": "original"}]))
    assert found.reasons["tumour__original_glcm_Idm"] == "too_few_grey_levels"
    assert np.isfinite(found.values["tumour__original_firstorder_Mean"])


def test_a_flat_region_has_exact_intensities_and_no_texture(tumour):
    flat = Image(voxels=np.full(SHAPE, 7.0), grid=tumour.grid)
    found = extract_regions(flat, {"tumour": tumour}, settings(filters=[{"kind": "original"}]))
    assert found.values["tumour__original_firstorder_Mean"] == 7.0
    assert found.reasons["tumour__original_glszm_ZoneEntropy"] == "flat"


def test_thousands_of_grey_levels_finish_or_are_refused_soon(rng, tumour):
    image = noise_box(SHAPE, rng=rng, mean=15000, sd=5000)
    wanted = settings(bin_width=10, filters=[{"kind": "original"}])
    started = time.perf_counter()
    found = extract_regions(image, {"tumour": tumour}, wanted)
    assert time.perf_counter() - started < 30
    assert np.isfinite(found.values["tumour__original_firstorder_Mean"])


def test_too_many_grey_levels_on_one_image_leave_the_others(rng, tumour):
    image = noise_box(SHAPE, rng=rng, mean=1e6, sd=3e5)
    found = extract_regions(
        image, {"tumour": tumour}, settings(bin_width=10, families=["shape", "glcm"])
    )
    assert found.reasons["tumour__original_glcm_Idm"] == "too_many_grey_levels"
    assert np.isfinite(found.values["tumour__original_shape_Sphericity"])
    assert any("use bin_width=" in note for note in found.notes)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_voxel_that_is_no_number_inside_the_region_is_a_reason(image, tumour, value):
    voxels = image.voxels.copy()
    voxels[9, 10, 11] = value
    found = extract_regions(replace(image, voxels=voxels), {"tumour": tumour}, settings())
    assert found.reasons["tumour__original_firstorder_Mean"] == "non_finite_voxels"
    assert np.isfinite(found.values["tumour__original_shape_Sphericity"])


def test_a_voxel_that_is_no_number_outside_changes_nothing_on_the_original(image, tumour):
    voxels = image.voxels.copy()
    voxels[0, 0, 0] = np.nan
    wanted = settings(filters=[{"kind": "original"}])
    expected = extract_regions(image, {"tumour": tumour}, wanted).values
    assert extract_regions(replace(image, voxels=voxels), {"tumour": tumour}, wanted).values == (
        expected
    )


def test_a_filter_larger_than_the_image_still_has_all_its_columns(rng):
    shape = (3, 24, 28)
    image = noise_box(shape, rng=rng)
    mask = cuboid(shape, start=(0, 7, 8), stop=(3, 16, 19))
    wanted = settings(filters=[{"kind": "laplacian_of_gaussian", "sigma_mm": [3.0]}])
    found = extract_regions(image, {"tumour": mask}, wanted)
    assert len(found.values) == 14 + 93
    assert found.reasons == {}
    assert any("larger than the image (3 x 24 x 28 voxels)" in note for note in found.notes)


def test_a_region_on_another_grid_is_refused(image, tumour):
    moved = replace(tumour, grid=replace(tumour.grid, origin=(5.0, 0.0, 0.0)))
    with pytest.raises(GeometryError, match="resample the mask"):
        extract_regions(image, {"tumour": moved}, settings())


def test_memory_of_filters_is_bounded_by_the_region():
    grid = Grid(shape=(256, 512, 512))
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[100:131, 200:231, 300:331] = sphere(15.0, margin_mm=0.0).voxels
    image = Image(voxels=np.zeros(grid.shape, dtype=np.float32), grid=grid)
    wanted = settings(families=["firstorder"])
    tracemalloc.start()
    try:
        extract_regions(image, {"tumour": Mask(voxels=voxels, grid=grid)}, wanted)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    support = 31 + 2 * 12 * 2.5
    assert peak < 4 * 8 * support**3


# --- PyRadiomics' own values --------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"binCount": 32, "normalize": True, "normalizeScale": 100, "removeOutliers": 3},
        {"resampledPixelSpacing": [1.5, 1.5, 2]},
        {"resampledPixelSpacing": [0, 0, 2], "interpolator": "sitkLinear", "padDistance": 8},
        {"preCrop": True},
        {"resegmentRange": [-1, 2], "resegmentMode": "sigma"},
    ],
    ids=["plain", "normalised", "resampled", "one axis", "cropped", "resegmented"],
)
@pytest.mark.parametrize("dtype", [np.int16, np.float64])
@pytest.mark.filterwarnings("ignore")  # what the other library's own libraries warn of
def test_values_are_those_of_pyradiomics_itself(rng, dtype, setting):
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    mask = sphere(9.0, spacing=(2.1, 1.3, 0.9))
    voxels = rng.normal(100, 60, mask.grid.shape).astype(dtype)
    image = Image(voxels=voxels, grid=mask.grid)
    parameters = {
        "setting": {"binWidth": 20, **setting},
        "imageType": {"Original": {}, "LoG": {"sigma": [1.0, 3.0]}, "Wavelet": {"level": 2}},
    }
    theirs = RadiomicsFeatureExtractor(parameters).execute(to_sitk(image), to_sitk(mask))
    theirs = {k: float(v) for k, v in theirs.items() if not k.startswith("diagnostics")}
    ours = Extractor(parameters).extract(image, mask)
    assert set(ours.index) == {f"tumour__{name}" for name in theirs}
    found = ours[[f"tumour__{name}" for name in theirs]].to_numpy()
    np.testing.assert_allclose(found, list(theirs.values()), rtol=2e-5, atol=1e-5)


# --- Extractor ----------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, image, tumour):
    write_image(image, tmp_path / "image.nrrd")
    write_mask(tumour, tmp_path / "mask.nrrd")
    return tmp_path / "image.nrrd", tmp_path / "mask.nrrd"


def test_paths_simpleitk_images_and_radpred_s_own_give_the_same_values(files, image, tumour):
    extractor = Extractor({"families": ["firstorder", "shape"]})
    expected = extractor.extract(image, tumour)
    for given in (files, tuple(map(str, files)), (to_sitk(image), to_sitk(tumour))):
        pd.testing.assert_series_equal(extractor.extract(*given), expected)
    assert tuple(expected.index) == extractor.columns


def test_the_label_of_a_parameter_file_is_used(image, tumour, core):
    labels = np.where(core.voxels, 2, tumour.voxels.astype(int)).astype(np.uint8)
    mask = sitk.GetImageFromArray(labels)
    given = {"featureClass": {"shape": ["VoxelVolume"]}, "setting": {"label": 2}}
    found = Extractor(given).extract(to_sitk(image), mask)
    assert found["tumour__original_shape_VoxelVolume"] == core.n_voxels
    named = Extractor(given).extract(to_sitk(image), mask, label=1)
    assert named["tumour__original_shape_VoxelVolume"] == tumour.n_voxels - core.n_voxels
    with pytest.raises(InputError, match="2 labels"):
        Extractor().extract(to_sitk(image), mask)


def test_a_mask_of_fewer_slices_is_placed_on_the_image(image, tumour):
    box = (slice(5, 15), slice(0, 24), slice(0, 28))
    cut = replace(tumour, voxels=tumour.voxels[box], grid=tumour.grid.cropped(box))
    extractor = Extractor({"families": ["firstorder", "shape"]})
    pd.testing.assert_series_equal(
        extractor.extract(image, cut), extractor.extract(image, tumour), check_flags=False
    )


def test_reasons_and_notes_travel_with_the_values(image):
    found = Extractor().extract(image, cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 10)))
    assert found.attrs["reasons"]["tumour__original_glcm_Idm"] == "too_small"
    assert isinstance(found.attrs["notes"], list)


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_neither_a_path_nor_an_image_is_refused(image, tumour, place):
    given = [image, tumour]
    given[place] = 3
    with pytest.raises(InputError, match="got int, wanted a path, an array, a SimpleITK image"):
        Extractor().extract(*given)


def test_cases_become_rows_in_the_order_they_came(image, tumour, core):
    extractor = Extractor({"families": ["shape"]})
    frame = extractor.fit_transform([(image, tumour), (image, core)])
    assert list(frame.columns) == extractor.get_feature_names_out()
    volumes = frame["tumour__original_shape_VoxelVolume"]
    assert volumes.tolist() == [tumour.n_voxels, core.n_voxels]
    assert len(frame.attrs["reasons"]) == 2


def test_an_extractor_stands_at_the_head_of_a_scikit_learn_pipeline(image, tumour, core):
    extractor = Extractor({"families": ["shape"]})
    chain = make_pipeline(clone(extractor), StandardScaler())
    scaled = chain.fit_transform([(image, tumour), (image, core)])
    assert scaled.shape == (2, 14)
    assert np.abs(scaled.mean(axis=0)).max() < 1e-9


def test_no_case_is_a_table_without_rows():
    frame = Extractor({"families": ["shape"]}).transform([])
    assert frame.shape == (0, 14)


def test_a_bad_setting_is_refused_before_any_image_is_opened():
    with pytest.raises(SettingsError, match="no glcm_Nothing"):
        Extractor({"features": {"glcm": ["Nothing"]}})
