"""Normalising brings the whole image to mean 0 and a given standard deviation."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest
import SimpleITK as sitk

from radpred.backends import to_host
from radpred.errors import InputError
from radpred.image import Grid, Image
from radpred.preprocess import normalise


def made(voxels):
    return Image(voxels=voxels, grid=Grid(shape=tuple(voxels.shape)))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_values_are_those_of_simpleitk(rng, dtype):
    voxels = rng.normal(100, 20, (6, 7, 8)).astype(dtype)
    expected = sitk.GetArrayFromImage(sitk.Normalize(sitk.GetImageFromArray(voxels)) * 100)
    found = normalise(made(voxels), scale=100)
    assert found.voxels.dtype == expected.dtype == np.float64
    np.testing.assert_allclose(found.voxels, expected, rtol=0, atol=1e-11)


def test_an_image_in_another_unit_is_the_same_afterwards(rng):
    voxels = rng.normal(size=(5, 6, 7))
    found = normalise(made(voxels * 40 + 1000)).voxels
    np.testing.assert_allclose(found, normalise(made(voxels)).voxels, rtol=0, atol=1e-11)


def test_voxels_beyond_the_limit_are_set_to_it_before_the_scale(rng):
    found = normalise(made(rng.normal(size=(9, 9, 9))), scale=10, limit_sd=1.5).voxels
    assert found.max() == 15.0
    assert found.min() == -15.0


def test_voxels_that_are_not_finite_are_left_out_and_named(rng):
    voxels = rng.normal(size=(5, 5, 5))
    expected = normalise(made(voxels[1:])).voxels
    voxels[0] = np.nan
    found = normalise(made(voxels))
    np.testing.assert_allclose(found.voxels[1:], expected)
    assert np.isnan(found.voxels[0]).all()
    assert "25 voxels that are not finite" in found.steps[-1]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_limit_makes_no_number_of_a_voxel_that_is_none(rng, value):
    voxels = rng.normal(size=(5, 5, 5))
    voxels[0, 0, 0] = value
    found = normalise(made(voxels), limit_sd=2.0).voxels
    assert not np.isfinite(found[0, 0, 0])
    assert np.isfinite(found).sum() == 124


def test_a_flat_image_is_refused():
    with pytest.raises(InputError, match="all voxels have one value") as caught:
        normalise(made(np.full((3, 3, 3), 7)))
    assert caught.value.code == "flat_image"


def test_an_array_of_another_library_stays_in_it(rng):
    voxels = rng.normal(5, 2, (4, 5, 6))
    found = normalise(made(array_api_strict.asarray(voxels)), limit_sd=2.0).voxels
    assert isinstance(found, type(array_api_strict.zeros(1)))
    np.testing.assert_allclose(to_host(found), normalise(made(voxels), limit_sd=2.0).voxels)


def test_the_image_that_came_is_not_changed(rng):
    voxels = rng.normal(5, 2, (4, 5, 6))
    before = voxels.copy()
    normalise(made(voxels), scale=3, limit_sd=1)
    np.testing.assert_array_equal(voxels, before)
