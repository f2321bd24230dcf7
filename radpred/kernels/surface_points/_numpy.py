"""The reference, and the variant for a device: all edges along an axis at once."""

from __future__ import annotations

from radpred.backends import array_namespace
from radpred.image import Array, Triple


def surface_points(level: Array, spacing: Triple) -> tuple[Array, Array]:
    """Return points of the surface of level zero and the outward unit normals there."""
    xp = array_namespace(level)
    points, normals = [], []
    for axis in range(3):
        low = xp.moveaxis(level, axis, 0)[:-1]
        high = xp.moveaxis(level, axis, 0)[1:]
        found = xp.nonzero((low <= 0) != (high <= 0))
        part = low[found] / (low[found] - high[found])
        place = list(found[1:])
        place.insert(axis, found[0] + part)
        points.append(xp.stack([p * s for p, s in zip(place, spacing, strict=True)], axis=1))
        first, second = list(found[1:]), list(found[1:])
        first.insert(axis, found[0])
        second.insert(axis, found[0] + 1)
        slopes = (_slopes(level, each, spacing) for each in (first, second))
        before, after = slopes
        normals.append(before * (1 - part)[:, None] + after * part[:, None])
    normal = xp.concatenate(normals)
    length = xp.linalg.norm(normal, axis=1, keepdims=True)
    return xp.concatenate(points), normal / xp.where(length > 0, length, 1.0)


def _slopes(level: Array, places: list[Array], spacing: Triple) -> Array:
    """Return the central differences of a level along each axis at some samples, (n, 3)."""
    xp = array_namespace(level)
    slopes = []
    for axis, (size, step) in enumerate(zip(level.shape, spacing, strict=True)):
        low, high = list(places), list(places)
        low[axis] = xp.maximum(places[axis] - 1, 0)
        high[axis] = xp.minimum(places[axis] + 1, size - 1)
        apart = (high[axis] - low[axis]) * step
        slopes.append((level[tuple(high)] - level[tuple(low)]) / apart)
    return xp.stack(slopes, axis=1)
