"""Distances of samples to a surface: the fast variant gives what a k-d tree gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from radpred.kernels.surface_distance import Samples, _numba, _numpy
from radpred.surface import surface_points

# No two alike: where two points are equally near, either may be the nearest.
spacings = st.tuples(*(st.floats(0.5, 5.0).map(lambda s, k=k: s * k) for k in (1.0, 1.037, 0.959)))


def bumpy(rng, shape):
    """Return a level function with a bumpy surface and no crossing at the border."""
    axes = [np.linspace(-1, 1, n) for n in shape]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    level = np.sqrt(z**2 + y**2 + x**2) - 0.6 + 0.15 * rng.normal(size=shape)
    return np.where(np.maximum(np.maximum(abs(z), abs(y)), abs(x)) > 0.99, 1.0, level)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    spacing=spacings,
    extra=st.tuples(*[st.integers(0, 4)] * 3),
    reach_mm=st.floats(0.5, 30.0),
)
def test_the_fast_variant_finds_what_the_reference_finds(seed, spacing, extra, reach_mm):
    rng = np.random.default_rng(seed)
    level = bumpy(rng, tuple(rng.integers(5, 12, 3)))
    points, normals = surface_points(level, spacing)
    inside = np.pad(level, [(n, n) for n in extra], constant_values=1.0) <= 0
    fast, plain = (
        variant.surface_distances(
            points,
            normals,
            inside,
            Samples(inside.shape, extra, spacing),
            reach_mm=reach_mm * np.pi / 3,  # as far as no sample lies to the last bit
            sampling_offset=0.6 * max(spacing),
        )
        for variant in (_numba, _numpy)
    )
    assert_allclose(fast, plain, rtol=1e-9)


def test_a_plane_across_an_axis_is_as_far_as_it_is_whatever_axis_it_crosses():
    for axis in range(3):
        spacing = np.roll([2.0, 0.7, 1.1], axis)
        at = np.moveaxis(np.broadcast_to(np.arange(9.0)[:, None, None], (9, 9, 9)), 0, axis)
        level = (at - 3.25) * spacing[axis]
        points, normals = surface_points(level, tuple(spacing))
        found = _numba.surface_distances(
            points,
            normals,
            level <= 0,
            Samples(level.shape, (0, 0, 0), tuple(spacing)),
            reach_mm=100.0,
            sampling_offset=0.0,
        )
        assert_allclose(found[level > 0], level[level > 0])


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (5.0, 0.7, 0.8)])
def test_distances_to_the_other_kind_are_those_of_two_distance_transforms(spacing, rng):
    samples = rng.random((9, 12, 10)) > 0.7
    fast, plain = (v.distances_to_other(samples, spacing) for v in (_numba, _numpy))
    assert_allclose(fast, plain, rtol=1e-12)


def test_a_point_on_a_sample_counts_on_edges_along_every_axis(rng):
    level = np.round(bumpy(rng, (9, 10, 11)), 1)
    points, normals = surface_points(level, (1.7, 0.9, 1.1))
    inside = level <= 0
    fast, plain = (
        variant.surface_distances(
            points,
            normals,
            inside,
            Samples(inside.shape, (0, 0, 0), (1.7, 0.9, 1.1)),
            reach_mm=5.03,
            sampling_offset=0.0,
        )
        for variant in (_numba, _numpy)
    )
    assert (level == 0).any()
    assert_allclose(fast, plain, rtol=1e-9)


@pytest.mark.parametrize("factors", [(1, 1, 1), (2, 1, 1), (7, 1, 1), (1, 1, 3), (2, 1, 3)])
def test_distances_at_centres_are_those_of_the_samples_there(factors, rng):
    body = np.pad(rng.random((5, 6, 7)) > 0.6, 2)
    spacing = (0.8, 0.7, 0.9)
    fast, plain = (v.distances_at_centres(body, factors, spacing) for v in (_numba, _numpy))
    assert_allclose(fast, plain, rtol=1e-12)
