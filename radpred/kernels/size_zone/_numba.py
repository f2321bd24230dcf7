"""The fast variant: flood fill with a queue; a visited voxel is set to 0."""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled


def find_zones(levels: Array, flat_axis: int | None = None) -> Array:
    """Return rows (level, number of voxels), one a zone."""
    return fill_zones(levels, flat_axis)[0]


def fill_zones(levels: Array, flat_axis: int | None = None) -> tuple[Array, Array]:
    """Return rows (level, number of voxels), and the voxels of one zone after the other.

    Voxels are positions in the flattened array after a border of one voxel was put around it.
    """
    padded = np.zeros(np.add(levels.shape, 2), dtype=levels.dtype)
    padded[1:-1, 1:-1, 1:-1] = levels
    around = np.argwhere(np.ones((3, 3, 3))) - 1
    if flat_axis is not None:
        around = around[around[:, flat_axis] == 0]
    steps = around @ np.array([padded.shape[1] * padded.shape[2], padded.shape[2], 1])
    flat = padded.ravel()
    voxels = np.empty(int(np.count_nonzero(flat)), dtype=np.int64)
    zones = np.empty((voxels.size, 2), dtype=np.int64)
    n_zones = _fill(flat, steps[steps != 0], voxels, zones)
    return zones[:n_zones], voxels


@compiled
def _fill(flat, steps, voxels, zones):  # type: ignore[no-untyped-def]
    """Write each zone's voxels to ``voxels`` and (level, size) to ``zones``; return the number."""
    n_zones = 0
    end = 0
    for start in range(flat.size):
        level = flat[start]
        if level == 0:
            continue
        flat[start] = 0
        first = end
        voxels[end] = start
        end += 1
        here = first
        while here < end:
            i = voxels[here]
            here += 1
            for step in steps:
                if flat[i + step] == level:
                    flat[i + step] = 0
                    voxels[end] = i + step
                    end += 1
        zones[n_zones, 0] = level
        zones[n_zones, 1] = end - first
        n_zones += 1
    return n_zones
