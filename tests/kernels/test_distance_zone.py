"""Distances of zones: the fast variant and the plain one agree, and a distance counts steps."""

from __future__ import annotations

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from radpred.kernels.distance_zone import (
    _numba,
    _numpy,
    border_distances,
    find_distance_zones,
)

VARIANTS = (_numba, _numpy)
FLAT_AXES = [None, 0, 1, 2]


def ordered(zones):
    """Return zones in an order of their own."""
    return sorted(map(tuple, zones.tolist()))


@pytest.mark.parametrize("flat_axis", FLAT_AXES)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fast_variant_finds_what_the_reference_finds(flat_axis, seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 9, 3)
    levels = rng.integers(0, rng.integers(2, 6), shape).astype(np.int16)
    distances = rng.integers(1, 9, shape)
    fast, plain = (v.find_distance_zones(levels, distances, flat_axis) for v in VARIANTS)
    assert ordered(fast) == ordered(plain)


@pytest.mark.parametrize("flat_axis", FLAT_AXES)
def test_a_device_finds_what_the_reference_finds(flat_axis, device):
    for seed in range(40):
        rng = np.random.default_rng(seed)
        shape = rng.integers(1, 9, 3)
        outline = rng.random(shape) < 0.9
        levels = rng.integers(0, rng.integers(2, 6), shape).astype(np.int16) * outline
        distances = border_distances(device.put(outline), flat_axis=flat_axis)
        assert_array_equal(distances.get(), border_distances(outline, flat_axis=flat_axis))
        found = find_distance_zones(device.put(levels), distances, flat_axis=flat_axis)
        plain = _numpy.find_distance_zones(levels, distances.get(), flat_axis)
        assert ordered(found) == ordered(plain)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_zone_is_as_near_as_its_nearest_voxel(variant):
    levels = np.array([[[1, 1, 2, 0, 1]]], dtype=np.int16)
    distances = np.array([[[3, 2, 7, 1, 5]]])
    assert ordered(variant.find_distance_zones(levels, distances)) == [(1, 2), (1, 5), (2, 7)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_where_there_is_no_region_there_is_no_zone(variant):
    nothing = np.zeros((2, 3, 4), dtype=np.int16)
    assert variant.find_distance_zones(nothing, nothing.astype(int)).shape == (0, 2)


def test_the_arguments_are_left_as_they_were(rng):
    levels, distances = rng.integers(0, 4, (2, 4, 5, 6))
    before = levels.copy(), distances.copy()
    find_distance_zones(levels, distances)
    assert_array_equal(levels, before[0])
    assert_array_equal(distances, before[1])


@pytest.mark.parametrize("flat_axis", FLAT_AXES)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_distance_is_the_number_of_erosions_that_a_voxel_outlives(flat_axis, seed):
    rng = np.random.default_rng(seed)
    outline = rng.random(rng.integers(1, 9, 3)) < rng.uniform(0.7, 1.05)
    faces = scipy.ndimage.generate_binary_structure(3, 1)
    if flat_axis is not None:
        np.moveaxis(faces, flat_axis, 0)[[0, 2]] = False
    wanted = np.zeros(outline.shape, dtype=int)
    left = outline
    while left.any():
        wanted += left
        left = scipy.ndimage.binary_erosion(left, faces)
    assert_array_equal(border_distances(outline, flat_axis=flat_axis), wanted)


def test_zones_of_a_cube_are_as_far_as_their_shells():
    n = 7
    z, y, x = np.indices((n, n, n))
    shell = np.minimum.reduce([z, y, x, n - 1 - z, n - 1 - y, n - 1 - x])
    levels = shell.astype(np.int16) + 1
    found = find_distance_zones(levels, border_distances(np.ones((n, n, n), dtype=bool)))
    assert ordered(found) == [(1, 1), (2, 2), (3, 3), (4, 4)]
