"""Cut an image and a mask to the region, so that no later step sees the rest."""

from __future__ import annotations

from dataclasses import replace

from radpred.errors import GeometryError, RegionError
from radpred.image import Image, Mask, bounding_box


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
