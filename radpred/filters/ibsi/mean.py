"""The mean filter of IBSI 2 (S60F)."""

from __future__ import annotations

from dataclasses import replace

from radpred.backends import array_namespace
from radpred.filters._box import Beyond, whole
from radpred.filters._convolve import convolved
from radpred.filters._rotations import NOTHING, Kernel
from radpred.image import Box, Image


def mean_name(support_voxels: int) -> str:
    """Return the name of a response map.

    Examples
    --------
    >>> mean_name(15)
    'mean-15'
    """
    return f"mean-{support_voxels}"


def mean(
    image: Image,
    *,
    support_voxels: int,
    beyond: Beyond = "mirror",
    flat_axis: int | None = None,
    box: Box | None = None,
) -> Image:
    """Return the mean of the cube, or square, around every voxel.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are averaged in double precision.
    support_voxels : int
        Side of the cube, odd.
    beyond : {"zero", "edge", "periodic", "mirror"}
        What lies beyond the image.
    flat_axis : int, optional
        The axis across slices, in which squares lie; cubes by default.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The response inside ``box``, in the unit of the image; float32.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    # Divided at the end: sums of whole numbers are exact.
    side = Kernel.centred((1.0,) * support_voxels)
    z, y, x = (NOTHING if axis == flat_axis else side for axis in range(3))
    total = convolved(image.voxels, (z, y, x), box=box, beyond=beyond)
    response = total / support_voxels ** (3 if flat_axis is None else 2)
    return replace(
        image,
        voxels=xp.asarray(response, dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=mean_name(support_voxels),
        steps=(*image.steps, f"mean of {support_voxels} voxels a side"),
    )
