"""The smallest box around a region."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.errors import GeometryError, RegionError
from radpred.image import Grid, Image, Mask, bounding_box
from radpred.preprocess import crop

GRID = Grid(
    shape=(6, 7, 8),
    spacing=(2.0, 0.5, 1.0),
    origin=(10.0, -20.0, 30.0),
    direction=(0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0),
)


@pytest.fixture
def image(rng):
    return Image(voxels=rng.normal(size=GRID.shape), grid=GRID)


@pytest.fixture
def mask():
    voxels = np.zeros(GRID.shape, dtype=bool)
    voxels[1, 2, 5] = voxels[3, 4, 6] = True
    return Mask(voxels=voxels, grid=GRID)


def test_the_box_is_the_smallest_around_the_region(mask):
    assert bounding_box(mask.voxels) == (slice(1, 4), slice(2, 5), slice(5, 7))


def test_a_margin_ends_at_the_array(mask):
    assert bounding_box(mask.voxels, margin=2) == (slice(0, 6), slice(0, 7), slice(3, 8))


def test_an_empty_region_has_no_box():
    assert bounding_box(np.zeros((2, 3, 4), dtype=bool)) is None


def test_cropping_keeps_every_voxel_where_it_was(image, mask):
    small, region = crop(image, mask)
    assert small.grid.shape == (3, 3, 2)
    assert region.n_voxels == 2
    assert_array_equal(small.voxels, image.voxels[1:4, 2:5, 5:7])
    assert_allclose(small.grid.to_world([0, 0, 0]), GRID.to_world([1, 2, 5]))


def test_cropping_to_nothing_is_refused(image):
    nothing = Mask(voxels=np.zeros(GRID.shape, dtype=bool), grid=GRID)
    with pytest.raises(RegionError, match="no voxel") as refusal:
        crop(image, nothing)
    assert refusal.value.code == "empty"


def test_a_mask_on_another_grid_is_refused(image):
    other = Mask(voxels=np.ones((6, 7, 8), dtype=bool), grid=Grid(shape=(6, 7, 8)))
    with pytest.raises(GeometryError, match="resample the mask"):
        crop(image, other)
