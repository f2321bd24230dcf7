"""A mask on its image's grid: accepted, moved, resampled or refused, by physical position."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.transform import Rotation

from radpred.datasets.phantom import cuboid, sphere
from radpred.errors import GeometryError, RadpredWarning, RegionError
from radpred.image import AxisOrder, Grid, Mask
from radpred.io import place_on

P0 = cuboid((20, 24, 28), start=(6, 7, 8), stop=(14, 16, 19))
CT = Grid(shape=(80, 80, 80), spacing=(1.0, 1.0, 1.0), origin=(-40.0, -40.0, -40.0))


def moved(mask, *, by):
    """Return the mask with its header shifted along x, y, z."""
    origin = tuple(o + b for o, b in zip(mask.grid.origin, by, strict=True))
    return replace(mask, grid=replace(mask.grid, origin=origin))


def cropped(mask, box):
    return replace(mask, voxels=mask.voxels[box], grid=mask.grid.cropped(box))


def centroid(mask):
    return mask.grid.to_world(np.argwhere(mask.voxels)).mean(axis=0)


def test_a_mask_on_the_same_grid_is_returned_as_it_is():
    assert place_on(P0, replace(P0.grid)) is P0


def test_rounding_of_a_header_is_no_note():
    placed = place_on(moved(P0, by=(1e-6, 0, 0)), P0.grid)
    assert placed.steps == ()
    assert placed.grid == P0.grid


@pytest.mark.parametrize("by", [(0.001, 0, 0), (0, 0, -0.009)])
def test_less_than_a_hundredth_of_a_voxel_is_accepted_and_noted(by):
    placed = place_on(moved(P0, by=by), P0.grid)
    assert placed.grid == P0.grid
    assert_array_equal(placed.voxels, P0.voxels)
    assert "accepted" in placed.steps[0]


@pytest.mark.parametrize("by", [(0.3, 0, 0), (0, -0.49, 0), (0.2, 0.2, 0.2)])
def test_less_than_half_a_voxel_moves_to_the_nearest_with_a_warning(by):
    with pytest.warns(RadpredWarning, match="moved by up to"):
        placed = place_on(moved(P0, by=by), P0.grid)
    assert_array_equal(placed.voxels, P0.voxels)
    assert placed.steps[0].startswith("warning: moved")


@pytest.mark.parametrize("by", [(0.9, 0, 0), (40.0, 0, 0), (0, 0, 5.0), (0, 500.0, 0)])
def test_half_a_voxel_or_more_on_the_same_shape_is_refused(by):
    with pytest.raises(GeometryError, match="correct the header") as caught:
        place_on(moved(P0, by=by), P0.grid)
    assert caught.value.code == "mask_displaced"


def test_displacement_counts_in_voxels_not_in_mm():
    thick = cuboid((8, 30, 30), start=(2, 9, 9), stop=(6, 20, 20), spacing=(5.0, 0.7, 0.7))
    with pytest.warns(RadpredWarning, match=r"0\.2 voxels"):
        place_on(moved(thick, by=(0, 0, 1.0)), thick.grid)
    with pytest.raises(GeometryError):
        place_on(moved(thick, by=(1.0, 0, 0)), thick.grid)


def test_another_spacing_on_the_same_shape_is_refused():
    unread = replace(P0, grid=replace(P0.grid, spacing=(1.0, 1.0, 0.9)))
    with pytest.raises(GeometryError):
        place_on(unread, P0.grid)


def test_a_tilt_that_moves_the_corners_by_half_a_voxel_is_refused():
    def tilted(degrees):
        turn = Rotation.from_euler("x", degrees, degrees=True).as_matrix()
        return replace(P0, grid=replace(P0.grid, direction=tuple(turn.ravel())))

    with pytest.warns(RadpredWarning, match="moved by up to"):
        place_on(tilted(1.0), P0.grid)  # 24 mm * sin(1 degree) = 0.42 mm
    with pytest.raises(GeometryError):
        place_on(tilted(1.5), P0.grid)


@pytest.mark.parametrize("axes", list(permutations(range(3))))
@pytest.mark.parametrize("flipped", list(product([False, True], repeat=3)))
def test_the_storage_order_of_the_mask_does_not_matter(axes, flipped):
    order = AxisOrder(axes=axes, flipped=flipped)
    stored = replace(P0, voxels=order.applied(P0.voxels), grid=order.grid(P0.grid))
    placed = place_on(stored, P0.grid)
    assert_array_equal(placed.voxels, P0.voxels)
    assert bool(placed.steps) != order.changes_nothing


@pytest.mark.parametrize("box", [np.s_[5:15, 0:24, 0:28], np.s_[0:19, 0:24, 0:28]])
def test_missing_slices_are_background(box):
    placed = place_on(cropped(P0, box), P0.grid)
    assert placed.grid == P0.grid
    assert_array_equal(placed.voxels, P0.voxels)
    assert f"covers z {box[0].start}-{box[0].stop - 1}" in placed.steps[0]


def test_a_mask_larger_than_the_image_is_placed_by_position():
    small = P0.grid.cropped(np.s_[4:16, 3:20, 2:25])
    placed = place_on(P0, small)
    assert placed.grid == small
    assert_array_equal(placed.voxels, P0.voxels[4:16, 3:20, 2:25])
    assert len(placed.steps) == 1


def test_voxels_that_the_image_does_not_cover_are_cut_off_with_a_warning():
    with pytest.warns(RadpredWarning, match="99 of 792 voxels lie outside"):
        placed = place_on(P0, P0.grid.cropped(np.s_[7:20, 0:24, 0:28]))
    assert placed.n_voxels == 693


@pytest.mark.parametrize("box", [np.s_[0:5, 0:24, 0:28], np.s_[15:20, 0:24, 0:28]])
def test_a_mask_outside_the_image_is_refused(box):
    with pytest.raises(GeometryError, match="same scan") as caught:
        place_on(P0, P0.grid.cropped(box))
    assert caught.value.code == "mask_outside_image"


@pytest.mark.parametrize("spacing", [1.0, 0.7])
def test_a_grid_that_does_not_touch_the_image_is_refused(spacing):
    away = Grid(shape=(9, 9, 9), spacing=(spacing,) * 3, origin=(900.0, 0.0, 0.0))
    with pytest.raises(GeometryError):
        place_on(Mask(voxels=np.ones((9, 9, 9), dtype=bool), grid=away), P0.grid)


def test_a_cropped_mask_off_the_lattice_is_moved_with_a_warning():
    crop = moved(cropped(P0, np.s_[5:15, 0:24, 0:28]), by=(0, 0, 0.4))
    with pytest.warns(RadpredWarning, match=r"moved by up to 0\.4 voxels"):
        placed = place_on(crop, P0.grid)
    assert_array_equal(placed.voxels, P0.voxels)


def test_a_far_finer_mask_keeps_its_volume_within_3_percent():
    fine = sphere(8.0, spacing=(0.1, 0.1, 0.1), margin_mm=2.0)
    image = Grid(shape=(89, 89, 89), spacing=(0.9, 0.9, 0.9), origin=(-40.0, -40.0, -40.0))
    placed = place_on(fine, image)
    assert_allclose(placed.volume_mm3, 4 / 3 * np.pi * 8.0**3, rtol=0.03)
    assert_allclose(centroid(placed), (0, 0, 0), atol=0.05)
    assert "0.1 x 0.1 x 0.1 to 0.9 x 0.9 x 0.9 mm, volume" in placed.steps[0]


def test_a_coarser_mask_keeps_the_extent_of_its_voxels():
    coarse = cuboid((8, 16, 16), start=(2, 4, 4), stop=(5, 11, 9), spacing=(5.0, 2.0, 2.0))
    # Faces lie at -0.5 voxels: shift so that they lie on faces of the fine grid too.
    fine = Grid(shape=(40, 32, 32), origin=(-0.5, -0.5, -2.0))
    placed = place_on(coarse, fine)
    assert placed.volume_mm3 == coarse.volume_mm3
    assert_allclose(centroid(placed), centroid(coarse), atol=1e-9)


def test_a_single_thick_slice_fills_its_thickness():
    slab = Mask(
        voxels=np.ones((1, 10, 10), dtype=bool),
        grid=Grid(shape=(1, 10, 10), spacing=(5.0, 1.0, 1.0), origin=(0.0, 0.0, 2.0)),
    )
    assert place_on(slab, CT).n_voxels == 500


def test_an_oblique_mask_keeps_volume_and_centre():
    turn = Rotation.from_euler("xyz", [20, 30, 40], degrees=True).as_matrix()
    upright = cuboid((30, 30, 30), start=(8, 9, 10), stop=(22, 21, 20))
    grid = replace(upright.grid, direction=tuple(turn.ravel()), origin=(3.0, -9.0, -20.0))
    oblique = replace(upright, grid=grid)
    placed = place_on(oblique, CT)
    assert_allclose(placed.volume_mm3, oblique.volume_mm3, rtol=0.02)
    assert_allclose(centroid(placed), centroid(oblique), atol=0.1)


def test_a_change_of_volume_over_a_tenth_is_a_warning():
    speck = Mask(
        voxels=np.pad(np.ones((1, 2, 2), dtype=bool), 2),
        grid=Grid(shape=(5, 6, 6), spacing=(2.5, 0.7, 0.7), origin=(-1.75, -1.75, -5.0)),
    )
    with pytest.warns(RadpredWarning, match="resampled from 2.5 x 0.7 x 0.7"):
        placed = place_on(speck, CT)
    assert placed.steps[0].startswith("warning: resampled")


def test_a_mask_too_small_for_the_grid_vanishes_aloud():
    speck = Mask(
        voxels=np.ones((1, 1, 1), dtype=bool),
        grid=Grid(shape=(1, 1, 1), spacing=(0.3, 0.3, 0.3)),
    )
    with pytest.raises(RegionError) as caught:
        place_on(speck, CT)
    assert caught.value.code == "mask_vanished"


def test_resampling_a_mask_that_reaches_out_of_the_image_does_not_fail():
    ball = sphere(8.0, spacing=(0.5, 0.5, 0.5))
    half = Grid(shape=(20, 40, 40), origin=(-20.0, -20.0, 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadpredWarning)
        placed = place_on(ball, half)
    assert_allclose(placed.volume_mm3, 2 / 3 * np.pi * 8.0**3, rtol=0.03)


def test_touching_labels_stay_apart_when_resampled():
    two = cuboid((20, 20, 20), start=(5, 5, 5), stop=(15, 15, 10))
    four = cuboid((20, 20, 20), start=(5, 5, 10), stop=(15, 15, 15))
    grid = Grid(shape=(28, 28, 28), spacing=(0.7, 0.7, 0.7), origin=(-0.15, -0.15, -0.15))
    placed = [place_on(mask, grid) for mask in (two, four)]
    both = place_on(replace(two, voxels=two.voxels | four.voxels), grid)
    assert not (placed[0].voxels & placed[1].voxels).any()
    assert_array_equal(placed[0].voxels | placed[1].voxels, both.voxels)


def test_a_step_that_is_twice_the_mask_s_but_for_rounding_covers_four_voxels_each(rng):
    drawn = rng.random((4, 20, 20)) > 0.5
    fine, coarse = (
        Grid(shape=(4, 20, 20)),
        Grid(shape=(4, 10, 10), spacing=(1.0, 2.0000001, 2.0000001), origin=(0.5, 0.5, 0.0)),
    )
    with pytest.warns(RadpredWarning, match="volume"):
        placed = place_on(Mask(voxels=drawn, grid=fine), coarse)
    expected = drawn.reshape(4, 10, 2, 10, 2).mean(axis=(2, 4)) >= 0.5
    assert_array_equal(placed.voxels, expected)
