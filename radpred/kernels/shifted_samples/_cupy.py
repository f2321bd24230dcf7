"""The variant for a device: the library's interpolation, in the part of the image that counts."""

from __future__ import annotations

from collections.abc import Callable

from radpred.backends import array_namespace, ndimage_of
from radpred.image import Array, Box
from radpred.kernels.shifted_samples._numba import window

__all__ = ["sampler", "window"]


def sampler(voxels: Array, shifts: Array, box: Box) -> Callable[[slice], Array]:
    """Return the function that samples a run of slices of ``box``.

    Beyond the window lies the image's own border, or what no point depends on, so that the window
    may stand for the image.
    """
    xp, ndimage = array_namespace(voxels), ndimage_of(voxels)
    read = window(voxels, shifts, box)
    part = xp.asarray(voxels[read], dtype=xp.float64)
    coefficients = ndimage.spline_filter(part, order=3, output=xp.float64, mode="mirror")
    on_device = xp.asarray(shifts)

    def sampled(run: slice) -> Array:
        first = box[0].start
        parts = (slice(first + run.start, first + run.stop), box[1], box[2])
        lines = []
        for axis, (wanted, known) in enumerate(zip(parts, read, strict=True)):
            shape = [1, 1, 1, 1]
            shape[axis] = wanted.stop - wanted.start
            line = xp.arange(wanted.start - known.start, wanted.stop - known.start)
            lines.append(xp.reshape(line, tuple(shape)) + on_device[:, axis])
        points = xp.stack(xp.broadcast_arrays(*lines))
        return ndimage.map_coordinates(
            coefficients, points, order=3, mode="constant", prefilter=False
        )

    return sampled
