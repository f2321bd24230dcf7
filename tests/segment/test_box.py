"""A box means the same place in every image that shows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.spatial.transform import Rotation

from radpred.errors import RegionError
from radpred.image import Grid
from radpred.segment import box_mask

GRID = Grid(shape=(10, 20, 30), spacing=(2.0, 1.0, 0.5), origin=(-7.0, 3.0, 50.0))


@st.composite
def grids(draw):
    angles = [draw(st.floats(-180, 180)) for _ in range(3)]
    return Grid(
        shape=tuple(draw(st.integers(2, 8)) for _ in range(3)),
        spacing=tuple(draw(st.floats(0.5, 3.0)) for _ in range(3)),
        origin=tuple(draw(st.floats(-50, 50)) for _ in range(3)),
        direction=tuple(Rotation.from_euler("xyz", angles, degrees=True).as_matrix().ravel()),
    )


@given(grid=grids(), half=st.tuples(*[st.floats(1.0, 9.0)] * 3))
def test_the_box_holds_exactly_the_voxels_whose_centres_lie_in_it(grid, half):
    middle = grid.to_world((np.array(grid.shape) - 1) / 2)
    box = (*(middle - half), *(middle + half))
    centres = grid.to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    beyond = np.abs(centres - middle) - half
    expected = (beyond <= 0).all(axis=-1)
    # Of a centre on the box's side rounding decides.
    if expected.sum() >= 2 and (np.abs(beyond) > 1e-9).all():
        assert_array_equal(box_mask(grid, box).voxels, expected)


def test_the_box_is_given_in_x_y_z():
    voxels = np.argwhere(box_mask(GRID, (-7, 3, 50, -6, 5, 58)).voxels)
    assert_array_equal(voxels.min(axis=0), (0, 0, 0))
    assert_array_equal(voxels.max(axis=0), (4, 2, 2))


def test_any_two_opposite_corners_make_the_box():
    one = box_mask(GRID, (-5, 6, 52, 2, 12, 60))
    other = box_mask(GRID, (2, 6, 60, -5, 12, 52))
    assert_array_equal(one.voxels, other.voxels)


def test_a_box_that_reaches_out_of_the_image_is_cut():
    assert box_mask(GRID, (-1e3, -1e3, -1e3, 1e3, 1e3, 1e3)).voxels.all()


@pytest.mark.parametrize("box", [(100, 3, 50, 110, 9, 60), (-7, 3, -60, 0, 9, -50)])
def test_a_box_outside_the_image_is_refused_with_the_extent_of_the_image(box):
    with pytest.raises(RegionError, match=r"spans x -7 to 7\.5, y 3 to 22, z 50 to 68") as caught:
        box_mask(GRID, box)
    assert caught.value.code == "box_outside_image"
    assert "LPS" in str(caught.value).rpartition("; ")[2]


@pytest.mark.parametrize(
    "box",
    [(-5.1, 5.9, 53.9, -4.9, 6.1, 54.1), (-5.2, 6.4, 53, -5.1, 6.5, 53.2), (0, 5, 55, 0, 9, 60)],
)
def test_a_box_of_one_voxel_or_none_is_refused(box):
    with pytest.raises(RegionError) as caught:
        box_mask(GRID, box)
    assert caught.value.code == "box_too_small"


@pytest.mark.parametrize("box", [(0, 0, 0, 1, 1), (0, 0, 0, 1, np.nan, 1)])
def test_a_box_of_other_than_six_numbers_is_refused(box):
    with pytest.raises(RegionError, match="six numbers") as caught:
        box_mask(GRID, box)
    assert caught.value.code == "bad_box"


def test_a_box_in_one_slice_is_allowed():
    flat = replace(GRID, shape=(1, 20, 30))
    assert box_mask(flat, (-5, 6, 49, 2, 12, 51)).n_voxels == 15 * 7
