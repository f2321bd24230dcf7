"""Separable filters applied to the part of an image that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from radpred.backends import array_namespace
from radpred.filters._box import Beyond, along, surrounded
from radpred.filters._rotations import (
    NOTHING,
    Kernel,
    Pooling,
    Separable,
    distinct_rotations,
    pooled,
)
from radpred.image import Array, Box
from radpred.kernels.convolution import convolve

Reach = tuple[int, int]

# Longer filters are faster as matrix products: on 100^3 voxels 15 taps took 2.1 to 4.5 ms as
# loops and 2.1 to 2.4 ms as products, 5 taps 0.6 to 1.5 and 1.6 to 2.0 ms, 81 taps 12 to 24 and
# 5 to 7 ms; Fourier transforms along the axis were slower than products up to there.
_MOST_LOOPED_TAPS = 15
_ROWS = 32


def convolved(voxels: Array, kernels: Separable, *, box: Box, beyond: Beyond) -> Array:
    """Return the response to a separable filter inside ``box``, in double precision."""
    ((response, _),) = responses(voxels, {kernels: (1,)}, box=box, beyond=beyond)
    return response


def rotation_invariant(
    voxels: Array,
    kernels: Separable,
    *,
    box: Box,
    beyond: Beyond,
    flat_axis: int | None,
    pooling: Pooling,
) -> Array:
    """Return the pooled response to all right-angle rotations of a separable filter."""
    filters = distinct_rotations(kernels, flat_axis=flat_axis)
    return pooled(responses(voxels, filters, box=box, beyond=beyond), pooling=pooling)


def responses(
    voxels: Array, filters: dict[Separable, tuple[int, ...]], *, box: Box, beyond: Beyond
) -> Iterator[tuple[Array, tuple[int, ...]]]:
    """Yield the response to each separable filter inside ``box``, with the filter's signs.

    What filters have in common along z, and along z and y, is convolved once. The order is that
    of their first kernels.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        The whole image, in any real type.
    filters : dict
        From kernels along z, y and x to whatever the caller wants back with the response.
    box : tuple of slice
        Inside the image, with start and stop.
    beyond : {"zero", "edge", "periodic", "mirror"}
        What lies beyond the image.
    """
    xp = array_namespace(voxels)
    reach = tuple(_widest(kernels[axis] for kernels in filters) for axis in range(3))
    data = xp.asarray(surrounded(voxels, box, reach, beyond=beyond), dtype=xp.float64)
    yield from _branches(data, filters, reach, axis=0)


def _branches(
    data: Array, filters: dict[Separable, tuple[int, ...]], reach: tuple[Reach, ...], *, axis: int
) -> Iterator[tuple[Array, tuple[int, ...]]]:
    """Yield the responses of ``data``, which is filtered along the axes before ``axis``."""
    if axis == 3:
        for signs in filters.values():
            yield data, signs
        return
    for kernel in dict.fromkeys(kernels[axis] for kernels in filters):
        alike = {kernels: signs for kernels, signs in filters.items() if kernels[axis] == kernel}
        yield from _branches(_along(data, kernel, reach[axis], axis), alike, reach, axis=axis + 1)


def _along(data: Array, kernel: Kernel, reach: Reach, axis: int) -> Array:
    """Return ``data`` convolved along one axis and cut by ``reach``, the widest kernel's."""
    cut = [widest - own for widest, own in zip(reach, kernel.reach, strict=True)]
    data = data[along(axis, cut[0], data.shape[axis] - cut[1])]
    if kernel == NOTHING:
        return data
    # In a product, 0 times a voxel that is no number would make one of its neighbours none.
    xp = array_namespace(data)
    if len(kernel.taps) <= _MOST_LOOPED_TAPS or not bool(xp.all(xp.isfinite(data))):
        return convolve(data, (kernel.taps,), axis=axis)[0]
    return _by_products(data, kernel.taps, axis)


def _by_products(data: Array, taps: tuple[float, ...], axis: int) -> Array:
    """Return ``data`` convolved along one axis, a block of rows at a time."""
    xp = array_namespace(data)
    shape = list(data.shape)
    shape[axis] -= len(taps) - 1
    filtered = xp.empty(tuple(shape), dtype=xp.float64)
    n_rows = min(_ROWS, shape[axis])
    band = np.zeros((n_rows, n_rows + len(taps) - 1))
    for row in range(n_rows):
        band[row, row : row + len(taps)] = taps[::-1]
    matrix = xp.asarray(band)
    for start in range(0, shape[axis], n_rows):
        stop = min(start + n_rows, shape[axis])
        part = matrix[: stop - start, : stop - start + len(taps) - 1]
        source = data[along(axis, start, stop + len(taps) - 1)]
        multiply_along(part, source, axis, into=filtered[along(axis, start, stop)])
    return filtered


def multiply_along(matrix: Array, array: Array, axis: int, *, into: Array) -> None:
    """Write ``array`` with ``matrix`` applied along one axis, which is not moved."""
    xp = array_namespace(array)
    left, right, flat = matrix, array, into
    if axis == 0:
        right = xp.reshape(array, (array.shape[0], -1))
        flat = xp.reshape(into, (into.shape[0], -1))
    elif axis == 2:
        left, right = array, matrix.T
    if isinstance(flat, np.ndarray):
        np.matmul(left, right, out=flat)
    else:
        into[...] = xp.reshape(xp.matmul(left, right), into.shape)


def _widest(kernels: Iterable[Kernel]) -> Reach:
    """Return the farthest that any kernel reaches, before and after."""
    reaches = [kernel.reach for kernel in kernels]
    return max(before for before, _ in reaches), max(after for _, after in reaches)
