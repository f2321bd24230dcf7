"""Find the largest distances between points of a region's mesh, in space and in planes.

The points are the midpoints of the edges that the surface crosses. The ends of the largest
distance are corners of the convex hull, hence of the hull of their own plane.
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels.diameter import _numba

__all__ = ["maximum_diameters"]


def maximum_diameters(mask: Array, *, spacing: Triple) -> tuple[float, float, float, float]:
    """Return the largest distances between surface points, in mm.

    Parameters
    ----------
    mask : array of bool, shape (z, y, x)
        The region, not empty.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.

    Returns
    -------
    tuple of float
        Among points of one z (PyRadiomics: slice), of one y (column), of one x (row), and of all.
    """
    return _numba.maximum_diameters(np.ascontiguousarray(mask, dtype=bool), spacing)
