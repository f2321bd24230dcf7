"""Where voxels are no numbers, and what stands in for them."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.image import Grid, Image, Mask
from radpred.preprocess import find_non_finite, without
from radpred.preprocess.non_finite import bridged

GRID = Grid(shape=(4, 5, 6))


@pytest.fixture
def region():
    voxels = np.zeros(GRID.shape, dtype=bool)
    voxels[1:3, 1:4, 2:6] = True
    return Mask(voxels=voxels, grid=GRID)


def test_places_are_those_inside_the_region_as_indices_of_the_image(region):
    voxels = np.zeros(GRID.shape)
    voxels[2, 3, 5], voxels[1, 1, 2], voxels[0, 0, 0] = np.nan, -np.inf, np.inf
    found = find_non_finite(Image(voxels=voxels, grid=GRID), region)
    assert found.tolist() == [[1, 1, 2], [2, 3, 5]]


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.float32])
def test_an_image_of_numbers_has_no_such_place(region, dtype):
    image = Image(voxels=np.zeros(GRID.shape, dtype=dtype), grid=GRID)
    assert find_non_finite(image, region).shape == (0, 3)


def test_a_region_without_places_is_not_copied(region):
    assert without(region, np.empty((0, 3), dtype=int)) is region


def test_a_region_without_them_says_how_many_and_leaves_the_one_that_came(region):
    found = without(region, np.array([[1, 1, 2], [2, 3, 5]]))
    assert (found.n_voxels, region.n_voxels) == (22, 24)
    assert found.steps == ("2 voxels that are not finite were left out",)


def test_the_nearest_in_mm_stands_in(rng):
    voxels = rng.normal(size=(3, 3, 3))
    voxels[1, 1, 1] = np.nan
    for axis in range(3):
        spacing = [2.0, 2.0, 2.0]
        spacing[axis] = 0.5
        found, gaps = bridged(voxels, spacing=tuple(spacing))
        near = [np.take(voxels, side, axis=axis)[1, 1] for side in (0, 2)]
        assert found[1, 1, 1] in near
        assert np.argwhere(gaps).tolist() == [[1, 1, 1]]
