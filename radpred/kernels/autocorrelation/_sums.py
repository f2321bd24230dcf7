"""What is summed over pairs of voxels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PairSums:
    """Sums over all ordered pairs of different voxels, weighted by 1 / distance, per mm.

    Parameters
    ----------
    weights : float
        Of the weights alone.
    products : float
        Of the product of the two values.
    square_differences : float
        Of the squared difference of the two values.
    """

    weights: float
    products: float
    square_differences: float
