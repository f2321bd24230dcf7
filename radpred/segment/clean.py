"""What is left of a raw segmentation: one part, without holes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from radpred.image import Array


def connected_to(voxels: Array, core: Array) -> Array:
    """Return the part of ``voxels`` that shares most voxels with ``core``, nothing if none does.

    Parameters
    ----------
    voxels, core : array of bool
        Shape (z, y, x); parts hang together by faces.
    """
    parts, n_parts = ndimage.label(voxels)
    shared = np.bincount(parts[core], minlength=n_parts + 1)
    shared[0] = 0
    return (parts == shared.argmax()) if shared.any() else np.zeros_like(voxels)


def without_holes(voxels: Array) -> Array:
    """Return ``voxels`` with what they enclose."""
    return ndimage.binary_fill_holes(voxels)
