"""Voxels that are no numbers (NaN, infinite): where they lie, and what stands in for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy

from radpred.backends import array_namespace, beside, measurable, to_host
from radpred.image import Array, Image, Mask, Triple


def find_non_finite(image: Image, mask: Mask) -> Array:
    """Return where in a region voxels are not finite, as array indices, shape (n, 3).

    Parameters
    ----------
    image : Image
        The scan; only the box of the region is read.
    mask : Mask
        The region, on the image's grid.

    Examples
    --------
    >>> from radpred.image import Grid
    >>> grid = Grid(shape=(1, 1, 3))
    >>> image = Image(voxels=np.array([[[1.0, np.nan, 3.0]]]), grid=grid)
    >>> find_non_finite(image, Mask(voxels=np.ones((1, 1, 3), dtype=bool), grid=grid)).tolist()
    [[0, 0, 1]]
    """
    box = mask.box
    voxels = measurable(image.voxels[box]) if box is not None else np.empty((0, 0, 0))
    if box is None or voxels.dtype.kind != "f":
        return np.empty((0, 3), dtype=np.intp)
    xp = array_namespace(voxels)
    found = beside(mask.voxels[box], voxels) & ~xp.isfinite(voxels)
    return to_host(xp.argwhere(found)) + [part.start for part in box]


def without(mask: Mask, places: Array) -> Mask:
    """Return the region without the voxels at ``places`` (indices of ``find_non_finite``)."""
    if not len(places):
        return mask
    voxels = mask.voxels.copy()
    voxels[tuple(beside(indices, voxels) for indices in places.T)] = False
    step = f"{len(places)} voxels that are not finite were left out"
    return replace(mask, voxels=voxels, steps=(*mask.steps, step))


def bridged(voxels: Array, *, spacing: Triple) -> tuple[Array, Array]:
    """Return voxels with the nearest finite one in place of each that is not, and where those are.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        Intensities; at least one of them finite.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.

    Returns
    -------
    voxels : array, shape (z, y, x)
        The same array where all are finite.
    gaps : array of bool, shape (z, y, x)
        Where another voxel stands in.
    """
    gaps = ~array_namespace(voxels).isfinite(voxels)
    if not bool(gaps.any()):
        return voxels, gaps
    # On the host: of several nearest voxels, a device might take another.
    nearest = scipy.ndimage.distance_transform_edt(
        to_host(gaps), sampling=spacing, return_distances=False, return_indices=True
    )
    return voxels[tuple(beside(index, voxels) for index in nearest)], gaps
