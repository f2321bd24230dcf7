"""Find how far zones lie from the border of an outline (IBSI VMDZ)."""

from __future__ import annotations

import numpy as np

from radpred.backends import is_cupy
from radpred.image import Array
from radpred.kernels.distance_zone import _cupy, _numba
from radpred.kernels.distance_zone._border import border_distances

__all__ = ["border_distances", "find_distance_zones"]


def find_distance_zones(levels: Array, distances: Array, *, flat_axis: int | None = None) -> Array:
    """Return the grey level of every zone, and the least distance of its voxels.

    Parameters
    ----------
    levels : array of int, shape (z, y, x)
        0 outside the region, positive inside.
    distances : array of int, shape (z, y, x)
        How far each voxel lies from the border.
    flat_axis : int, optional
        The axis along which no voxel is a neighbour, so that zones lie in slices across it.

    Returns
    -------
    array of int, shape (n_zones, 2)
        Rows (level, distance), in no particular order, on the host.
    """
    if is_cupy(levels):
        return _cupy.find_distance_zones(levels, distances, flat_axis)
    levels = np.ascontiguousarray(levels, dtype=np.int16)
    return _numba.find_distance_zones(levels, distances, flat_axis)
