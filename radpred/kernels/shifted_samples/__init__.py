"""Sample an image at points that lie alike around every voxel, by cubic splines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from radpred.backends import is_cupy
from radpred.image import Array, Box
from radpred.kernels.shifted_samples import _cupy, _numba, _numpy

__all__ = ["samples_window", "shifted_samples"]

# Places along a line that differ by rounding alone are one place.
_SAME = 1e-9
# How many samples to take in one go: what stays near a processor, and what keeps a card busy.
_BLOCK, _BLOCK_OF_CARD = 1 << 20, 1 << 24


def samples_window(voxels: Array, shifts: Array, *, box: Box) -> Box:
    """Return the part of an image that ``shifted_samples`` reads; elsewhere it may hold anything.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        The whole image.
    shifts : array, shape (n, 3)
        From a voxel to its points, in voxels (z, y, x).
    box : tuple of slice
        The voxels whose points are sampled, with start and stop.
    """
    return _variant(voxels).window(voxels, shifts, box)


def shifted_samples(voxels: Array, shifts: Array, *, box: Box) -> Iterator[tuple[slice, Array]]:
    """Yield, for runs of slices of ``box``, the intensities at points around every voxel.

    Equals SciPy's ``map_coordinates`` on the whole image bit by bit: a spline of order 3 through
    the voxels, and 0 beyond the first and the last.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        The whole image, finite in ``samples_window``.
    shifts : array, shape (n, 3)
        From a voxel to its points, in voxels (z, y, x); on the host.
    box : tuple of slice
        The voxels whose points are sampled, with start and stop.

    Yields
    ------
    slice
        Which slices of ``box``, counted from its start.
    array of float64, shape (z, y, x, n)
        The intensities.
    """
    whole = np.rint(shifts)
    shifts = np.where(np.abs(shifts - whole) < _SAME, whole, shifts)
    n_slices, height, width = (part.stop - part.start for part in box)
    block = _BLOCK_OF_CARD if is_cupy(voxels) else _BLOCK
    n_at_once = max(1, block // (height * width * len(shifts)))
    sampler = _variant(voxels).sampler(voxels, shifts, box)
    for start in range(0, n_slices, n_at_once):
        run = slice(start, min(start + n_at_once, n_slices))
        yield run, sampler(run)


def _variant(voxels: Array) -> Any:
    """Return the module that samples an array of this library."""
    if is_cupy(voxels):
        return _cupy
    return _numba if isinstance(voxels, np.ndarray) else _numpy
