"""Closed contours become the voxels whose centres they enclose."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.spatial.transform import Rotation
from skimage.measure import points_in_poly
from structure_files import box, circle

from radpred.errors import GeometryError, InputError, RadpredWarning, RegionError
from radpred.image import Grid
from radpred.io.dicom.drawings import contours as contours_module
from radpred.io.dicom.drawings.contours import rasterised

FLAT = Grid(shape=(1, 60, 60), spacing=(3.0, 1.0, 1.0), origin=(-29.5, -29.5, 0.0))
ANNULUS_MM2 = np.pi * (20.0**2 - 10.0**2)
TILTED = Rotation.from_euler("x", 20, degrees=True).as_matrix()


def keyhole(outer, inner):
    """Return two rings as one line: along the outer, in, along the inner, and out again."""
    return np.concatenate([outer, outer[:1], inner, inner[:1]])


RINGS = {
    "two contours": [circle(20), circle(10)],
    "turning the other way": [circle(20), circle(10, backwards=True)],
    "a keyhole": [keyhole(circle(20), circle(10, backwards=True))],
}


@pytest.mark.parametrize("contours", RINGS.values(), ids=RINGS)
def test_a_ring_keeps_its_hole(contours):
    area = rasterised(contours, FLAT).n_voxels
    assert area == pytest.approx(ANNULUS_MM2, rel=0.02)


def test_a_ring_within_the_hole_of_a_ring_is_filled():
    area = rasterised([circle(25), circle(15), circle(8)], FLAT).n_voxels
    assert area == pytest.approx(np.pi * (25**2 - 15**2 + 8**2), rel=0.02)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 12))
def test_any_polygon_encloses_what_a_test_of_each_point_says(seed, n):
    rng = np.random.default_rng(seed)
    corners = np.column_stack([rng.uniform(-40, 40, (n, 2)), np.zeros(n)])
    centres = FLAT.to_world(np.moveaxis(np.indices(FLAT.shape), 0, -1).reshape(-1, 3))
    expected = points_in_poly(centres[:, :2], corners[:, :2])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RadpredWarning)
            found = rasterised([corners], FLAT).voxels.ravel()
    except InputError:
        found = np.zeros(expected.size, dtype=bool)
    assert_array_equal(found, expected)


def test_squares_side_by_side_share_no_voxel_and_leave_none_out():
    grid = Grid(shape=(1, 20, 20))
    parts = [box((x, y), (x + 4, y + 4)) for x in (2, 6, 10) for y in (2, 6)]
    counted = sum(rasterised([part], grid).voxels.astype(int) for part in parts)
    assert_array_equal(counted[0, 2:10, 2:14], 1)
    assert counted.sum() == 8 * 12


def test_a_contour_that_crosses_the_border_is_cut_off_there():
    grid = Grid(shape=(1, 20, 20))
    with pytest.warns(RadpredWarning, match="5.5 voxels beyond the image"):
        mask = rasterised([box((-6, 3), (7.2, 9.2))], grid)
    expected = np.zeros(grid.shape, dtype=bool)
    expected[0, 3:10, :8] = True
    assert_array_equal(mask.voxels, expected)


def test_a_contour_around_the_whole_image_fills_it():
    grid = Grid(shape=(2, 6, 5))
    with pytest.warns(RadpredWarning, match="cut off"):
        mask = rasterised([box((-50, -50), (50, 50), z) for z in (0, 1)], grid)
    assert mask.voxels.all()


def test_a_contour_beside_the_image_is_refused():
    with pytest.raises(GeometryError, match=r"x 100 to 110.*none inside") as caught:
        rasterised([box((100, 0), (110, 9))], Grid(shape=(1, 20, 20)))
    assert caught.value.code == "mask_outside_image"


def test_a_contour_between_voxel_centres_is_refused():
    with pytest.raises(RegionError, match="no voxel centre") as caught:
        rasterised([box((2.1, 2.1), (2.9, 2.9))], Grid(shape=(1, 9, 9)))
    assert caught.value.code == "mask_vanished"


def test_a_repeated_contour_counts_once():
    mask = rasterised(
        [circle(10), circle(10, backwards=True), np.roll(circle(10), 7, axis=0)], FLAT
    )
    assert mask.n_voxels == rasterised([circle(10)], FLAT).n_voxels
    assert mask.steps == ("2 contour(s) that repeat another counted once",)


def squares(heights):
    return [box((2, 2), (8, 8), z) for z in heights]


def test_planes_on_the_slices_fill_these():
    mask = rasterised(squares([3, 6]), Grid(shape=(5, 10, 10), spacing=(3, 1, 1)))
    assert mask.voxels.any(axis=(1, 2)).tolist() == [False, True, True, False, False]
    assert mask.steps == ()


def test_a_plane_reaches_half_way_to_the_next():
    grid = Grid(shape=(20, 10, 10), origin=(0, 0, 0.25))
    mask = rasterised(squares([4, 8]), grid)
    assert np.flatnonzero(mask.voxels.any(axis=(1, 2))).tolist() == [2, 3, 4, 5, 6, 7, 8, 9]
    assert "4 mm apart and slices 1 mm" in mask.steps[0]


def test_one_plane_alone_fills_the_slice_it_lies_in():
    mask = rasterised(squares([7.3]), Grid(shape=(5, 10, 10), spacing=(3, 1, 1)))
    assert np.flatnonzero(mask.voxels.any(axis=(1, 2))).tolist() == [2]


def test_a_plane_that_was_left_out_stays_empty_and_is_noted():
    mask = rasterised(squares([3, 6, 9, 15]), Grid(shape=(8, 10, 10), spacing=(3, 1, 1)))
    assert np.flatnonzero(mask.voxels.any(axis=(1, 2))).tolist() == [1, 2, 3, 5]
    assert mask.steps == ("no contour on 1 plane(s) between the first and the last: left empty",)


def test_two_far_planes_do_not_fill_what_lies_between():
    mask = rasterised(squares([3, 63]), Grid(shape=(30, 10, 10), spacing=(3, 1, 1)))
    assert np.flatnonzero(mask.voxels.any(axis=(1, 2))).tolist() == [0, 1, 2, 20, 21, 22]


def test_contours_of_one_plane_may_differ_by_the_rounding_of_their_height():
    mask = rasterised([circle(20, centre=(0, 0, 0.02)), circle(10, centre=(0, 0, -0.02))], FLAT)
    assert mask.n_voxels == pytest.approx(ANNULUS_MM2, rel=0.02)


@pytest.mark.parametrize("across", [0, 1, 2])
def test_contours_may_lie_across_any_axis_of_the_image(across):
    shape = [30, 30, 30]
    shape[across] = 7
    spacing = np.ones(3)
    spacing[across] = 4.0
    grid = Grid(shape=tuple(shape), spacing=tuple(spacing))
    order = [across, *(axis for axis in range(3) if axis != across)]
    corners = np.zeros((4, 3))
    corners[:, order] = [[2, 3, 4], [2, 3, 20], [2, 12, 20], [2, 12, 4]]
    mask = rasterised([grid.to_world(corners)], grid)
    expected = np.zeros(grid.shape, dtype=bool)
    np.moveaxis(expected, across, 0)[2, 3:12, 4:20] = True
    assert_array_equal(mask.voxels, expected)


@pytest.mark.parametrize("degrees", [1, 5, 20, 45, 70])
@pytest.mark.parametrize("spacing", [0.7, 1.0, 1.3])
def test_planes_at_an_angle_to_the_slices_keep_volume_and_place(degrees, spacing):
    turn = Rotation.from_euler("xyz", [degrees, degrees / 3, 11], degrees=True).as_matrix()
    contours = [circle(15, centre=(0, 0, z)) @ turn.T for z in 3.0 * np.arange(6)]
    n = int(80 / spacing)
    grid = Grid(shape=(n, n, n), spacing=(spacing,) * 3, origin=(-40.2, -39.9, -36.1))
    mask = rasterised(contours, grid)
    centroid = grid.to_world(np.argwhere(mask.voxels).mean(axis=0))
    assert mask.volume_mm3 == pytest.approx(np.pi * 15**2 * 18, rel=0.02)
    assert np.abs(centroid - turn @ [0, 0, 7.5]).max() < 0.2
    assert "degrees from the slices" in mask.steps[0]


def test_a_hole_stays_where_planes_lie_at_an_angle():
    contours = [
        circle(r, centre=(0, 0, z)) @ TILTED.T for z in 3.0 * np.arange(6) for r in (20, 10)
    ]
    grid = Grid(shape=(60, 60, 60), origin=(-29.7, -29.4, -25.2))
    mask = rasterised(contours, grid)
    assert mask.volume_mm3 == pytest.approx(ANNULUS_MM2 * 18, rel=0.02)


def test_contours_along_two_directions_are_refused():
    contours = [circle(9, centre=(0, 0, 3)), circle(9, centre=(0, 0, 3)) @ TILTED.T]
    with pytest.raises(InputError, match="draw them along one direction") as caught:
        rasterised(contours, Grid(shape=(30, 30, 30), origin=(-15, -15, -15)))
    assert caught.value.code == "contours_not_parallel"


def test_edges_taken_some_at_a_time_give_what_all_at_once_give(monkeypatch, rng):
    corners = np.column_stack([rng.uniform(-28, 28, (400, 2)), np.zeros(400)])
    expected = rasterised([corners], FLAT).voxels
    monkeypatch.setattr(contours_module, "MOST_CROSSINGS", 50)
    assert_array_equal(rasterised([corners], FLAT).voxels, expected)


def thickness(contours, slice_mm, first_mm):
    """Return how many slices contours fill that begin at a height."""
    grid = Grid(shape=(30, 12, 12), spacing=(slice_mm, 1, 1), origin=(-5.5, -5.5, first_mm))
    return int(rasterised(contours, grid).voxels.any(axis=(1, 2)).sum())


@pytest.mark.parametrize(("slice_mm", "numbers"), [(1.3, {13, 14}), (3.0, {6}), (2.0, {9})])
def test_slices_count_whole_and_make_the_thickness_of_contours_on_average(slice_mm, numbers):
    planes = [circle(4, centre=(0, 0, z)) for z in (-7.5, -4.5, -1.5, 1.5, 4.5, 7.5)]
    starts = -19.0 + np.arange(0.0, slice_mm - 0.05, 0.1)
    found = [thickness(planes, slice_mm, first_mm) for first_mm in starts]
    assert set(found) == numbers
    assert np.mean(found) * slice_mm == pytest.approx(18.0)
