"""The fast variant: line ends, then the hull of every plane, then pairs of hull corners."""

from __future__ import annotations

import numpy as np
from numba import njit

from radpred.image import Array, Triple
from radpred.kernels.diameter._numpy import surface_points


def maximum_diameters(mask: Array, spacing: Triple) -> tuple[float, float, float, float]:
    """Return the largest distance in each family of planes, and in space."""
    points = surface_points(mask)
    size = 2 * np.array(mask.shape) + 3
    step = np.asarray(spacing, dtype=np.float64) / 2
    corners = np.empty((2 * len(points), 3), dtype=np.int64)
    squares = []
    for across, along, over in ((2, 0, 1), (1, 0, 2), (0, 1, 2)):
        order = np.array([across, along, over])
        square, n_corners = _plane_hulls(points, order, size, step, corners)
        squares.append(square)
    places = corners[:n_corners] * step
    radius = np.linalg.norm(places - (places.min(axis=0) + places.max(axis=0)) / 2, axis=1)
    outermost = np.argsort(-radius)
    squares.append(_farthest(places[outermost], radius[outermost]))
    x, y, z, space = np.sqrt(squares).tolist()
    return z, y, x, space


@njit(cache=True, nogil=True)
def _plane_hulls(points, order, size, step, corners):  # type: ignore[no-untyped-def]
    """Write the hull corners of each plane to ``corners``.

    Returns the largest squared distance within a plane, and the number of corners. ``order``
    names the axes: across the planes, along which lines are counted, over which lines run.
    """
    across, along, over = order
    lowest = np.full((size[across], size[along]), size[over])
    highest = np.full((size[across], size[along]), -1)
    for i in range(points.shape[0]):
        plane, line, place = points[i, across], points[i, along], points[i, over]
        lowest[plane, line] = min(lowest[plane, line], place)
        highest[plane, line] = max(highest[plane, line], place)
    best = 0.0
    n_corners = 0
    for plane in range(size[across]):
        first = n_corners
        for side in (1, -1):  # the chain of low ends, then the chain of high ends
            chain = n_corners
            for line in range(size[along]):
                if highest[plane, line] < 0:
                    continue
                place = lowest[plane, line] if side == 1 else highest[plane, line]
                while n_corners - chain >= 2:
                    a, b = corners[n_corners - 2], corners[n_corners - 1]
                    turn = (b[along] - a[along]) * (place - a[over])
                    turn -= (b[over] - a[over]) * (line - a[along])
                    if turn * side > 0:
                        break
                    n_corners -= 1
                corners[n_corners, across] = plane
                corners[n_corners, along] = line
                corners[n_corners, over] = place
                n_corners += 1
        for i in range(first, n_corners):
            for j in range(first, i):
                p = (corners[i, along] - corners[j, along]) * step[along]
                q = (corners[i, over] - corners[j, over]) * step[over]
                best = max(best, p * p + q * q)
    return best, n_corners


@njit(cache=True, nogil=True)
def _farthest(places, radius):  # type: ignore[no-untyped-def]
    """Return the largest squared distance; ``radius`` descends, so that far pairs come first."""
    best = 0.0
    for i in range(places.shape[0]):
        if (radius[i] + radius[0]) ** 2 < best:
            break
        for j in range(i):
            if (radius[i] + radius[j]) ** 2 < best:
                break
            square = 0.0
            for axis in range(3):
                square += (places[i, axis] - places[j, axis]) ** 2
            best = max(best, square)
    return best
