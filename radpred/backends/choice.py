"""Where an array lives, and the way back to the host."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpred.image import Array


def is_cupy(array: Array) -> bool:
    """Tell whether ``array`` lives on a GPU, held by CuPy, without importing CuPy."""
    return type(array).__module__.partition(".")[0] == "cupy"


def to_host(array: Array) -> np.ndarray[Any, np.dtype[Any]]:
    """Return ``array`` as a NumPy array; one that is a NumPy array already is not copied.

    Parameters
    ----------
    array : array
        Of any shape and of any library that exchanges arrays by DLPack.

    Examples
    --------
    >>> to_host(np.arange(3))
    array([0, 1, 2])
    """
    if isinstance(array, np.ndarray):
        return array
    if is_cupy(array):
        return np.asarray(array.get())
    return np.from_dlpack(array)
