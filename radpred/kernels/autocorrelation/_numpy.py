"""The reference: all pairs of voxels."""

from __future__ import annotations

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels.autocorrelation._sums import PairSums


def pair_sums(values: Array, mask: Array, spacing: Triple) -> PairSums:
    """Return sums over all ordered pairs of different voxels of a region."""
    place, x = np.argwhere(mask) * np.asarray(spacing), values[mask]
    distance = np.linalg.norm(place[:, None] - place[None, :], axis=2)
    np.fill_diagonal(distance, np.inf)
    weight = 1 / distance
    return PairSums(
        weights=float(weight.sum()),
        products=float((weight * np.outer(x, x)).sum()),
        square_differences=float((weight * (x[:, None] - x[None, :]) ** 2).sum()),
    )
