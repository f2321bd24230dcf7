"""The reference: all pairs of surface points."""

from __future__ import annotations

import numpy as np

from radpred.image import Array, Triple


def surface_points(mask: Array) -> Array:
    """Return the midpoints of crossed edges as twice their padded index, shape (n, 3)."""
    padded = np.pad(mask, 1)
    points = []
    for axis in range(3):
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        crossed = np.argwhere(padded[tuple(low)] != padded[tuple(high)]) * 2
        crossed[:, axis] += 1
        points.append(crossed)
    return np.concatenate(points)


def maximum_diameters(mask: Array, spacing: Triple) -> tuple[float, float, float, float]:
    """Return the largest distance in each family of planes, and in space."""
    points = surface_points(mask)
    apart = np.abs(points[:, None] - points[None, :])
    distance = np.linalg.norm(apart * np.asarray(spacing) / 2, axis=2)
    z, y, x = (float(distance[apart[:, :, axis] == 0].max()) for axis in range(3))
    return z, y, x, float(distance.max())
