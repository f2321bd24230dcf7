"""The part of an image that a filter is asked for, and what lies around it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from radpred.backends import array_namespace
from radpred.image import Array, Box, Image


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
    voxels: Array, box: Box, margins: tuple[int, int, int], *, beyond: Literal["edge", "zero"]
) -> Array:
    """Return ``box`` with a margin on both sides of each axis.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        The whole image.
    box : tuple of slice
        Inside the image, with start and stop.
    margins : tuple of int
        How many voxels to add along each axis.
    beyond : {"edge", "zero"}
        What lies beyond the image: its border's voxels again, or nothing.
    """
    xp = array_namespace(voxels)
    for axis, (part, margin) in enumerate(zip(box, margins, strict=True)):
        size = voxels.shape[axis]
        start, stop = part.start - margin, part.stop + margin
        inside = slice(max(start, 0), min(stop, size))
        if inside == slice(start, stop):
            voxels = voxels[along(axis, start, stop)]
        elif beyond == "edge":
            index = np.clip(np.arange(start, stop), 0, size - 1)
            voxels = xp.take(voxels, xp.asarray(index), axis=axis)
        else:
            shape = [*voxels.shape]
            shape[axis] = stop - start
            padded = xp.zeros(tuple(shape), dtype=voxels.dtype)
            place = along(axis, inside.start - start, inside.stop - start)
            padded[place] = voxels[along(axis, inside.start, inside.stop)]
            voxels = padded
    return voxels
