"""Filters of one voxel at a time have PyRadiomics' bits, and one voxel spoils no other."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

from radpred.backends import to_host
from radpred.filters import exponential, largest_magnitude, logarithm, square, square_root
from tests.filters.oracle import by_pyradiomics, made

FILTERS = {
    "Square": square,
    "SquareRoot": square_root,
    "Logarithm": logarithm,
    "Exponential": exponential,
}
BOX = (slice(2, 5), slice(0, 12), slice(4, 5))
every_filter = pytest.mark.parametrize("image_type", FILTERS)


@every_filter
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_the_response_has_the_bits_of_pyradiomics(rng, image_type, dtype):
    lowest = 0 if dtype == np.uint8 else -1000
    voxels = rng.normal(-20, 90, (9, 12, 13)).clip(lowest, 250).astype(dtype)
    (expected,) = by_pyradiomics(image_type, voxels).items()
    found = FILTERS[image_type](made(voxels))
    assert found.name == expected[0]
    np.testing.assert_array_equal(found.voxels, expected[1])


@every_filter
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, image_type):
    image = made(rng.normal(0, 100, (9, 12, 13)))
    whole = FILTERS[image_type](image).voxels
    found = FILTERS[image_type](image, box=BOX)
    np.testing.assert_array_equal(found.voxels, whole[BOX])
    assert found.grid == image.grid.cropped(BOX)


@every_filter
def test_a_largest_magnitude_that_is_known_is_not_looked_for(rng, image_type):
    voxels = rng.normal(0, 100, (5, 6, 7))
    known = FILTERS[image_type](made(voxels[:2]), largest=float(np.abs(voxels).max())).voxels
    np.testing.assert_array_equal(known, FILTERS[image_type](made(voxels)).voxels[:2])


@every_filter
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_voxel_that_is_not_finite_has_no_response_and_changes_no_other(rng, image_type, bad):
    voxels = rng.normal(0, 100, (4, 5, 6))
    whole = FILTERS[image_type](made(voxels), largest=500.0).voxels
    largest = np.abs(np.delete(voxels.ravel(), 0)).max()
    voxels[0, 0, 0] = bad
    assert largest_magnitude(made(voxels)) == largest
    found = FILTERS[image_type](made(voxels), largest=500.0).voxels
    assert np.isnan(found[0, 0, 0])
    np.testing.assert_array_equal(found.ravel()[1:], whole.ravel()[1:])


@every_filter
def test_an_image_of_zeros_is_what_each_formula_makes_of_0(image_type):
    found = FILTERS[image_type](made(np.zeros((2, 3, 4), dtype=np.int16))).voxels
    assert np.unique(found).tolist() == [1.0 if image_type == "Exponential" else 0.0]


@every_filter
def test_the_largest_magnitude_stays_itself(rng, image_type):
    voxels = np.abs(rng.normal(0, 100, (4, 5, 6)))
    found = FILTERS[image_type](made(voxels)).voxels
    assert found.max() == pytest.approx(voxels.max(), rel=1e-12)


def test_the_lowest_whole_number_of_a_type_has_a_magnitude():
    assert largest_magnitude(made(np.full((1, 1, 2), -128, dtype=np.int8))) == 128


def test_without_a_finite_voxel_the_largest_magnitude_is_0():
    assert largest_magnitude(made(np.full((1, 2, 2), np.nan))) == 0


@every_filter
def test_an_array_of_another_library_stays_in_it(rng, image_type):
    voxels = rng.integers(-900, 300, (4, 5, 6), dtype=np.int16)
    found = FILTERS[image_type](made(array_api_strict.asarray(voxels))).voxels
    assert isinstance(found, type(array_api_strict.zeros(1)))
    expected = FILTERS[image_type](made(voxels)).voxels
    np.testing.assert_allclose(to_host(found), expected, rtol=1e-14)
