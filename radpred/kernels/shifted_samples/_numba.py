"""The fast variant: all voxels of a row share the weights of a point; only what is near is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from radpred.image import Array, Box
from radpred.kernels._compiled import compiled

# The coefficients forget a voxel by 0.268 at each step: 0.268^48 < 1e-27, beyond any rounding.
_REACH = 48


def window(voxels: Array, shifts: Array, box: Box) -> Box:
    """Return the part of an image that is read: ``box``, its points, and what these depend on."""
    z, y, x = (
        slice(max(start - _REACH, 0), min(stop + _REACH, size))
        for (start, stop), size in zip(_taps(shifts, box), voxels.shape, strict=True)
    )
    return z, y, x


def sampler(voxels: Array, shifts: Array, box: Box) -> Callable[[slice], Array]:
    """Return the function that samples a run of slices of ``box``."""
    taps = _taps(shifts, box)
    coefficients = _coefficients(voxels, taps, window(voxels, shifts, box))
    lines = [
        _Line.of(part, size, shift)
        for part, size, shift in zip(box, voxels.shape, shifts.T, strict=True)
    ]
    before = [part.start - start for part, (start, _) in zip(box, taps, strict=True)]
    firsts = np.stack([line.first for line in lines], axis=1) + before
    n_slices, height, width = (part.stop - part.start for part in box)
    n_more = len(coefficients) - n_slices

    def sampled(run: slice) -> Array:
        samples = np.empty((run.stop - run.start, height, width, len(shifts)))
        z, y, x = lines
        _sample(
            coefficients[run.start : run.stop + n_more],
            firsts,
            *(np.ascontiguousarray(of) for of in (z.weights[..., run], y.weights, x.weights)),
            *(np.ascontiguousarray(of) for of in (z.is_inside[:, run], y.is_inside, x.is_inside)),
            np.empty((2, width + 3)),
            samples,
        )
        return samples

    return sampled


def _taps(shifts: Array, box: Box) -> list[tuple[int, int]]:
    """Return where the coefficients begin and end that the points' splines take, by axis."""
    # Those of order 3: one voxel before the point, and two after it.
    low = np.floor(shifts.min(axis=0)).astype(int) - 1
    high = np.floor(shifts.max(axis=0)).astype(int) + 2
    return [
        (part.start + below, part.stop + above)
        for part, below, above in zip(box, low.tolist(), high.tolist(), strict=True)
    ]


def _coefficients(voxels: Array, taps: list[tuple[int, int]], read: Box) -> Array:
    """Return the spline's coefficients at ``taps``, from the voxels in ``read``."""
    coefficients = scipy.ndimage.spline_filter(
        voxels[read], order=3, output=np.float64, mode="mirror"
    )
    for axis, ((start, stop), part) in enumerate(zip(taps, read, strict=True)):
        index = np.arange(start, stop)
        if part.start == 0 or part.stop == voxels.shape[axis]:
            index = _mirrored(index, voxels.shape[axis])
        coefficients = np.take(coefficients, index - part.start, axis=axis)
    return np.ascontiguousarray(coefficients)


def _mirrored(index: Array, size: int) -> Array:
    """Return indices beyond a line mirrored at its first and its last voxel."""
    if size == 1:
        return np.zeros_like(index)
    turned = np.abs(index) % (2 * size - 2)
    return np.minimum(turned, 2 * size - 2 - turned)


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One axis: for each point the first tap (relative to the voxel), the weights, what is in."""

    first: Array
    weights: Array
    is_inside: Array

    @classmethod
    def of(cls, part: slice, size: int, shift: Array) -> _Line:
        """Return the line of the voxels of ``part`` among ``size``."""
        places = np.arange(part.start, part.stop) + shift[:, None]
        beyond = places - np.floor(places)
        before = 1.0 - beyond
        weights = np.empty((len(shift), 4, places.shape[1]))
        weights[:, 0] = before * before * before / 6.0
        weights[:, 1] = (beyond * beyond * (beyond - 2.0) * 3.0 + 4.0) / 6.0
        weights[:, 2] = (before * before * (before - 2.0) * 3.0 + 4.0) / 6.0
        weights[:, 3] = 1.0 - weights[:, 0] - weights[:, 1] - weights[:, 2]
        return cls(
            first=np.floor(shift).astype(np.int64) - 1,
            weights=weights,
            is_inside=(places >= 0) & (places <= size - 1),
        )


@compiled
def _sample(coefficients, firsts, of_z, of_y, of_x, in_z, in_y, in_x, rows, samples):  # type: ignore[no-untyped-def]
    """Fill ``samples``; products and sums run in SciPy's order."""
    depth, height, width, n_points = samples.shape
    for z in range(depth):
        for y in range(height):
            for point in range(n_points):
                z0, y0, x0 = z + firsts[point, 0], y + firsts[point, 1], firsts[point, 2]
                for x in range(width):
                    rows[1, x] = 0.0
                for i in range(4):
                    for j in range(4):
                        first, second = of_z[point, i, z], of_y[point, j, y]
                        for x in range(width + 3):
                            rows[0, x] = coefficients[z0 + i, y0 + j, x0 + x] * first * second
                        for k in range(4):
                            for x in range(width):
                                rows[1, x] += rows[0, x + k] * of_x[point, k, x]
                is_inside = in_z[point, z] and in_y[point, y]
                for x in range(width):
                    is_in = is_inside and in_x[point, x]
                    samples[z, y, x, point] = rows[1, x] if is_in else 0.0
