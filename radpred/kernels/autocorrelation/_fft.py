"""The fast variant: potentials by Fourier transform, first within planes and then across them.

Plane by plane, arrays need no padding across the planes, which would double them once more.
"""

from __future__ import annotations

import numpy as np
import scipy

from radpred.image import Array, Triple
from radpred.kernels.autocorrelation._sums import PairSums


def pair_sums(values: Array, mask: Array, spacing: Triple) -> PairSums:
    """Return sums over all ordered pairs of different voxels of a region."""
    of_ones, of_values = _potentials(np.stack([mask.astype(np.float64), values]), spacing)
    products = float((values * of_values).sum())
    # Over pairs, (a - b)^2 sums to twice a^2 less twice a b.
    squares = float((values**2 * of_ones).sum())
    return PairSums(
        weights=float(of_ones[mask].sum()),
        products=products,
        square_differences=2 * (squares - products),
    )


def _potentials(fields: Array, spacing: Triple) -> Array:
    """Return, for each field (first axis), the sum over all other voxels of value / distance."""
    depth, *plane = fields.shape[1:]
    padded = [scipy.fft.next_fast_len(2 * size - 1, real=True) for size in plane]
    rows = np.zeros((2, depth, padded[0], padded[1] // 2 + 1), dtype=complex)
    weights = np.empty(rows.shape[1:])
    for z in range(depth):
        rows[:, z] = scipy.fft.rfft2(fields[:, z], s=padded)
        weights[z] = scipy.fft.rfft2(_inverse_distances(z, padded, spacing)).real
    length = scipy.fft.next_fast_len(2 * depth - 1)
    lags = np.minimum(np.arange(length), length - np.arange(length))
    for row in range(padded[0]):
        # No pair is as far apart as the lags between depth and length - depth.
        kernel = scipy.fft.fft(weights[np.minimum(lags, depth - 1), row], axis=0)
        field = scipy.fft.fft(rows[:, :, row], n=length, axis=1)
        rows[:, :, row] = scipy.fft.ifft(field * kernel, axis=1)[:, :depth]
    potentials = np.empty(fields.shape)
    for z in range(depth):
        whole = scipy.fft.irfft2(rows[:, z], s=padded)
        potentials[:, z] = whole[:, : plane[0], : plane[1]]
    return potentials


def _inverse_distances(z: int, padded: list[int], spacing: Triple) -> Array:
    """Return 1 / distance by lag along y and x (the second half negative), 0 at no distance."""
    y, x = (
        np.minimum(np.arange(size), size - np.arange(size)) * step
        for size, step in zip(padded, spacing[1:], strict=True)
    )
    square = (z * spacing[0]) ** 2 + (y**2)[:, None] + x**2
    return np.divide(1.0, np.sqrt(square), out=np.zeros(square.shape), where=square > 0)
