"""How far voxels lie inside an outline, in steps from face to face."""

from __future__ import annotations

import numpy as np
import scipy

from radpred.backends import is_cupy
from radpred.image import Array
from radpred.kernels.distance_zone import _cupy


def border_distances(outline: Array, *, flat_axis: int | None = None) -> Array:
    """Return how many steps lead from each voxel out of an outline, 1 from one at its border.

    Parameters
    ----------
    outline : array of bool, shape (z, y, x)
        A region; what lies beyond the array is not part of it.
    flat_axis : int, optional
        The axis along which no step leads.

    Returns
    -------
    array of int, shape (z, y, x)
        0 outside the outline.

    Examples
    --------
    >>> border_distances(np.ones((1, 1, 5)), flat_axis=0).tolist()
    [[[1, 1, 1, 1, 1]]]
    """
    if is_cupy(outline):
        return _cupy.border_distances(outline, flat_axis)
    faces = scipy.ndimage.generate_binary_structure(3, 1)
    if flat_axis is not None:
        np.moveaxis(faces, flat_axis, 0)[[0, 2]] = False
    found = scipy.ndimage.distance_transform_cdt(np.pad(outline, 1), metric=faces)
    return found[1:-1, 1:-1, 1:-1]
