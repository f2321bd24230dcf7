"""The fast variant: row by row, so that sums stay in the nearest cache."""

from __future__ import annotations

import math

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled


def convolve(data: Array, filters: tuple[tuple[float, ...], ...], *, axis: int) -> list[Array]:
    """Return one response a filter."""
    taps = np.array(filters, dtype=data.dtype)
    shape = list(data.shape)
    shape[axis] -= taps.shape[1] - 1
    responses = np.empty((len(filters), *shape), dtype=data.dtype)
    data = np.ascontiguousarray(data)
    if axis == 2:
        flat = (-1, data.shape[2])
        _along_rows(data.reshape(flat), taps, responses.reshape(len(filters), -1, shape[2]))
    else:
        n_before, n_after = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
        rows = data.reshape(n_before, data.shape[axis], n_after)
        _across_rows(rows, taps, responses.reshape(len(filters), n_before, shape[axis], n_after))
    return list(responses)


@compiled
def _along_rows(rows, taps, responses):  # type: ignore[no-untyped-def]
    """Convolve every row with every filter."""
    n_filters, n_taps = taps.shape
    n_out = responses.shape[2]
    for row in range(rows.shape[0]):
        for which in range(n_filters):
            for x in range(n_out):
                responses[which, row, x] = 0
            for number in range(n_taps):
                tap = taps[which, number]
                start = n_taps - 1 - number
                for x in range(n_out):
                    responses[which, row, x] += rows[row, x + start] * tap


@compiled
def _across_rows(rows, taps, responses):  # type: ignore[no-untyped-def]
    """Convolve along the second axis, a row of the third at a time."""
    n_filters, n_taps = taps.shape
    _, n_before, n_out, width = responses.shape
    for before in range(n_before):
        for row in range(n_out):
            for which in range(n_filters):
                for x in range(width):
                    responses[which, before, row, x] = 0
                for number in range(n_taps):
                    tap = taps[which, number]
                    source = row + n_taps - 1 - number
                    for x in range(width):
                        responses[which, before, row, x] += rows[before, source, x] * tap
