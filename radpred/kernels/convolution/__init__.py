"""Convolve along one axis with several filters of one length, reading the array once."""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels.convolution import _numba, _numpy

__all__ = ["Taps", "convolve"]

Taps = tuple[float, ...]


def convolve(data: Array, filters: tuple[Taps, ...], *, axis: int) -> list[Array]:
    """Return the convolution with each filter, where it overlaps the array fully.

    The terms are added one after the other from the first tap on, and rounded to the array's type,
    so that every variant gives the same bits.

    Parameters
    ----------
    data : array of float, shape (z, y, x)
        Single or double precision; taps are rounded to it.
    filters : tuple of tuple of float
        The taps, as many of each filter.
    axis : int
        Along which to convolve; it becomes shorter by one less than the number of taps.

    Returns
    -------
    list of array
        One response a filter, of the type of ``data``.

    Examples
    --------
    >>> line = np.array([[[1.0, 2.0, 4.0]]])
    >>> [part.ravel().tolist() for part in convolve(line, ((1.0, 0.0), (1.0, -1.0)), axis=2)]
    [[2.0, 4.0], [1.0, 2.0]]
    """
    variant = _numba if isinstance(data, np.ndarray) else _numpy
    return variant.convolve(data, filters, axis=axis)
