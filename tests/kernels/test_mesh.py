"""The mesh: closed forms, the 256 kinds of cells, and the fast variant."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from radpred.kernels.mesh import _numba, _numpy, cell_measures, surface_area_and_volume

SPACING = (1.7, 0.6, 1.1)


def corners(kind):
    """Return a kind of cell as an array of its eight corners."""
    return np.array([kind >> corner & 1 for corner in range(8)], dtype=bool).reshape(2, 2, 2)


def kind_of(array):
    """Return the kind of cell of an array of eight corners."""
    return int(sum(1 << k for k, is_inside in enumerate(array.ravel()) if is_inside))


def has_ambiguous_face(kind):
    """Tell whether two opposite corners of a face, and only they, lie in the region."""
    cell = corners(kind)
    faces = [face for axis in range(3) for face in np.moveaxis(cell, axis, 0)]
    return any(f[0, 0] == f[1, 1] != f[0, 1] == f[1, 0] for f in faces)


CLEAR = [kind for kind in range(256) if not has_ambiguous_face(kind)]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_counts_what_the_reference_counts(seed):
    rng = np.random.default_rng(seed)
    padded = np.pad(rng.random(rng.integers(1, 8, 3)) < 0.5, 1).astype(np.uint8)
    for fast, plain in zip(_numba.count_cells(padded), _numpy.count_cells(padded), strict=True):
        assert_array_equal(fast, plain)


def test_one_voxel_is_an_octahedron():
    area, volume = surface_area_and_volume(np.ones((1, 1, 1)), spacing=(1, 1, 1))
    assert area == pytest.approx(sqrt(3))
    assert volume == pytest.approx(1 / 6)


@pytest.mark.parametrize("shape", [(1, 1, 4), (2, 3, 4), (7, 5, 6)])
def test_a_block_is_a_block_with_its_edges_cut_off(shape):
    a, b, c = shape
    edges = a + b + c - 3
    area, volume = surface_area_and_volume(np.ones(shape), spacing=(1, 1, 1))
    faces = 2 * ((a - 1) * (b - 1) + (b - 1) * (c - 1) + (a - 1) * (c - 1))
    assert area == pytest.approx(faces + 4 * sqrt(0.5) * edges + sqrt(3))
    assert volume == pytest.approx(a * b * c - edges / 2 - 5 / 6)


def test_the_volume_scales_with_each_axis(rng):
    mask = rng.random((4, 5, 6)) < 0.6
    _, unit = surface_area_and_volume(mask, spacing=(1, 1, 1))
    _, scaled = surface_area_and_volume(mask, spacing=SPACING)
    assert scaled == pytest.approx(unit * np.prod(SPACING))


def test_a_kind_and_its_complement_share_a_surface_seen_from_two_sides():
    area, volume, normal = cell_measures(SPACING)
    assert_allclose(area, area[::-1], rtol=1e-12)
    assert_allclose(volume, -volume[::-1], atol=1e-12)
    assert_allclose(normal, -normal[::-1], atol=1e-12)


def test_only_cells_on_the_border_have_a_surface():
    area, _, _ = cell_measures(SPACING)
    assert np.flatnonzero(area == 0).tolist() == [0, 255]


@pytest.mark.parametrize("kind", CLEAR)
def test_the_surface_of_a_clear_cell_closes_with_the_cell_s_faces(kind):
    # The normals of a closed surface cancel: what leaves through the surface leaves through the
    # faces, whose share inside the region is a polygon of corners and midpoints.
    share = {0: 0, 1: 1 / 8, 2: 1 / 2, 3: 7 / 8, 4: 1}
    cell = corners(kind)
    through = [
        share[int(np.take(cell, 1, axis).sum())] - share[int(np.take(cell, 0, axis).sum())]
        for axis in range(3)
    ]
    _, _, normal = cell_measures((1.0, 1.0, 1.0))
    assert_allclose(normal[kind], np.negative(through), atol=1e-12)


@pytest.mark.parametrize("kind", CLEAR)
def test_turning_a_clear_cell_does_not_change_its_area(kind):
    area, _, _ = cell_measures((1.0, 1.0, 1.0))
    for turned in (corners(kind).transpose(1, 2, 0), corners(kind)[::-1], np.rot90(corners(kind))):
        assert area[kind_of(turned)] == pytest.approx(area[kind])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_summed_positions_give_the_volume_that_single_cells_give(seed):
    rng = np.random.default_rng(seed)
    mask = np.pad(rng.random(rng.integers(1, 5, 3)) < 0.5, 1)
    _, volume, normal = cell_measures(SPACING)
    total = 0.0
    for place in np.ndindex(*np.subtract(mask.shape, 1)):
        kind = kind_of(mask[tuple(slice(p, p + 2) for p in place)])
        total += volume[kind] + np.multiply(place, SPACING) @ normal[kind] / 3
    found = surface_area_and_volume(mask[1:-1, 1:-1, 1:-1], spacing=SPACING)[1]
    assert found == pytest.approx(total, abs=1e-9)
