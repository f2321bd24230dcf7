"""Sum over all pairs of voxels, each weighted by the inverse of its distance.

With n voxels there are n (n - 1) pairs, but their sums need only each voxel's potential, the
weighted sum over all others: a convolution with 1 / distance, exact by Fourier transform.
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels.autocorrelation import _fft
from radpred.kernels.autocorrelation._sums import PairSums

__all__ = ["PairSums", "pair_sums"]


def pair_sums(values: Array, mask: Array, *, spacing: Triple) -> PairSums:
    """Return sums over all ordered pairs of different voxels of a region.

    Parameters
    ----------
    values : array of float, shape (z, y, x)
        Finite in the region; large next to their spread they lose digits, so centre them.
    mask : array of bool, shape (z, y, x)
        The region, cropped to its bounding box.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    """
    inside = np.ascontiguousarray(mask, dtype=bool)
    return _fft.pair_sums(np.where(inside, values, 0.0), inside, spacing)
