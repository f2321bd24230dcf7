"""The reference: SciPy's interpolation, or CuPy's twin of it, at every point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from radpred.backends import array_namespace, ndimage_of
from radpred.image import Array, Box


def window(voxels: Array, shifts: Array, box: Box) -> Box:
    """Return the part of an image that is read: all of it."""
    z, y, x = (slice(0, size) for size in voxels.shape)
    return z, y, x


def sampler(voxels: Array, shifts: Array, box: Box) -> Callable[[slice], Array]:
    """Return the function that samples a run of slices of ``box``."""
    xp, ndimage = array_namespace(voxels), ndimage_of(voxels)
    coefficients = ndimage.spline_filter(voxels, order=3, output=xp.float64, mode="mirror")

    def sampled(run: slice) -> Array:
        first = box[0].start
        parts = (slice(first + run.start, first + run.stop), box[1], box[2])
        places = np.stack(
            np.meshgrid(*(np.arange(part.start, part.stop) for part in parts), indexing="ij"),
            axis=-1,
        )
        points = np.moveaxis(places[..., None, :] + shifts, -1, 0)
        return ndimage.map_coordinates(
            coefficients, xp.asarray(points), order=3, mode="constant", prefilter=False
        )

    return sampled
