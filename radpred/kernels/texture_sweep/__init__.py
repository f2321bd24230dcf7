"""Count pairs, runs, dependences and neighbour differences of grey levels in one sweep.

The counts of the GLCM, the GLRLM, the GLDM (IBSI: NGLDM) and the NGTDM all come from looking
at a voxel's neighbours along the 13 directions of the 26-neighbourhood, so one pass fills them.
The Numba variant keeps one dense matrix a direction. Where there are many levels, or few voxels
for their number, the reference, which stores only what occurs, needs less memory and time.
"""

from __future__ import annotations

import numpy as np

from radpred.backends import is_cupy
from radpred.image import Array
from radpred.kernels.texture_sweep import _cupy, _numba, _numpy
from radpred.kernels.texture_sweep._numpy import (
    EVERYWHERE,
    TextureCounts,
    Walk,
    has_shared_line,
)
from radpred.kernels.texture_sweep._offsets import DIRECTIONS, neighbour_offsets

_DENSE_LEVELS = 1024
_DENSE_CELLS_PER_VOXEL = 128

__all__ = [
    "DIRECTIONS",
    "EVERYWHERE",
    "TextureCounts",
    "Walk",
    "has_shared_line",
    "neighbour_offsets",
    "sweep",
]


def sweep(levels: Array, grey_levels: Array, walk: Walk = EVERYWHERE) -> TextureCounts:
    """Count grey-level pairs, runs, dependences and differences along a walk's directions.

    Parameters
    ----------
    levels : array of int, shape (z, y, x)
        0 outside the region; inside, 1 + the position of the voxel's level in ``grey_levels``.
    grey_levels : array of float, shape (n,)
        The grey levels that occur in the region, ascending.
    walk : Walk
        Where neighbours and runs lie: touching voxels, in 13 directions, by default.

    Returns
    -------
    TextureCounts
        What occurs, and how often, on the host; directions that hold no pair or run are absent.
    """
    grey_levels = np.asarray(grey_levels, dtype=np.float64)
    if is_cupy(levels):
        return _cupy.sweep(levels, grey_levels, walk)
    levels = np.ascontiguousarray(levels, dtype=np.int16)
    n_levels, n_cells = grey_levels.size, grey_levels.size**2
    if n_levels <= _DENSE_LEVELS and n_cells <= _DENSE_CELLS_PER_VOXEL * np.count_nonzero(levels):
        return _numba.sweep(levels, grey_levels, walk)
    return _numpy.sweep(levels, grey_levels, walk)
