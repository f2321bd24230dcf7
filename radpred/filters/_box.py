"""The part of an image that a filter is asked for."""

from __future__ import annotations

from radpred.image import Box, Image


def whole(image: Image) -> Box:
    """Return the box that holds all of an image."""
    z, y, x = image.grid.shape
    return slice(0, z), slice(0, y), slice(0, x)


def along(axis: int, start: int, stop: int) -> Box:
    """Return the index of the voxels from ``start`` to ``stop`` along one axis."""
    index = [slice(None), slice(None), slice(None)]
    index[axis] = slice(start, stop)
    return index[0], index[1], index[2]
