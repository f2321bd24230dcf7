"""Points of a surface: the fast variant gives what the reference gives, in another order."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from radpred.kernels.surface_points import _numba, _numpy


def test_the_fast_variant_finds_the_points_and_normals_of_the_reference(rng):
    level, spacing = rng.normal(size=(7, 8, 9)), (1.5, 0.7, 0.9)
    for fast, plain in zip(
        *(sorted_points(v, level, spacing) for v in (_numba, _numpy)), strict=True
    ):
        assert_allclose(fast, plain, rtol=1e-12)


def test_a_plane_has_its_points_where_it_crosses_the_edges():
    level = np.broadcast_to((np.arange(5.0) - 2.25)[:, None, None] * 2.0, (5, 3, 4))
    points, normals = _numba.surface_points(level, (2.0, 1.0, 1.0))
    assert_allclose(points[:, 0], np.full(12, 4.5))
    assert_allclose(normals, np.tile([1.0, 0.0, 0.0], (12, 1)))


def sorted_points(variant, level, spacing):
    """Return points and normals in the order of the points."""
    points, normals = variant.surface_points(level, spacing)
    order = np.lexsort(points.T)
    return points[order], normals[order]
