"""Count texture in the small cube around each of many voxels.

What ``texture_sweep`` and ``size_zone`` count in a region is counted here in as many small
regions as there are voxels: the part of the cube around a voxel that lies in the level array.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from radpred.image import Array
from radpred.kernels.neighbourhoods import _numba
from radpred.kernels.neighbourhoods._numpy import WHAT, NeighbourhoodCounts
from radpred.kernels.texture_sweep import Walk

__all__ = ["WHAT", "NeighbourhoodCounts", "count_neighbourhoods"]


def count_neighbourhoods(
    levels: Array,
    grey_levels: Array,
    centres: Array,
    *,
    radius: int,
    walk: Walk,
    flat_axis: int | None = None,
    what: Collection[str] = WHAT,
) -> NeighbourhoodCounts:
    """Count pairs, runs, zones, dependences and differences around every centre.

    Parameters
    ----------
    levels : array of int, shape (z, y, x)
        0 where nothing is looked at; else 1 + the position of the level in ``grey_levels``.
    grey_levels : array of float, shape (n_levels,)
        The grey levels, ascending.
    centres : array of int, shape (n, 3)
        Voxels (z, y, x).
    radius : int
        Half the side of the cubes, in voxels.
    walk : Walk
        Where neighbours and runs lie.
    flat_axis : int, optional
        The axis along which cubes are one voxel thick.
    what : collection of str
        Which of ``levels``, ``pairs``, ``runs``, ``zones``, ``around`` (dependences and
        differences) to count; what is not asked for is empty, or 0.
    """
    levels = np.ascontiguousarray(levels, dtype=np.int16)
    return _numba.count_neighbourhoods(
        levels, grey_levels, centres, radius=radius, walk=walk, flat_axis=flat_axis, what=what
    )
