"""The module that goes with an array: its own library, and that library's ndimage and fft."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy

from radpred.backends.choice import is_cupy
from radpred.image import Array


def array_namespace(array: Array) -> Any:
    """Return the library whose functions work on ``array``.

    Parameters
    ----------
    array : array
        NumPy, CuPy, or any array that names its library as the array API standard asks.

    Raises
    ------
    TypeError
        ``array`` is not an array.

    Examples
    --------
    >>> array_namespace(np.zeros(2)).__name__
    'numpy'
    """
    if isinstance(array, np.ndarray):
        return np
    if is_cupy(array):
        import cupy

        return cupy
    if hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    msg = f"got {type(array).__name__}, wanted a NumPy or CuPy array; numpy.asarray makes one"
    raise TypeError(msg)


def ndimage_of(array: Array) -> Any:
    """Return the image-processing module that works on ``array``: SciPy's, or CuPy's twin of it.

    Raises
    ------
    TypeError
        ``array`` is neither a NumPy nor a CuPy array.
    """
    if isinstance(array, np.ndarray):
        return scipy.ndimage
    if is_cupy(array):
        import cupyx.scipy.ndimage

        return cupyx.scipy.ndimage
    msg = f"got {type(array).__name__}, wanted a NumPy or CuPy array: no other has an ndimage"
    raise TypeError(msg)


def fft_of(array: Array) -> Any:
    """Return the module of Fourier transforms for ``array``: SciPy's, or CuPy's twin of it.

    Raises
    ------
    TypeError
        ``array`` is neither a NumPy nor a CuPy array.
    """
    if isinstance(array, np.ndarray):
        return scipy.fft
    if is_cupy(array):
        import cupyx.scipy.fft

        return cupyx.scipy.fft
    msg = f"got {type(array).__name__}, wanted a NumPy or CuPy array: no other has such an fft"
    raise TypeError(msg)
