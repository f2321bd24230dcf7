"""Zones: the fast variant and the plain one agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.kernels.size_zone import _numba, _numpy, find_zones

VARIANTS = (_numba, _numpy)


def ordered(zones):
    """Return zones in an order of their own."""
    return sorted(map(tuple, zones.tolist()))


@pytest.mark.parametrize("flat_axis", [None, 0, 1, 2])
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_finds_what_the_reference_finds(flat_axis, seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 9, 3)
    levels = rng.integers(0, rng.integers(2, 6), shape).astype(np.int32)
    assert ordered(_numba.find_zones(levels, flat_axis)) == ordered(
        _numpy.find_zones(levels, flat_axis)
    )


@pytest.mark.parametrize("flat_axis", [None, 0, 1, 2])
def test_a_device_finds_what_the_reference_finds(flat_axis, device):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        shape = rng.integers(1, 9, 3)
        levels = rng.integers(0, rng.integers(2, 6), shape).astype(np.int32)
        found = find_zones(device.put(levels), flat_axis=flat_axis)
        assert ordered(found) == ordered(_numpy.find_zones(levels, flat_axis))


def test_a_device_follows_a_zone_that_winds(device):
    levels = np.zeros((1, 41, 41), dtype=np.int16)
    levels[0, ::2] = 1
    levels[0, 1::4, -1] = levels[0, 3::4, 0] = 1  # from row to row, at the ends by turns
    assert find_zones(device.put(levels)).tolist() == [[1, int(levels.sum())]]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_corner_connects_and_a_gap_parts(variant):
    levels = np.zeros((3, 3, 5), dtype=np.int32)
    levels[0, 0, 0] = levels[1, 1, 1] = levels[2, 2, 2] = 4
    levels[2, 2, 4] = 4
    assert ordered(variant.find_zones(levels)) == [(4, 1), (4, 3)]


def test_the_levels_are_left_as_they_were(rng):
    levels = rng.integers(0, 4, (4, 5, 6)).astype(np.int32)
    before = levels.copy()
    find_zones(levels)
    np.testing.assert_array_equal(levels, before)
