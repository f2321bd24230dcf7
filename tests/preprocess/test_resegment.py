"""Resegmenting keeps the voxels of a region whose intensity lies in a range."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

from radpred.backends import to_host
from radpred.errors import GeometryError
from radpred.image import Grid, Image, Mask
from radpred.preprocess import resegment

GRID = Grid(shape=(1, 2, 5))
IMAGE = Image(voxels=np.array([[[0, 1, 2, 3, 4], [5, 6, 7, 8, 90]]]), grid=GRID)
UPPER = np.array([[[False] * 5, [True] * 5]])
ALL = Mask(voxels=np.ones(GRID.shape, dtype=bool), grid=GRID)


def kept(image=IMAGE, mask=ALL, **options):
    return sorted(image.voxels[resegment(image, mask, **options).voxels].tolist())


def test_both_ends_of_the_range_are_kept():
    assert kept(limits=(2, 5)) == [2, 3, 4, 5]


def test_one_limit_is_the_lowest():
    assert kept(limits=(7,)) == [7, 8, 90]


def test_limits_are_sorted():
    assert kept(limits=(5, 2)) == [2, 3, 4, 5]


def test_relative_limits_are_parts_of_the_highest_intensity_in_the_region():
    mask = Mask(voxels=~UPPER, grid=GRID)
    assert kept(mask=mask, limits=(0.5, 0.75), mode="relative") == [2, 3]


def test_limits_in_sigma_count_population_standard_deviations_from_the_region_s_mean():
    mask = Mask(voxels=~UPPER, grid=GRID)  # mean 2, standard deviation sqrt 2
    assert kept(mask=mask, limits=(-1, 1), mode="sigma") == [1, 2, 3]


def test_a_region_never_grows_and_stays_empty_if_it_was():
    nothing = Mask(voxels=np.zeros(GRID.shape, dtype=bool), grid=GRID)
    assert kept(mask=nothing, limits=(0, 100), mode="relative") == []


def test_a_mask_on_another_grid_is_refused():
    other = Mask(voxels=ALL.voxels, grid=Grid(shape=GRID.shape, spacing=(2.0, 1.0, 1.0)))
    with pytest.raises(GeometryError, match="resample the mask"):
        resegment(IMAGE, other, limits=(0,))


@pytest.mark.parametrize("mode", ["absolute", "relative", "sigma"])
def test_an_array_of_another_library_stays_in_it(mode):
    image = Image(voxels=array_api_strict.asarray(IMAGE.voxels.astype(float)), grid=GRID)
    mask = Mask(voxels=array_api_strict.asarray(ALL.voxels), grid=GRID)
    found = resegment(image, mask, limits=(-0.2, 0.5), mode=mode).voxels
    expected = resegment(IMAGE, ALL, limits=(-0.2, 0.5), mode=mode).voxels
    np.testing.assert_array_equal(to_host(found), expected)
