"""A rim is a shell inside the surface; where the tumour is thinner, a reason says so."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.datasets.phantom import cuboid, sphere
from radpred.errors import RegionError
from radpred.image import AxisOrder
from radpred.regions import core_of, inner_rim, inner_rims, peritumoral_ring, tumour_with_ring

BALL = sphere(10.0, margin_mm=6.0)
HOLLOW = replace(BALL, voxels=BALL.voxels & ~sphere(6.0, margin_mm=10.0).voxels)


@pytest.mark.parametrize(
    ("spacing", "rtol"), [((1, 1, 1), 0.03), ((3, 1, 1), 0.05), ((5, 0.7, 0.7), 0.05)]
)
@pytest.mark.parametrize("depth_mm", [2.0, 3.0, 5.0])
def test_the_rim_of_a_sphere_has_the_volume_of_its_shell(spacing, rtol, depth_mm):
    ball = sphere(12.0, spacing=spacing)
    rim = inner_rim(ball, outer_mm=depth_mm)
    expected = 4 / 3 * np.pi * (12.0**3 - (12.0 - depth_mm) ** 3)
    assert_allclose(rim.mask.volume_mm3, expected, rtol=rtol)
    assert (rim.kept_fraction, rim.reason) == (1.0, "")


def test_the_rim_of_a_box_is_what_a_smaller_box_leaves():
    box = cuboid((36, 40, 44), start=(3, 3, 3), stop=(33, 37, 41))
    rim = inner_rim(box, outer_mm=3.0)
    assert_allclose(rim.mask.n_voxels, 30 * 34 * 38 - 24 * 28 * 32, rtol=0.05)


def test_rims_are_nested_and_their_pieces_add_up():
    shallow, deep, piece = inner_rims(BALL, [(0.0, 2.0), (0.0, 4.0), (2.0, 4.0)])
    assert not (shallow.mask.voxels & piece.mask.voxels).any()
    assert_array_equal(shallow.mask.voxels | piece.mask.voxels, deep.mask.voxels)


def test_a_rim_and_a_ring_meet_at_the_surface():
    rim, ring = inner_rim(BALL, outer_mm=2.0).mask, peritumoral_ring(BALL, outer_mm=2.0).mask
    assert not (rim.voxels & ~BALL.voxels).any()
    assert not (ring.voxels & BALL.voxels).any()


def test_names_state_the_depths_shortly():
    names = [rim.mask.name for rim in inner_rims(BALL, [(0.0, 2.0), (2.0, 3.5)])]
    assert names == ["rim_0_2mm", "rim_2_3.5mm"]


def test_a_rim_that_is_all_of_a_thin_tumour_says_so_and_leaves_no_core():
    thin = sphere(1.6)
    rim = inner_rim(thin, outer_mm=4.0)
    assert_array_equal(rim.mask.voxels, thin.voxels)
    assert rim.reason == "rim_is_whole"
    core = core_of(thin, [rim])
    assert (core.mask.n_voxels, core.kept_fraction, core.reason) == (0, 0.0, "tumour_too_thin")


def test_a_rim_below_all_depths_of_a_tumour_is_empty_with_a_reason():
    rim = inner_rim(sphere(2.0), inner_mm=4.0, outer_mm=6.0)
    assert (rim.mask.n_voxels, rim.kept_fraction, rim.reason) == (0, 0.0, "tumour_too_thin")


def test_a_rim_thinner_than_any_voxel_is_empty_with_a_reason():
    rim = inner_rim(sphere(12.0, spacing=(4.0, 4.0, 4.0)), outer_mm=0.02)
    assert (rim.mask.n_voxels, rim.reason) == (0, "rim_below_voxel_size")


def test_depths_count_from_the_outer_surface_and_cavities_are_left_out():
    rim, whole = inner_rim(HOLLOW, outer_mm=5.0), inner_rim(BALL, outer_mm=5.0)
    assert_array_equal(rim.mask.voxels, whole.mask.voxels & HOLLOW.voxels)
    assert rim.kept_fraction == rim.mask.n_voxels / whole.mask.n_voxels < 1


def test_a_rim_that_is_all_cavity_is_empty_with_a_reason():
    rim = inner_rim(HOLLOW, inner_mm=6.0, outer_mm=8.0)
    assert (rim.mask.n_voxels, rim.kept_fraction, rim.reason) == (0, 0.0, "rim_in_cavity")


def test_a_core_that_is_all_cavity_is_empty_with_a_reason():
    core = core_of(HOLLOW, [inner_rim(HOLLOW, outer_mm=6.0)])
    assert (core.mask.n_voxels, core.reason) == (0, "rim_in_cavity")


def test_the_tumour_with_its_ring_holds_its_cavities():
    ring = peritumoral_ring(HOLLOW, outer_mm=4.0)
    together = tumour_with_ring(HOLLOW, [ring], outer_mm=4.0)
    assert_array_equal(together.mask.voxels, BALL.voxels | ring.mask.voxels)
    assert (together.mask.name, together.kept_fraction) == ("tumour_ring_4mm", 1.0)


def test_the_tumour_is_never_cut_where_its_ring_is():
    ring = peritumoral_ring(BALL, outer_mm=4.0, organ=BALL)
    together = tumour_with_ring(BALL, [ring], outer_mm=4.0)
    assert ring.reason == "ring_cut_away"
    assert_array_equal(together.mask.voxels, BALL.voxels)
    assert together.kept_fraction == BALL.n_voxels / (BALL.n_voxels + ring.n_whole)


@pytest.mark.parametrize("axes", list(permutations(range(3))))
def test_the_storage_order_of_the_axes_does_not_matter(axes):
    ball = sphere(7.0, spacing=(2.0, 1.0, 0.8))
    order = AxisOrder(axes=axes, flipped=(True, False, True))
    stored = replace(ball, voxels=order.applied(ball.voxels), grid=order.grid(ball.grid))
    assert_array_equal(
        order.applied(inner_rim(ball, outer_mm=2.0).mask.voxels),
        inner_rim(stored, outer_mm=2.0).mask.voxels,
    )


def test_depths_that_make_no_shell_are_refused():
    with pytest.raises(RegionError, match="inner < outer") as caught:
        inner_rim(BALL, inner_mm=3.0, outer_mm=2.0)
    assert caught.value.code == "bad_ring"


def test_an_empty_tumour_has_no_rim():
    with pytest.raises(RegionError) as caught:
        inner_rim(replace(BALL, voxels=np.zeros_like(BALL.voxels)), outer_mm=2.0)
    assert caught.value.code == "empty_mask"
