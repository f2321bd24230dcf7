"""Cuts show a region where it lies, the right way up, in one scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.datasets.phantom import cuboid
from radpred.image import Grid, Image, Mask
from radpred.report.check.planes import cuts, lies_beside

N = 100  # pixels of a view
GRID = Grid(shape=(20, 40, 60), spacing=(3.0, 1.0, 1.0), origin=(-30.0, -20.0, 5.0))


def scan(grid=GRID):
    """Return a scan of which each voxel holds its own number."""
    return Image(voxels=np.arange(np.prod(grid.shape)).reshape(grid.shape), grid=grid)


def block(start, stop, grid=GRID):
    return replace(cuboid(grid.shape, start=start, stop=stop), grid=grid)


def moved(mask, **by):
    """Return a mask at another place: millimetres to the left, to the back and up."""
    x, y, z = mask.grid.origin
    origin = (x + by.get("x", 0), y + by.get("y", 0), z + by.get("z", 0))
    return replace(mask, grid=replace(mask.grid, origin=origin))


def share(cut):
    """Return how much of a view the first region fills, in rows and in columns."""
    inside = cut.regions[0]
    return inside.any(axis=1).mean(), inside.any(axis=0).mean()


def test_there_are_three_cuts_through_the_region():
    found = cuts(scan(), [block((8, 10, 20), (12, 20, 32))], n_view=N)
    assert [cut.name for cut in found] == ["axial", "coronal", "sagittal"]
    assert all(cut.regions[0].any() for cut in found)


def test_all_cuts_have_one_scale():
    mask = block((8, 10, 20), (12, 20, 32))  # 12 mm high, 10 mm deep, 12 mm wide
    axial, coronal, sagittal = (share(cut) for cut in cuts(scan(), [mask], n_view=N))
    assert axial[1] == pytest.approx(coronal[1], abs=0.011)
    assert coronal[0] == pytest.approx(sagittal[0], abs=0.011)
    assert axial[0] == pytest.approx(sagittal[1], abs=0.011)
    assert axial[1] / axial[0] == pytest.approx(12 / 10, abs=0.1)


def test_left_is_right_posterior_is_down_and_superior_is_up():
    axial, coronal, sagittal = cuts(scan(), [], n_view=N)
    assert_array_equal(axial.pixels, scan().voxels[whole_index(0)])
    assert_array_equal(coronal.pixels, scan().voxels[::-1, whole_index(1)])
    assert_array_equal(sagittal.pixels, scan().voxels[::-1, :, whole_index(2)])


def whole_index(axis):
    """Return the slice in the middle of the scan."""
    return round((GRID.shape[axis] - 1) / 2)


@pytest.mark.parametrize("turn", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_cuts_do_not_depend_on_how_voxels_are_stored(turn):
    image, mask = scan(), block((8, 10, 20), (12, 20, 32))
    directions = np.reshape(GRID.direction, (3, 3))[:, ::-1][:, list(turn)][:, ::-1]
    grid = replace(
        GRID,
        shape=tuple(GRID.shape[t] for t in turn),
        spacing=tuple(GRID.spacing[t] for t in turn),
        direction=tuple(directions.ravel().tolist()),
    )
    stored = Image(voxels=image.voxels.transpose(turn), grid=grid)
    inside = Mask(voxels=mask.voxels.transpose(turn), grid=grid)
    for one, other in zip(
        cuts(image, [mask], n_view=N), cuts(stored, [inside], n_view=N), strict=True
    ):
        assert_array_equal(one.pixels, other.pixels)
        assert_array_equal(one.regions[0], other.regions[0])
        assert_allclose(one.frame, other.frame)


def test_a_mask_on_another_grid_is_drawn_where_it_lies():
    mask = block((8, 10, 20), (12, 20, 32))
    part = Grid(shape=(4, 10, 12), spacing=GRID.spacing, origin=(-10.0, -10.0, 29.0))
    cropped = Mask(voxels=np.ones(part.shape, dtype=bool), grid=part)
    for one, other in zip(
        cuts(scan(), [mask], n_view=N), cuts(scan(), [cropped], n_view=N), strict=True
    ):
        assert_array_equal(one.regions[0], other.regions[0])


def test_a_shifted_mask_is_drawn_shifted_against_the_scan():
    here = block((8, 10, 20), (12, 20, 32))
    there = moved(here, x=15.0)
    axial = cuts(scan(), [here, there], n_view=N)[0]
    columns = [np.flatnonzero(inside.any(axis=0)).mean() for inside in axial.regions]
    pixel_mm = 12 / np.flatnonzero(axial.regions[0].any(axis=0)).size
    assert (columns[1] - columns[0]) * pixel_mm == pytest.approx(15, abs=2)


def test_a_mask_beside_the_scan_is_shown_together_with_the_scan():
    far = moved(block((8, 10, 20), (12, 20, 32)), x=200.0)
    assert lies_beside(scan(), far)
    coronal = cuts(scan(), [far], n_view=N)[1]
    top, left, bottom, right = coronal.frame
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    assert np.flatnonzero(coronal.regions[0].any(axis=0)).min() / N > right


def test_a_cut_beside_the_scan_has_no_pixels():
    high = moved(block((8, 10, 20), (12, 20, 32)), z=500.0)
    assert cuts(scan(), [high], n_view=N)[0].pixels.size == 0


def test_a_mask_on_the_scan_does_not_lie_beside_it():
    assert not lies_beside(scan(), block((0, 0, 0), (1, 1, 1)))


def test_an_empty_mask_is_no_reason_not_to_show_the_scan():
    empty = replace(block((8, 10, 20), (12, 20, 32)), voxels=np.zeros(GRID.shape, dtype=bool))
    found = cuts(scan(), [empty], n_view=N)
    assert [cut.pixels.shape for cut in found] == [(40, 60), (20, 60), (20, 40)]
    assert not lies_beside(scan(), empty)


def test_every_cut_meets_a_region_that_is_hollow_in_its_middle():
    voxels = block((4, 5, 10), (16, 35, 50)).voxels & ~block((6, 10, 15), (14, 30, 45)).voxels
    assert all(
        cut.regions[0].any() for cut in cuts(scan(), [Mask(voxels=voxels, grid=GRID)], n_view=N)
    )


def test_an_image_of_one_slice_gives_one_cut():
    grid = Grid(shape=(1, 40, 60))
    found = cuts(scan(grid), [block((0, 10, 20), (1, 20, 32), grid)], n_view=N)
    assert [cut.name for cut in found] == ["axial"]


def test_a_picture_without_a_place_is_shown_as_it_is_stored():
    grid = Grid(shape=(1, 40, 60), is_placed=False)
    (only,) = cuts(scan(grid), [], n_view=N)
    assert only.name == ""
    assert_array_equal(only.pixels, scan(grid).voxels[0])
