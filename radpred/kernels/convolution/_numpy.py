"""The reference: the sum of shifted arrays."""

from __future__ import annotations

import numpy as np

from radpred.image import Array


def convolve(data: Array, filters: tuple[tuple[float, ...], ...], *, axis: int) -> list[Array]:
    """Return one response a filter; in any array library."""
    return [_convolved(data, taps, axis) for taps in filters]


def _convolved(data: Array, taps: tuple[float, ...], axis: int) -> Array:
    """Return the response to one filter."""
    n_out = data.shape[axis] - len(taps) + 1
    total: Array = 0.0
    with np.errstate(invalid="ignore"):  # infinite voxels may meet; what they make is NaN
        for number, tap in enumerate(taps):
            start = len(taps) - 1 - number
            index = (slice(None),) * axis + (slice(start, start + n_out), ...)
            total = total + data[index] * tap
    return total
