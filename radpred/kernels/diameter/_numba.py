"""The fast variant: line ends, then the hull of every plane, then pairs of hull corners."""

from __future__ import annotations

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels._compiled import compiled

# Axes of a family of planes: across them, along which lines are counted, over which lines run.
_ORDERS = np.array([[2, 0, 1], [1, 0, 2], [0, 1, 2]])


def maximum_diameters(mask: Array, spacing: Triple) -> tuple[float, float, float, float]:
    """Return the largest distance in each family of planes, and in space."""
    size = 2 * np.array(mask.shape) + 3
    lowest = np.full((3, size.max(), size.max()), size.max(), dtype=np.int32)
    highest = np.full((3, size.max(), size.max()), -1, dtype=np.int32)
    point = np.empty(3, dtype=np.int64)
    n_points = _line_ends(np.pad(mask, 1), _ORDERS, point, lowest, highest)
    step = np.asarray(spacing, dtype=np.float64) / 2
    corners = np.empty((2 * n_points, 3), dtype=np.int64)
    squares = []
    for order, low, high in zip(_ORDERS, lowest, highest, strict=True):
        square, n_corners = _plane_hulls(low, high, order, step, corners)
        squares.append(square)
    places = corners[:n_corners] * step
    radius = np.linalg.norm(places - (places.min(axis=0) + places.max(axis=0)) / 2, axis=1)
    outermost = np.argsort(-radius)
    squares.append(_farthest(places[outermost], radius[outermost]))
    x, y, z, space = np.sqrt(squares).tolist()
    return z, y, x, space


@compiled
def _line_ends(padded, orders, point, lowest, highest):  # type: ignore[no-untyped-def]
    """Write where each line's first and last surface point lie, and return how many points are.

    Points are the midpoints of crossed edges, as twice their padded index.
    """
    n_points = 0
    for z in range(1, padded.shape[0] - 1):
        for y in range(1, padded.shape[1] - 1):
            for x in range(1, padded.shape[2] - 1):
                beside = padded[z, y, x - 1] & padded[z, y, x + 1]
                above = padded[z, y - 1, x] & padded[z, y + 1, x]
                before = padded[z - 1, y, x] & padded[z + 1, y, x]
                if not padded[z, y, x] or (beside & above & before):
                    continue
                for side in range(6):
                    point[0], point[1], point[2] = z, y, x
                    ahead = 1 if side % 2 else -1
                    point[side // 2] += ahead
                    if padded[point[0], point[1], point[2]]:
                        continue
                    point[0], point[1], point[2] = 2 * z, 2 * y, 2 * x
                    point[side // 2] += ahead
                    n_points += 1
                    for k in range(3):
                        plane, line = point[orders[k, 0]], point[orders[k, 1]]
                        place = point[orders[k, 2]]
                        lowest[k, plane, line] = min(lowest[k, plane, line], place)
                        highest[k, plane, line] = max(highest[k, plane, line], place)
    return n_points


@compiled
def _plane_hulls(lowest, highest, order, step, corners):  # type: ignore[no-untyped-def]
    """Write the hull corners of each plane to ``corners``.

    Returns the largest squared distance within a plane, and the number of corners.
    """
    across, along, over = order[0], order[1], order[2]
    best = 0.0
    n_corners = 0
    for plane in range(highest.shape[0]):
        first = n_corners
        for side in (1, -1):  # the chain of low ends, then the chain of high ends
            chain = n_corners
            for line in range(highest.shape[1]):
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


@compiled
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
