"""The magnitude of the gradient as ITK's filter computes it, by central differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from radpred.backends import array_namespace
from radpred.filters._box import shifted, surrounded, whole
from radpred.image import Array, Box, Image


def gradient_magnitude(image: Image, *, use_spacing: bool = True, box: Box | None = None) -> Image:
    """Return the length of the gradient at every voxel.

    Equals ITK's ``GradientMagnitudeImageFilter``. Beyond its border the image goes on with the
    border's voxels.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are differentiated in double precision.
    use_spacing : bool
        Whether the gradient is per mm; else it is per voxel.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The response inside ``box``; float32, as ITK gives it.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    voxels = xp.asarray(surrounded(image.voxels, box, (1, 1, 1), beyond="edge"), dtype=xp.float64)
    spacing = image.grid.spacing if use_spacing else (1.0, 1.0, 1.0)
    squares: Array = 0.0
    with np.errstate(invalid="ignore"):  # infinite voxels may meet; what they make is NaN
        for axis in range(3):
            line = voxels
            for other in {0, 1, 2} - {axis}:
                line = shifted(line, 0, other, margin=1)
            ahead, behind = (shifted(line, step, axis, margin=1) for step in (1, -1))
            slope = (ahead * 0.5 - behind * 0.5) * (1.0 / spacing[axis])
            squares = squares + slope * slope
    unit = "mm" if use_spacing else "voxel"
    return replace(
        image,
        voxels=xp.asarray(xp.sqrt(squares), dtype=xp.float32),
        grid=image.grid.cropped(box),
        name="gradient",
        steps=(*image.steps, f"gradient magnitude per {unit}"),
    )
