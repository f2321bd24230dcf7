"""The fast variant: edges are found by comparing signs, then each is looked at once."""

from __future__ import annotations

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels._compiled import compiled


def surface_points(level: Array, spacing: Triple) -> tuple[Array, Array]:
    """Return points of the surface of level zero and the outward unit normals there."""
    level = np.ascontiguousarray(level, dtype=np.float64)
    inside = level <= 0
    edges = [_edges(inside, axis) for axis in range(3)]
    n = sum(each.size for each in edges)
    points, normals = np.empty((n, 3)), np.empty((n, 3))
    first = 0
    for axis, each in enumerate(edges):
        steps = np.asarray(spacing, dtype=np.float64)
        _measure(level.ravel(), each, axis, np.asarray(level.shape), steps, first, points, normals)
        first += each.size
    return points, normals


def _edges(inside: Array, axis: int) -> Array:
    """Return the lower ends, as numbers of samples, of edges along an axis with an end inside."""
    crosses = np.zeros(inside.shape, dtype=bool)
    low: list[slice] = [slice(None)] * 3
    high = list(low)
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    np.not_equal(inside[tuple(low)], inside[tuple(high)], out=crosses[tuple(low)])
    return np.flatnonzero(crosses)


@compiled
def _measure(level, edges, axis, shape, spacing, first, points, normals):  # type: ignore[no-untyped-def]
    """Write the point on each edge along an axis, and the normal there."""
    n_y, n_x = shape[1], shape[2]
    along = (n_y * n_x, n_x, 1)[axis]
    for j in range(edges.size):
        low = edges[j]
        high = low + along
        part = level[low] / (level[low] - level[high])
        at = (low // (n_y * n_x), low // n_x % n_y, low % n_x)
        square = 0.0
        for a in range(3):
            stride = n_y * n_x if a == 0 else (n_x if a == 1 else 1)
            before = _slope(level, low, at[a], shape[a], stride, spacing[a])
            beyond = at[a] + 1 if a == axis else at[a]
            after = _slope(level, high, beyond, shape[a], stride, spacing[a])
            normal = before * (1 - part) + after * part
            normals[first + j, a] = normal
            square += normal * normal
            points[first + j, a] = (at[a] + part if a == axis else at[a]) * spacing[a]
        length = square**0.5
        for a in range(3):
            if length > 0:
                normals[first + j, a] /= length


@compiled
def _slope(level, i, at, size, stride, step):  # type: ignore[no-untyped-def]
    """Return the central difference of a level along an axis, one-sided at the border."""
    low = 1 if at > 0 else 0
    high = 1 if at < size - 1 else 0
    return (level[i + high * stride] - level[i - low * stride]) / ((low + high) * step)
