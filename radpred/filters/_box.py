"""The part of an image that a filter is asked for, and what lies around it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from radpred.backends import array_namespace
from radpred.image import Array, Box, Image

Beyond = Literal["edge", "zero", "periodic", "mirror"]


def whole(image: Image) -> Box:
    """Return the box that holds all of an image."""
    z, y, x = image.grid.shape
    return slice(0, z), slice(0, y), slice(0, x)


def along(axis: int, start: int, stop: int) -> Box:
    """Return the index of the voxels from ``start`` to ``stop`` along one axis."""
    index = [slice(None), slice(None), slice(None)]
    index[axis] = slice(start, stop)
    return index[0], index[1], index[2]


def shifted(array: Array, shift: int, axis: int, *, margin: int) -> Array:
    """Return a view of what lies ``shift`` voxels on, cut by ``margin`` along that axis."""
    start = margin + shift
    return array[along(axis, start, start + array.shape[axis] - 2 * margin)]


def surrounded(
    voxels: Array,
    box: Box,
    margins: tuple[int, int, int] | tuple[tuple[int, int], ...],
    *,
    beyond: Beyond,
) -> Array:
    """Return ``box`` with a margin on both sides of each axis.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        The whole image.
    box : tuple of slice
        Inside the image, with start and stop.
    margins : tuple of int, or of (int, int)
        How many voxels to add along each axis, on both sides, or before and after.
    beyond : {"edge", "zero", "periodic", "mirror"}
        What lies beyond the image (IBSI 2.2): its border's voxels again (IBSI: nearest value
        padding), nothing, the image again, or its reflection, the border's voxels twice.
    """
    xp = array_namespace(voxels)
    for axis, (part, margin) in enumerate(zip(box, margins, strict=True)):
        before, after = margin if isinstance(margin, tuple) else (margin, margin)
        size = voxels.shape[axis]
        start, stop = part.start - before, part.stop + after
        inside = slice(max(start, 0), min(stop, size))
        if inside == slice(start, stop):
            voxels = voxels[along(axis, start, stop)]
        elif beyond != "zero":
            index = xp.asarray(_indices(np.arange(start, stop), size, beyond))
            voxels = xp.take(voxels, index, axis=axis)
        else:
            shape = [*voxels.shape]
            shape[axis] = stop - start
            padded = xp.zeros(tuple(shape), dtype=voxels.dtype)
            place = along(axis, inside.start - start, inside.stop - start)
            padded[place] = voxels[along(axis, inside.start, inside.stop)]
            voxels = padded
    return voxels


def _indices(wanted: Array, size: int, beyond: Beyond) -> Array:
    """Return which voxels of an image's axis stand at places on and beyond it."""
    if beyond == "periodic":
        return wanted % size
    if beyond == "mirror":
        place = wanted % (2 * size)
        return np.minimum(place, 2 * size - 1 - place)
    return np.clip(wanted, 0, size - 1)
