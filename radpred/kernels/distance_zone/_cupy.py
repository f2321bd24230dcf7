"""The variant for a device: the zones of size zones, and an outline that is taken off in layers."""

from __future__ import annotations

import numpy as np

from radpred.backends import array_namespace, to_host
from radpred.image import Array
from radpred.kernels.size_zone._cupy import scatter_min, zones_of_voxels


def border_distances(outline: Array, flat_axis: int | None = None) -> Array:
    """Return how many steps from face to face lead out of an outline."""
    xp = array_namespace(outline)
    left = xp.pad(outline, 1)
    distances = xp.zeros(left.shape, dtype=xp.int32)
    axes = [axis for axis in range(3) if axis != flat_axis]
    while bool(left.any()):
        distances += left
        left = _without_border(left, axes)
    return distances[1:-1, 1:-1, 1:-1]


def _without_border(left: Array, axes: list[int]) -> Array:
    """Return the voxels whose neighbours across a face are all there."""
    xp = array_namespace(left)
    kept = left
    for axis in axes:
        # Beyond the border lies nothing, so that what a roll brings from the other end is nothing.
        for shift in (1, -1):
            kept = kept & xp.roll(left, shift, axis=axis)
    return kept


def find_distance_zones(levels: Array, distances: Array, flat_axis: int | None = None) -> Array:
    """Return rows (level, least distance), one a zone; on the host."""
    xp = array_namespace(levels)
    level, zone = zones_of_voxels(levels, flat_axis)
    least = xp.full(zone.shape, np.iinfo(np.int32).max, dtype=xp.int32)
    scatter_min(least, zone, distances[levels > 0].astype(xp.int32))
    first = xp.flatnonzero(zone == xp.arange(zone.size))
    rows = [level[first].astype(xp.int64), least[first].astype(xp.int64)]
    return to_host(xp.stack(rows, axis=1))
