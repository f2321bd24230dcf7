"""Bring an array to where another one lives, or its only element to the host."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpred.backends.choice import is_cupy, to_host
from radpred.backends.modules import array_namespace
from radpred.image import Array


def beside(array: Array, other: Array) -> Array:
    """Return ``array`` where ``other`` lives: on the host, or on the device.

    Parameters
    ----------
    array, other : array
        Nothing is copied where both live in one place.

    Examples
    --------
    >>> beside(np.arange(3), np.zeros(1))
    array([0, 1, 2])
    """
    if type(array) is type(other):
        return array
    if isinstance(other, np.ndarray):
        return to_host(array)
    return array_namespace(other).asarray(to_host(array))


def measurable(array: Array) -> Array:
    """Return ``array`` if NumPy or CuPy holds it, else as a NumPy array: both can be measured."""
    return array if is_cupy(array) else to_host(array)


def as_number(array: Array) -> Any:
    """Return the only element of ``array``, or a number, as a NumPy number on the host.

    Examples
    --------
    >>> as_number(np.array([2.5], dtype=np.float32)).dtype
    dtype('float32')
    """
    return array if isinstance(array, np.generic) else to_host(array).reshape(())[()]
