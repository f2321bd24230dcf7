"""Coefficients of the least cross entropy for targets between 0 and 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Array = NDArray[np.float64]

MOST_STEPS = 100


def least_cross_entropy(
    design: Array, target: Array, start: ArrayLike, *, offset: ArrayLike = 0.0
) -> Array:
    """Return the coefficients of the least cross entropy, by Newton's method with halving.

    Parameters
    ----------
    design : array of shape (n, k)
        Terms of the log-odds, none a combination of the others.
    target : array of shape (n,)
        Strictly between 0 and 1, so the minimum is finite.
    start : array of shape (k,)
        Where to begin.
    offset : float or array of shape (n,)
        Added to every log-odds.
    """
    fixed = np.asarray(offset, dtype=np.float64)
    found = np.array(start, dtype=np.float64)
    loss = cross_entropy(design @ found + fixed, target)
    for _ in range(MOST_STEPS):
        p = expit(design @ found + fixed)
        gradient = design.T @ (p - target)
        curvature = (design * (p * (1 - p))[:, None]).T @ design
        step = np.linalg.solve(curvature, gradient)
        while (trial := cross_entropy(design @ (found - step) + fixed, target)) > loss:
            if np.abs(step).max() < 1e-12:
                return found
            step = step / 2
        found, loss = found - step, trial
        if np.abs(step).max() < 1e-10:
            break
    return found


def cross_entropy(log_odds: Array, target: Array) -> float:
    """Return the sum of log(1 + exp(z)) - t z."""
    return float(np.sum(np.logaddexp(0.0, log_odds) - target * log_odds))
