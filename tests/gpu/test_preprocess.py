"""Every step from the scan to grey levels gives on a device what it gives on the host."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fake_cupy import FakeDevice

from radpred.backends import is_cupy
from radpred.image import Grid, Image, Mask
from radpred.preprocess import (
    Interpolation,
    crop,
    discretise,
    find_non_finite,
    normalise,
    resample,
    resegment,
    without,
)

SHAPE = (9, 21, 24)
GRID = Grid(shape=SHAPE, spacing=(2.5, 0.7, 0.7), origin=(-31.7, 8.2, 900.1))
NUMBER = 8  # bytes: one may be asked for, an array of voxels not


def scan(rng, kind=np.float64) -> Image:
    """Return an image of noise, with negative intensities."""
    return Image(voxels=rng.normal(0, 400, SHAPE).astype(kind), grid=GRID)


def region() -> Mask:
    """Return an ellipsoid."""
    z, y, x = np.ogrid[:9, :21, :24]
    inside = ((z - 4) / 3) ** 2 + ((y - 10) / 7) ** 2 + ((x - 12) / 8) ** 2 <= 1
    return Mask(voxels=inside, grid=GRID)


def on(device: FakeDevice, given):
    """Return an image or a mask whose voxels lie on a device."""
    return replace(given, voxels=device.put(given.voxels))


def assert_same(found, expected):
    """Assert that an image or a mask on a device is that on the host, to the last bit."""
    assert is_cupy(found.voxels)
    assert (found.grid, found.steps) == (expected.grid, expected.steps)
    assert found.voxels.dtype == expected.voxels.dtype
    np.testing.assert_array_equal(found.voxels.get(), expected.voxels)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16])
@pytest.mark.parametrize("integers", ["cut", "rounded"])
@pytest.mark.parametrize("mask", ["nearest", "linear"])
@pytest.mark.parametrize("image", ["bspline", "linear", "nearest"])
def test_a_device_resamples_to_the_bits_of_the_host(image, mask, integers, kind, device, rng):
    given, drawn = scan(rng, kind), region()
    how = {
        "spacing_mm": (1.0, 1.0, 1.0),
        "interpolation": Interpolation(image=image, mask=mask, integers=integers),
    }
    expected = resample(given, drawn, **how)
    found = resample(on(device, given), on(device, drawn), **how)
    assert_same(found[0], expected[0])
    assert_same(found[1], expected[1])


def test_resampling_fetches_no_voxel(device, rng):
    resample(on(device, scan(rng, np.int16)), on(device, region()), spacing_mm=(1.0, 1.0, 1.0))
    assert max(device.down, default=0) <= NUMBER


def test_a_device_resamples_on_a_grid_that_shares_the_centre(device, rng):
    given, drawn = scan(rng), region()
    how = {"spacing_mm": (2.0, 2.0, 2.0), "shared": "centre", "padding_voxels": None}
    found = resample(on(device, given), on(device, drawn), **how)
    for each, other in zip(found, resample(given, drawn, **how), strict=True):
        assert_same(each, other)


def test_a_device_bridges_voxels_that_are_no_numbers(device, rng):
    given, drawn = scan(rng), region()
    given.voxels[4, 10, 11:13] = np.nan
    how = {"spacing_mm": (1.0, 1.0, 1.0), "interpolation": Interpolation(bridges_gaps=True)}
    found = resample(on(device, given), on(device, drawn), **how)
    for each, other in zip(found, resample(given, drawn, **how), strict=True):
        assert_same(each, other)


def test_a_mask_on_the_host_follows_its_image_to_the_device(device, rng):
    given, drawn = scan(rng), region()
    found = resample(on(device, given), drawn, spacing_mm=(1.0, 1.0, 1.0))
    assert_same(found[1], resample(given, drawn, spacing_mm=(1.0, 1.0, 1.0))[1])


def test_a_device_normalises_as_the_host(device, rng):
    given = scan(rng, np.float32)
    given.voxels[0, 0, 0] = np.nan
    found = normalise(on(device, given), limit_sd=2.0)
    expected = normalise(given, limit_sd=2.0)
    assert found.steps == expected.steps
    np.testing.assert_allclose(found.voxels.get(), expected.voxels, rtol=1e-12)
    assert max(device.down[:-1], default=0) <= NUMBER


@pytest.mark.parametrize("mode", ["absolute", "relative", "sigma"])
@pytest.mark.parametrize("is_on_device", [True, False])
def test_a_device_resegments_as_the_host(mode, is_on_device, device, rng):
    given, drawn = scan(rng), region()
    how = {"limits": (-0.5, 0.9), "mode": mode}
    mask = on(device, drawn) if is_on_device else drawn
    found = resegment(on(device, given), mask, **how)
    assert_same(found, resegment(given, drawn, **how))


def test_a_device_crops_as_the_host(device, rng):
    given, drawn = scan(rng), region()
    found = crop(on(device, given), on(device, drawn), margin=2)
    for each, other in zip(found, crop(given, drawn, margin=2), strict=True):
        assert_same(each, other)


def test_voxels_that_are_no_numbers_are_found_on_a_device(device, rng):
    given, drawn = scan(rng), region()
    given.voxels[4, 10, 12] = given.voxels[5, 9, 12] = np.inf
    places = find_non_finite(on(device, given), drawn)
    assert places.tolist() == [[4, 10, 12], [5, 9, 12]]
    assert_same(without(on(device, drawn), places), without(drawn, places))


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16])
@pytest.mark.parametrize(
    "bins", [{"bin_width": 25}, {"bin_count": 16}, {"bin_width": 25, "first_edge": -400.0}]
)
def test_a_device_makes_the_grey_levels_of_the_host(bins, kind, device, rng):
    intensities = rng.normal(0, 400, 500).astype(kind)
    found = discretise(device.put(intensities), **bins)
    assert max(device.down) <= NUMBER
    np.testing.assert_array_equal(found.get(), discretise(intensities, **bins))


def test_intensities_of_one_value_have_one_grey_level_on_a_device(device):
    found = discretise(device.put(np.full(5, 1e16)), bin_count=8)
    assert found.get().tolist() == [1] * 5
