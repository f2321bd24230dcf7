"""The fast variant: the flood fill of size zones lists each zone's voxels."""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels.size_zone import fill_zones


def find_distance_zones(levels: Array, distances: Array, flat_axis: int | None = None) -> Array:
    """Return rows (level, least distance), one a zone."""
    zones, voxels = fill_zones(levels, flat_axis=flat_axis)
    level, size = zones.T
    starts = np.cumsum(size) - size
    least = np.minimum.reduceat(np.pad(distances, 1).ravel()[voxels], starts)
    return np.column_stack([level, least])
