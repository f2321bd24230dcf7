"""Regions moved, turned and grown, held against shapes with a known answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.datasets.phantom import sphere
from radpred.image import Grid
from radpred.segment.perturb.moves import grown, moved, signed_distance
from radpred.segment.perturb.perturbed import rotation

SPACINGS = [(1, 1, 1), (2, 2, 2), (3, 1, 1), (5, 1, 1), (5, 0.7, 0.7), (1, 2, 3)]
AXES = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda a: np.linalg.norm(a) > 0.1)


def ellipsoid(radii, spacing, *, turn=None, room_mm=9.0):
    """Return the voxels of an ellipsoid (radii x, y, z in mm) and their grid, centred on 0."""
    reach = max(radii) + room_mm
    shape = tuple(2 * int(np.ceil(reach / s)) + 1 for s in spacing)
    origin = [-(n - 1) / 2 * s for n, s in zip(shape, spacing, strict=True)][::-1]
    grid = Grid(shape=shape, spacing=tuple(map(float, spacing)), origin=tuple(origin))
    place = grid.to_world(np.moveaxis(np.indices(shape), 0, -1))
    along = place @ (np.eye(3) if turn is None else turn)
    return ((along / np.asarray(radii)) ** 2).sum(axis=-1) <= 1, grid


def centre(voxels, grid):
    """Return the centre of mass in mm."""
    return grid.to_world(np.argwhere(voxels).mean(axis=0))


def dice(a, b):
    """Return the Dice coefficient of two arrays."""
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.mark.parametrize("growth", [-2.0, -1.0, 0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_a_sphere_grows_to_the_volume_of_a_larger_sphere(spacing, growth):
    voxels, _ = ellipsoid((10, 10, 10), spacing, room_mm=4.0 + 3 * max(spacing))
    expected = voxels.sum() * ((10 + growth) / 10) ** 3
    after = grown(voxels, spacing, growth_mm=growth)
    assert after.sum() == pytest.approx(expected, rel=0.05)


def test_a_box_grows_by_the_same_length_along_every_axis():
    voxels = np.zeros((24, 64, 64), dtype=bool)
    voxels[8:16, 20:44, 20:44] = True
    after = grown(voxels, (3.0, 1.0, 1.0), growth_mm=6.0)
    middle = after[:, 32, 32], after[12, :, 32], after[12, 32, :]
    assert [int(line.sum()) for line in middle] == [8 + 4, 24 + 12, 24 + 12]


@pytest.mark.parametrize("spacing", SPACINGS)
def test_growth_of_nothing_changes_nothing(spacing):
    voxels, _ = ellipsoid((8, 6, 10), spacing, room_mm=3 * max(spacing))
    assert (grown(voxels, spacing, growth_mm=0.0) == voxels).all()


def test_a_larger_growth_holds_all_of_a_smaller_one():
    voxels, _ = ellipsoid((8, 6, 10), (2, 1, 1), room_mm=10.0)
    sizes = [grown(voxels, (2.0, 1.0, 1.0), growth_mm=g) for g in (-3, -1, -0.1, 0.1, 1, 3)]
    for small, large in zip(sizes[:3], [*sizes[1:3], voxels], strict=True):
        assert not (small & ~large).any()
    for small, large in zip([voxels, *sizes[3:]], sizes[3:], strict=False):
        assert not (small & ~large).any()


def test_a_region_that_shrinks_by_its_radius_vanishes():
    voxels, _ = ellipsoid((5, 5, 5), (1, 1, 1))
    assert not grown(voxels, (1.0, 1.0, 1.0), growth_mm=-6.0).any()


@settings(max_examples=15, deadline=None)
@given(
    steps=st.tuples(*[st.integers(-3, 3)] * 3),
    spacing=st.sampled_from(SPACINGS),
    seed=st.integers(0, 99),
)
def test_a_move_by_whole_voxels_is_a_shift_of_the_array(steps, spacing, seed):
    rng = np.random.default_rng(seed)
    voxels = np.pad(rng.random((5, 6, 7)) < 0.6, 5)
    grid = Grid(shape=voxels.shape, spacing=tuple(map(float, spacing)), origin=(3.1, -7.0, 0.4))
    offset = (np.multiply(steps, spacing))[::-1]
    after = moved(voxels, grid, turn=np.eye(3), offset_mm=offset)
    assert (after == np.roll(voxels, steps, axis=(0, 1, 2))).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9999), spacing=st.sampled_from(SPACINGS))
def test_a_move_by_part_of_a_voxel_moves_the_centre_by_as_much(seed, spacing):
    offset = np.random.default_rng(seed).uniform(-4, 4, 3)
    voxels, grid = ellipsoid((10, 12, 8), spacing)
    after = moved(voxels, grid, turn=np.eye(3), offset_mm=offset)
    off = centre(after, grid) - centre(voxels, grid) - offset
    assert np.abs(off / grid.spacing[::-1]).max() < 0.3


@settings(max_examples=15, deadline=None)
@given(axis=AXES, degrees=st.floats(-180, 180), offset=st.tuples(*[st.floats(-4, 4)] * 3))
def test_moves_and_turns_keep_the_number_of_voxels(axis, degrees, offset):
    voxels, grid = ellipsoid((6, 9, 4), (2, 1, 1), room_mm=12.0)
    turn = rotation(np.array(axis) / np.linalg.norm(axis), degrees)
    assert moved(voxels, grid, turn=turn, offset_mm=offset).sum() == voxels.sum()


@pytest.mark.parametrize("spacing", [(1, 1, 1), (3, 1, 1)])
@pytest.mark.parametrize("degrees", [10, 37, 90, 160])
def test_a_turned_ellipsoid_is_the_ellipsoid_with_turned_axes(degrees, spacing):
    axis = np.array([1.0, 2.0, -1.0]) / np.sqrt(6)
    turn = rotation(axis, degrees)
    voxels, grid = ellipsoid((7, 14, 10), spacing)
    expected, _ = ellipsoid((7, 14, 10), spacing, turn=turn, room_mm=9.0)
    after = moved(voxels, grid, turn=turn, offset_mm=np.zeros(3))
    assert dice(after, expected) > 0.96


def test_a_quarter_turn_on_cubic_voxels_turns_the_array(rng):
    voxels = np.pad(rng.random((3, 6, 6)) < 0.7, 4)
    grid = Grid(shape=voxels.shape)
    turned = np.rot90(voxels, axes=(2, 1))  # x to y, and y to -x
    turn = rotation(np.array([0.0, 0.0, 1.0]), 90)
    # About the centre of mass, and from there to where the array's turn puts it.
    shift = centre(turned, grid) - centre(voxels, grid)
    after = moved(voxels, grid, turn=turn, offset_mm=shift)
    assert (after == turned).all()


def test_an_oblique_grid_moves_in_the_patient_s_space():
    turn = rotation(np.array([0.0, 0.6, 0.8]), 25)
    voxels, grid = ellipsoid((8, 8, 8), (2, 1, 1))
    oblique = Grid(
        shape=grid.shape, spacing=grid.spacing, origin=(5.0, 1.0, 9.0), direction=tuple(turn.flat)
    )
    offset = np.array([2.5, -1.0, 3.0])
    after = moved(voxels, oblique, turn=np.eye(3), offset_mm=offset)
    assert centre(after, oblique) - centre(voxels, oblique) == pytest.approx(offset, abs=0.15)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_the_signed_distance_is_below_zero_in_the_region_alone(spacing):
    mask = sphere(6.0, spacing=tuple(map(float, spacing)))
    voxels = np.pad(mask.voxels, 1)
    assert ((signed_distance(voxels, mask.grid.spacing) < 0) == voxels).all()
