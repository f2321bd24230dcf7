"""Every family has on a device the values that it has on the host; its voxels stay there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from radpred.features import Convention, Texture, compute_features
from radpred.features.compute import _FAMILIES
from radpred.image import Grid, Image, Mask
from radpred.roi import Roi

SHAPE = (9, 15, 16)
GRID = Grid(shape=SHAPE, spacing=(2.5, 0.9, 0.8))
# What looks at where voxels lie is measured on the host, in the region's box.
ON_THE_HOST = {"shape", "shape2D", "spatial", "localIntensity"}
ON_THE_DEVICE = tuple(name for name in _FAMILIES if name not in ON_THE_HOST)
TEXTURES = {
    "touching": Texture(),
    "merged": Texture(aggregation="merged"),
    "weighted": Texture(aggregation="euclidean", distances=(1, 2)),
    "slices": Texture(flat_axis=0),
    "slice by slice": Texture(flat_axis=0, slices="averaged", dependence_cutoff=1.0),
    "ordered": Texture(is_symmetric=False),
}
CONVENTIONS = {
    "pyradiomics": Convention(),
    "ibsi": Convention(first_edge="minimum", has_excess_kurtosis=True, is_complete=True),
}


def made(rng, kind=np.float64) -> tuple[Image, Roi]:
    """Return an image that varies slowly, and a region of it after re-segmentation."""
    z, y, x = np.ogrid[:9, :15, :16]
    voxels = 60 * np.sin(x / 3) + 40 * np.cos(y / 4) + 9 * z + rng.normal(0, 12, SHAPE)
    outline = ((z - 4) / 4) ** 2 + ((y - 7) / 6) ** 2 + ((x - 8) / 7) ** 2 <= 1
    voxels = voxels.astype(kind)
    mask = Mask(voxels=outline, grid=GRID)
    region = replace(mask, voxels=outline & (voxels > -40))
    return Image(voxels=voxels, grid=GRID), Roi(region=region, outline=mask)


def on(device, image: Image, roi: Roi) -> tuple[Image, Roi]:
    """Return an image and a region whose voxels lie on a device."""
    image = replace(image, voxels=device.put(image.voxels))
    region, outline = (
        replace(mask, voxels=device.put(mask.voxels)) for mask in (roi.region, roi.outline)
    )
    return image, Roi(region=region, outline=outline)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16])
@pytest.mark.parametrize("texture", TEXTURES)
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_values_of_a_device_are_those_of_the_host(convention, texture, kind, device, rng):
    image, roi = made(rng, kind)
    families = [name for name in _FAMILIES if name != "shape2D"]
    how = {
        "families": families,
        "bin_width": 10.0,
        "bin_count": None,
        "texture": TEXTURES[texture],
        "convention": CONVENTIONS[convention],
    }
    expected = compute_features(image, roi, **how)
    found = compute_features(*on(device, image, roi), **how)
    assert found.reasons == expected.reasons
    assert found.n_grey_levels == expected.n_grey_levels
    assert list(found.values) == list(expected.values)
    np.testing.assert_allclose(
        list(found.values.values()), list(expected.values.values()), rtol=1e-10
    )


def test_a_slice_has_its_shape_on_a_device(device, rng):
    image, roi = made(rng)
    flat = np.zeros(SHAPE, dtype=bool)
    flat[4] = roi.region.voxels[4]
    how = {
        "families": ["shape2D"],
        "bin_width": 10.0,
        "bin_count": None,
        "texture": TEXTURES["slices"],
    }
    roi = Roi.of(replace(roi.region, voxels=flat))
    found = compute_features(*on(device, image, roi), **how)
    assert found.values == compute_features(image, roi, **how).values


@pytest.mark.parametrize("family", ON_THE_DEVICE)
def test_what_comes_from_a_device_is_small(family, device, rng):
    image, roi = made(rng)
    on_card = on(device, image, roi)
    compute_features(*on_card, families=[family], bin_width=10.0, bin_count=None)
    n_voxels = roi.region.n_voxels
    assert max(device.down) <= 8 * n_voxels  # the intensities of the region, sorted
    assert max(device.up, default=0) < n_voxels


def test_voxels_that_are_no_numbers_are_seen_on_a_device(device, rng):
    image, roi = made(rng)
    image.voxels[4, 7, 8] = np.nan
    how = {"families": ["firstorder", "glcm"], "bin_width": 10.0, "bin_count": None}
    found = compute_features(*on(device, image, roi), **how)
    assert set(found.reasons.values()) == {"non_finite_voxels"}


def test_a_mask_on_the_host_follows_its_image_to_the_device(device, rng):
    image, roi = made(rng)
    how = {"families": ["glszm"], "bin_width": 10.0, "bin_count": None}
    found = compute_features(replace(image, voxels=device.put(image.voxels)), roi, **how)
    assert found.values == pytest.approx(compute_features(image, roi, **how).values, rel=1e-10)
