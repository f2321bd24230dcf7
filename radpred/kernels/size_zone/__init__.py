"""Find zones: connected voxels (26 neighbours) of one grey level (IBSI 9SAK)."""

from __future__ import annotations

import numpy as np

from radpred.backends import is_cupy
from radpred.image import Array
from radpred.kernels.size_zone import _cupy, _numba
from radpred.kernels.size_zone._numba import fill_zones

__all__ = ["fill_zones", "find_zones"]


def find_zones(levels: Array, *, flat_axis: int | None = None) -> Array:
    """Return the grey level and the size of every zone.

    Parameters
    ----------
    levels : array of int, shape (z, y, x)
        0 outside the region, positive inside.
    flat_axis : int, optional
        The axis along which no voxel is a neighbour, so that zones lie in slices across it.

    Returns
    -------
    array of int, shape (n_zones, 2)
        Rows (level, number of voxels), in no particular order, on the host.
    """
    if is_cupy(levels):
        return _cupy.find_zones(levels, flat_axis)
    return _numba.find_zones(np.ascontiguousarray(levels, dtype=np.int16), flat_axis)
