"""Pairs, runs, dependences and differences: the fast variant and the plain one agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from radpred.kernels import texture_sweep
from radpred.kernels.texture_sweep import (
    DIRECTIONS,
    EVERYWHERE,
    Walk,
    _cupy,
    _numba,
    _numpy,
    has_shared_line,
    neighbour_offsets,
    sweep,
)

VARIANTS = (_numba, _numpy)
AROUND = neighbour_offsets()
WALKS = {
    "touching": EVERYWHERE,
    "merged": Walk(offsets=AROUND, lines=AROUND, is_merged=True),
    "ordered": Walk(offsets=AROUND, lines=AROUND, is_ordered=True),
    "slices": Walk(offsets=neighbour_offsets(flat_axis=0), lines=neighbour_offsets(flat_axis=0)),
    "far": Walk(offsets=neighbour_offsets([2]), lines=AROUND),
    "near and far": Walk(offsets=neighbour_offsets([1, 3]), lines=AROUND, cutoff=2.0),
    "merged far": Walk(offsets=neighbour_offsets([2]), lines=AROUND, is_merged=True, cutoff=1.0),
}


def made(seed):
    """Return a small level array with gaps, and its grey levels, some of them left out."""
    rng = np.random.default_rng(seed)
    shape, n_levels = rng.integers(1, 7, 3), int(rng.integers(1, 7))
    levels = rng.integers(1, n_levels + 1, shape) * (rng.random(shape) < rng.uniform(0.1, 1.2))
    grey_levels = np.sort(rng.choice(30, n_levels, replace=False)) + 1.0
    return levels.astype(np.int32), grey_levels


@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_counts_what_the_reference_counts(walk, seed):
    levels, grey_levels = made(seed)
    fast, plain = (variant.sweep(levels, grey_levels, WALKS[walk]) for variant in VARIANTS)
    assert_array_equal(fast.pairs, plain.pairs)
    assert_array_equal(fast.runs, plain.runs)
    assert_array_equal(fast.dependence, plain.dependence)
    assert_allclose(fast.difference, plain.difference, rtol=1e-12)
    assert_array_equal(fast.isolated, plain.isolated)


@pytest.mark.parametrize("most_cells", [1 << 22, 0])
@pytest.mark.parametrize("walk", WALKS)
def test_a_device_counts_what_the_reference_counts(walk, most_cells, device, monkeypatch):
    monkeypatch.setattr(_cupy, "_MOST_CELLS", most_cells)
    for seed in range(60):
        levels, grey_levels = made(seed)
        plain = _numpy.sweep(levels, grey_levels, WALKS[walk])
        found = sweep(device.put(levels), grey_levels, WALKS[walk])
        assert_array_equal(found.pairs, plain.pairs)
        assert_array_equal(found.runs, plain.runs)
        assert_array_equal(found.dependence, plain.dependence)
        assert_allclose(found.difference, plain.difference, rtol=1e-12)
        assert_array_equal(found.isolated, plain.isolated)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_voxel_has_one_dependence_and_lies_in_one_run_a_direction(seed):
    levels, grey_levels = made(seed)
    counts = sweep(levels, grey_levels)
    n_voxels = np.count_nonzero(levels)
    assert counts.voxels.sum() == n_voxels
    direction, _, length, count = counts.runs.T
    covered = np.bincount(direction, length * count)
    assert set(covered.tolist()) <= {0, n_voxels}


def test_there_is_one_direction_for_each_two_opposite_neighbours():
    both = {tuple(d) for d in DIRECTIONS} | {tuple(-d) for d in DIRECTIONS}
    assert len(DIRECTIONS) == 13
    assert len(both) == 26


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_row_s_counts_are_those_counted_by_hand(variant):
    levels = np.array([[[1, 1, 2, 0, 2]]], dtype=np.int32)
    counts = variant.sweep(levels, np.array([3.0, 7.0]))
    along_x = next(k for k, d in enumerate(DIRECTIONS) if tuple(d) == (0, 0, 1))
    assert counts.pairs.tolist() == [[along_x, 0, 0, 1], [along_x, 0, 1, 1]]
    assert counts.runs.tolist() == [[along_x, 0, 2, 1], [along_x, 1, 1, 2]]
    assert counts.dependence[:, :2].tolist() == [[0, 2], [2, 0]]
    # Neighbours' means: 3, (3 + 7) / 2, 3, none.
    assert counts.difference.tolist() == [0 + 2, 4 + 0]
    assert counts.isolated.tolist() == [0, 1]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_full_block_of_one_level_has_all_its_pairs(variant):
    a, b, c = 3, 4, 5
    counts = variant.sweep(np.ones((a, b, c), dtype=np.int32), np.array([1.0]))
    wanted = [
        int(np.prod([n - abs(s) for n, s in zip((a, b, c), d, strict=True)])) for d in DIRECTIONS
    ]
    assert counts.pairs[:, 3].tolist() == wanted
    assert counts.difference.tolist() == [0]
    assert counts.dependence[0, 26] == (a - 2) * (b - 2) * (c - 2)


def test_a_line_holds_two_voxels_near_or_far():
    levels = np.zeros((1, 4, 4), dtype=np.int32)
    levels[0, 0, 0] = levels[0, 3, 3] = 1
    shared = [tuple(d) for d in DIRECTIONS if has_shared_line(levels, d)]
    assert shared == [(0, 1, 1)]


def test_many_levels_go_to_the_variant_that_stores_what_occurs(monkeypatch, rng):
    def refuse(*_):
        raise AssertionError("dense matrices of 2000 levels")

    monkeypatch.setattr(texture_sweep._numba, "sweep", refuse)
    levels = rng.permutation(2000).reshape(10, 10, 20) + 1
    assert sweep(levels, np.arange(1.0, 2001)).voxels.sum() == 2000
