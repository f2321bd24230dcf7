"""Cut an image and a mask to the region, so that no later step sees the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from radpred.errors import GeometryError, RegionError
from radpred.image import Array, Image, Mask

Box = tuple[slice, slice, slice]


def bounding_box(voxels: Array, *, margin: int = 0) -> Box | None:
    """Return the smallest box around the true voxels, or None where there are none.

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region.
    margin : int
        Voxels to add on every side, as far as the array reaches.
    """
    ends: list[slice] = []
    inner = voxels
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(inner.any(axis=others))
        if not found.size:
            return None
        first, stop = int(found[0]), int(found[-1]) + 1
        inner = inner[(slice(None),) * axis + (slice(first, stop),)]
        ends.append(slice(max(first - margin, 0), min(stop + margin, voxels.shape[axis])))
    return ends[0], ends[1], ends[2]


def crop(image: Image, mask: Mask, *, margin: int = 0) -> tuple[Image, Mask]:
    """Return image and mask cut to the mask's bounding box.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid.
    margin : int
        Voxels to keep around the box on every side, as far as the image reaches.

    Raises
    ------
    GeometryError
        The mask lies on another grid.
    RegionError
        The mask is empty.
    """
    if mask.grid != image.grid:
        msg = f"{mask.name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    box = bounding_box(mask.voxels, margin=margin)
    if box is None:
        msg = f"{mask.name}: holds no voxel, so there is nothing to crop to; check the mask"
        raise RegionError(msg, code="empty")
    grid = image.grid.cropped(box)
    return (
        replace(image, voxels=image.voxels[box], grid=grid),
        replace(mask, voxels=mask.voxels[box], grid=grid),
    )
