"""A ring has the volume of its shell, nothing of the tumour, and only what may be used."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from scipy.spatial.transform import Rotation

from radpred.datasets.phantom import cuboid, sphere
from radpred.errors import GeometryError, RegionError
from radpred.image import AxisOrder, Grid, Mask
from radpred.regions import Surroundings, peritumoral_ring, peritumoral_rings

SPACINGS = [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (3.27, 1.95, 1.95), (5.0, 0.7, 0.7)]
WIDTHS_MM = (2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
CASE_41 = sphere(10.0, spacing=(5.0, 0.7, 0.7), margin_mm=15.0)


def ball(radius_mm, *, spacing, centre, margin_mm=14.0):
    """Return a sphere whose centre lies anywhere between voxels (a fraction of a voxel each)."""
    half = [int(np.ceil((radius_mm + margin_mm) / s)) for s in spacing]
    axes = [(np.arange(-h, h + 1) - c) * s for h, c, s in zip(half, centre, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    voxels = z**2 + y**2 + x**2 <= radius_mm**2
    return Mask(voxels=voxels, grid=Grid(shape=voxels.shape, spacing=spacing))


def shell_of_ball(radius_mm, *, inner_mm=0.0, outer_mm):
    return 4 / 3 * np.pi * ((radius_mm + outer_mm) ** 3 - (radius_mm + inner_mm) ** 3)


def shell_of_cuboid(edges_mm, *, outer_mm):
    """Return the volume between a cuboid and its parallel body (Steiner's formula)."""
    a, b, c = edges_mm
    faces = 2 * (a * b + b * c + c * a) * outer_mm
    return faces + np.pi * (a + b + c) * outer_mm**2 + 4 / 3 * np.pi * outer_mm**3


@st.composite
def tumours(draw):
    """Return a lumpy tumour of one or more parts on an anisotropic grid."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = tuple(draw(st.integers(1, 9)) for _ in range(3))
    spacing = tuple(draw(st.sampled_from([0.7, 1.0, 1.95, 3.0, 5.0])) for _ in range(3))
    lumps = ndimage.gaussian_filter(rng.normal(size=shape), draw(st.sampled_from([0.0, 1.0])))
    voxels = np.pad(lumps >= np.quantile(lumps, 0.6), draw(st.integers(0, 4)))
    return Mask(voxels=voxels, grid=Grid(shape=voxels.shape, spacing=spacing))


def test_case_41_has_the_analytic_volume_although_voxel_distances_miss_a_third():
    ring = peritumoral_ring(CASE_41, outer_mm=3.0)
    distance = ndimage.distance_transform_edt(~CASE_41.voxels, sampling=CASE_41.grid.spacing)
    plain = ((distance > 0) & (distance <= 3.0)).sum() * CASE_41.grid.voxel_volume_mm3
    assert_allclose(plain, 3146, atol=1)
    assert_allclose(ring.mask.volume_mm3, 5014, rtol=0.02)
    assert ring.kept_fraction == 1.0
    assert ring.reason == ""


def test_case_41_enters_slices_beyond_the_tumour():
    ring = peritumoral_ring(CASE_41, outer_mm=8.0)
    tumour_slices = np.flatnonzero(CASE_41.voxels.any(axis=(1, 2)))
    ring_slices = np.flatnonzero(ring.mask.voxels.any(axis=(1, 2)))
    assert ring_slices[0] == tumour_slices[0] - 1
    assert ring_slices[-1] == tumour_slices[-1] + 1


@pytest.mark.parametrize("centre", [(0, 0, 0), (0.5, 0.5, 0.5), (0.2, -0.4, 0.1), (-0.35, 0, 0.5)])
@pytest.mark.parametrize(
    ("spacing", "rtol"), list(zip(SPACINGS, [0.025, 0.03, 0.05, 0.045], strict=True))
)
def test_the_rings_of_a_sphere_have_the_volume_of_their_shells(spacing, rtol, centre):
    tumour = ball(10.0, spacing=spacing, centre=centre)
    rings = peritumoral_rings(tumour, [(0.0, width) for width in WIDTHS_MM])
    volumes = [ring.mask.volume_mm3 for ring in rings]
    assert_allclose(volumes, [shell_of_ball(10.0, outer_mm=w) for w in WIDTHS_MM], rtol=rtol)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_the_rings_of_a_sphere_are_right_on_average_over_its_places(spacing, rng):
    rings = [
        peritumoral_rings(
            ball(10.0, spacing=spacing, centre=rng.uniform(-0.5, 0.5, 3)),
            [(0.0, 3.0), (3.0, 8.0)],
        )
        for _ in range(8)
    ]
    volumes = np.mean([[ring.mask.volume_mm3 for ring in pair] for pair in rings], axis=0)
    expected = [shell_of_ball(10.0, outer_mm=3.0), shell_of_ball(10.0, inner_mm=3.0, outer_mm=8.0)]
    assert_allclose(volumes, expected, rtol=0.035)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_the_rings_of_a_cuboid_have_the_volume_of_their_shells(spacing):
    # Edges sharper than a voxel are rounded: up to 8 % is missing around a box of about 30 mm.
    # A flat face is one layer of voxels, taken whole or not at all: half of it is allowed on top.
    size = [round(30 / s) for s in spacing]
    margin = [int(np.ceil(14 / s)) for s in spacing]
    tumour = cuboid(
        [n + 2 * m for n, m in zip(size, margin, strict=True)],
        start=margin,
        stop=[n + m for n, m in zip(size, margin, strict=True)],
        spacing=spacing,
    )
    edges = np.multiply(size, spacing)
    widest_layer = 2 * max(np.prod(edges) / e * s for e, s in zip(edges, spacing, strict=True))
    for ring, width in zip(
        peritumoral_rings(tumour, [(0.0, w) for w in WIDTHS_MM]), WIDTHS_MM, strict=True
    ):
        expected = shell_of_cuboid(edges, outer_mm=width)
        assert_allclose(ring.mask.volume_mm3, expected, atol=0.08 * expected + widest_layer / 2)


def test_an_oblique_ellipsoid_has_the_volume_of_its_shell(rng):
    spacing, radii, width = (3.0, 1.0, 1.0), (8.0, 12.0, 20.0), 5.0
    shape = (24, 60, 60)
    grid = Grid(shape=shape, spacing=spacing)
    turn = Rotation.from_euler("xyz", [30, 40, 50], degrees=True).as_matrix()
    middle = grid.to_world((np.array(shape) - 1) / 2)
    at = (grid.to_world(np.moveaxis(np.indices(shape), 0, -1)) - middle) @ turn
    tumour = Mask(voxels=((at / radii) ** 2).sum(axis=-1) <= 1, grid=grid)
    # Steiner's formula; area and mean width as means over directions u of the support function.
    u = rng.normal(size=(200_000, 3))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    support = np.linalg.norm(u * radii, axis=1)
    area = 4 * np.pi * np.prod(np.square(radii)) * (support**-4).mean()
    expected = area * width + 4 * np.pi * support.mean() * width**2 + 4 / 3 * np.pi * width**3
    ring = peritumoral_ring(tumour, outer_mm=width)
    assert_allclose(ring.mask.volume_mm3, expected, rtol=0.03)


@settings(deadline=None, max_examples=60)
@given(tumour=tumours(), cuts=st.lists(st.floats(0.3, 9.0), min_size=2, max_size=4, unique=True))
def test_rings_are_nested_disjoint_rings_add_up_and_none_touches_the_tumour(tumour, cuts):
    cuts = sorted(cuts)
    cumulative = peritumoral_rings(tumour, [(0.0, cut) for cut in cuts])
    pairs = list(zip([0.0, *cuts], cuts, strict=False))
    disjoint = peritumoral_rings(tumour, pairs)
    for smaller, larger in pairwise(cumulative):
        assert not (smaller.mask.voxels & ~larger.mask.voxels).any()
    total = np.sum([ring.mask.voxels.astype(int) for ring in disjoint], axis=0)
    assert_array_equal(total, cumulative[-1].mask.voxels)
    for ring in (*cumulative, *disjoint):
        assert not (ring.mask.voxels & tumour.voxels).any()


@settings(deadline=None, max_examples=40)
@given(
    tumour=tumours(),
    axes=st.sampled_from(list(permutations(range(3)))),
    flipped=st.sampled_from(list(product([False, True], repeat=3))),
)
def test_the_storage_order_of_the_axes_does_not_matter(tumour, axes, flipped):
    order = AxisOrder(axes=axes, flipped=flipped)
    stored = replace(tumour, voxels=order.applied(tumour.voxels), grid=order.grid(tumour.grid))
    edges = [(0.0, 2.5), (2.5, 6.0)]
    for ring, other in zip(
        peritumoral_rings(tumour, edges), peritumoral_rings(stored, edges), strict=True
    ):
        assert_array_equal(order.applied(ring.mask.voxels), other.mask.voxels)
        assert ring.kept_fraction == other.kept_fraction


@settings(deadline=None, max_examples=40)
@given(tumour=tumours(), axis=st.integers(0, 2))
def test_the_ring_of_a_mirrored_tumour_is_the_mirrored_ring(tumour, axis):
    mirrored = replace(tumour, voxels=np.flip(tumour.voxels, axis))
    ring = peritumoral_ring(tumour, outer_mm=4.0)
    assert_array_equal(
        peritumoral_ring(mirrored, outer_mm=4.0).mask.voxels, np.flip(ring.mask.voxels, axis)
    )


@settings(deadline=None, max_examples=40)
@given(tumour=tumours(), width=st.floats(1.0, 6.0))
def test_no_ring_voxel_lies_further_out_than_the_shell_and_a_voxel(tumour, width):
    # A voxel belongs by its mean distance to the surface, which lies within a voxel's diagonal
    # of the centre of some voxel of the tumour.
    ring = peritumoral_ring(tumour, outer_mm=width).mask
    spacing = np.array(tumour.grid.spacing)
    distance = ndimage.distance_transform_edt(~tumour.voxels, sampling=spacing)
    assert distance[ring.voxels].max(initial=0.0) <= width + 1.5 * np.linalg.norm(spacing)


def test_a_name_states_the_distances_shortly():
    edges = [(0.0, 8.0), (2.0, 4.0), (0.0, 2.5)]
    names = [ring.mask.name for ring in peritumoral_rings(CASE_41, edges)]
    assert names == ["ring_0_8mm", "ring_2_4mm", "ring_0_2.5mm"]


def test_rings_asked_together_equal_rings_asked_alone():
    together = peritumoral_rings(CASE_41, [(0.0, 3.0), (3.0, 8.0)])
    alone = [peritumoral_ring(CASE_41, inner_mm=a, outer_mm=b) for a, b in [(0, 3.0), (3.0, 8.0)]]
    for one, other in zip(together, alone, strict=True):
        assert_array_equal(one.mask.voxels, other.mask.voxels)


def test_what_lies_outside_the_image_is_lost():
    # The image ends in the plane through the middle slice: of the shell, half a slice more than
    # half remains.
    half = Mask(
        voxels=CASE_41.voxels[5:],
        grid=CASE_41.grid.cropped(np.s_[5:11, 0:73, 0:73]),
    )
    assert half.voxels[0].any()
    ring = peritumoral_ring(half, outer_mm=4.0)
    assert 0.4 < ring.kept_fraction < 0.8


def test_what_lies_outside_the_organ_is_lost():
    # The organ's last voxels end at 11.5 mm: a cap of height 6.5 mm is cut off the ball of 18 mm.
    tumour = sphere(10.0, spacing=(1.0, 1.0, 1.0), margin_mm=10.0)
    z = np.arange(tumour.grid.shape[0]) + tumour.grid.origin[2]
    organ = replace(tumour, voxels=np.broadcast_to((z < 12)[:, None, None], tumour.grid.shape))
    ring = peritumoral_ring(tumour, outer_mm=8.0, organ=organ)
    cap = np.pi * 6.5**2 * (3 * 18 - 6.5) / 3
    expected = 1 - cap / shell_of_ball(10.0, outer_mm=8.0)
    assert_allclose(ring.kept_fraction, expected, atol=0.01)
    assert not (ring.mask.voxels & ~organ.voxels).any()


def test_a_neighbour_lesion_is_left_out():
    tumour = ball(10.0, spacing=(1.0, 1.0, 1.0), centre=(0, 0, 0))
    neighbour = replace(tumour, voxels=np.roll(ndimage.binary_erosion(tumour.voxels), 20, axis=1))
    neighbour = replace(neighbour, voxels=neighbour.voxels & ~tumour.voxels, name="neighbour")
    ring = peritumoral_ring(tumour, outer_mm=6.0, others=[neighbour])
    whole = peritumoral_ring(tumour, outer_mm=6.0)
    assert not (ring.mask.voxels & neighbour.voxels).any()
    shared = (whole.mask.voxels & neighbour.voxels).sum()
    assert shared > 0
    assert_allclose(ring.kept_fraction, 1 - shared / whole.mask.n_voxels)


def test_an_organ_that_holds_no_shell_gives_an_empty_ring_with_a_reason():
    ring = peritumoral_ring(CASE_41, outer_mm=3.0, organ=CASE_41)
    assert ring.mask.n_voxels == 0
    assert ring.kept_fraction == 0.0
    assert ring.reason == "ring_cut_away"


def test_a_shell_thinner_than_any_voxel_is_empty_with_a_reason():
    whole = Mask(voxels=np.ones((4, 4, 4), dtype=bool), grid=Grid(shape=(4, 4, 4)))
    ring = peritumoral_ring(whole, outer_mm=0.01)
    assert ring.mask.n_voxels == 0
    assert ring.kept_fraction == 0.0
    assert ring.reason == "ring_below_voxel_size"


def test_a_cavity_inside_the_tumour_is_no_surrounding():
    solid = sphere(10.0, margin_mm=8.0)
    hollow = replace(solid, voxels=solid.voxels & ~sphere(6.0, margin_mm=12.0).voxels)
    assert_array_equal(
        peritumoral_ring(hollow, outer_mm=4.0).mask.voxels,
        peritumoral_ring(solid, outer_mm=4.0).mask.voxels,
    )


def test_a_part_of_one_voxel_has_a_ring_of_its_own():
    solid = sphere(10.0, margin_mm=20.0)
    voxels = solid.voxels.copy()
    voxels[30, 30, 5] = True
    ring = peritumoral_ring(replace(solid, voxels=voxels), outer_mm=3.0).mask
    near = np.zeros_like(voxels)
    near[26:35, 26:35, 1:10] = True
    # One voxel has no shape: its ring lies between those of a point and of a cube.
    assert (
        4 / 3 * np.pi * 3**3 < (ring.voxels & near).sum() < shell_of_cuboid((1, 1, 1), outer_mm=3)
    )


def test_cost_depends_on_the_tumour_not_on_the_image():
    small = Surroundings.of(sphere(5.0, margin_mm=1.0), reach_mm=4.0)
    large = Surroundings.of(sphere(5.0, margin_mm=60.0), reach_mm=4.0)
    assert small.depth.shape == large.depth.shape
    assert_array_equal(small.depth, large.depth)


def test_distances_beyond_the_reach_are_not_guessed():
    around = Surroundings.of(CASE_41, reach_mm=4.0)
    with pytest.raises(ValueError, match="up to 4 mm"):
        list(around.shells([(0.0, 5.0)]))


@pytest.mark.parametrize("edges", [(3.0, 3.0), (4.0, 2.0), (-1.0, 2.0), (0.0, np.inf)])
def test_distances_that_make_no_shell_are_refused(edges):
    with pytest.raises(RegionError, match="inner < outer") as caught:
        peritumoral_rings(CASE_41, [edges])
    assert caught.value.code == "bad_ring"


def test_an_empty_tumour_is_refused():
    empty = replace(CASE_41, voxels=np.zeros_like(CASE_41.voxels))
    with pytest.raises(RegionError) as caught:
        peritumoral_ring(empty, outer_mm=3.0)
    assert caught.value.code == "empty_mask"


def test_masks_on_other_grids_are_refused():
    other = sphere(10.0, margin_mm=15.0)
    with pytest.raises(GeometryError, match="image's grid"):
        peritumoral_ring(CASE_41, outer_mm=3.0, others=[other])
