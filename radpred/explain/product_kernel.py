"""Exact Shapley values of a support vector machine with a Gaussian kernel, without sampling."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def gaussian_contributions(
    rows: Array, *, support: Array, weights: Array, background: Array, gamma: float
) -> tuple[Array, float]:
    """Return what each column adds to sum_s w_s exp(-gamma |x - s|^2), and the mean value.

    The value of a set of columns is the mean score with the others taken from the background. For
    one support vector and one background row it is a product of a_j = exp(-gamma (x_j - s_j)^2)
    over the set and of b_j = exp(-gamma (z_j - s_j)^2) over the rest. The Shapley value is then
    the integral of (a_j - b_j) prod_{i != j} (t a_i + (1 - t) b_i) over t from 0 to 1
    (Owen 1972, multilinear extensions), a polynomial of degree n_features - 1 that
    Gauss-Legendre quadrature integrates exactly.

    Parameters
    ----------
    rows : array of shape (n_rows, n_features)
        Cases to explain.
    support : array of shape (n_support, n_features)
        Support vectors.
    weights : array of shape (n_support,)
        Their dual coefficients.
    background : array of shape (n_background, n_features)
        The reference: what the columns outside a set are taken from.
    gamma : float
        Width of the kernel.

    Returns
    -------
    contributions : array of shape (n_rows, n_features)
        Each row is computed by itself, so it does not depend on the others.
    base_value : float
        Mean over the background.
    """
    # Columns come first, so that a step over columns walks whole blocks of memory.
    absent = np.exp(-gamma * (background.T[:, :, None] - support.T[:, None, :]) ** 2)
    contributions = np.array([_of_row(row, support, weights, absent, gamma) for row in rows])
    base_value = float((absent.prod(axis=0) * weights).sum() / len(background))
    return contributions.reshape(len(rows), support.shape[1]), base_value


def _of_row(row: Array, support: Array, weights: Array, absent: Array, gamma: float) -> Array:
    """Return the contributions of one row; ``absent`` is (n_features, n_background, n_support)."""
    n_features, n_background, _ = absent.shape
    present = np.exp(-gamma * (row[:, None] - support.T) ** 2)[:, None, :]
    difference = present - absent
    nodes, shares = np.polynomial.legendre.leggauss((n_features + 1) // 2)
    result = np.zeros(n_features)
    factors = np.empty_like(difference)
    for t, share in zip((nodes + 1) / 2, shares / 2, strict=True):
        np.multiply(difference, t, out=factors)
        np.add(factors, absent, out=factors)
        np.maximum(factors, _LEAST_FACTOR, out=factors)
        of_all = factors.prod(axis=0) * weights
        np.divide(difference, factors, out=factors)
        # Not a matrix product: its last bits depend on the number of threads.
        result += share * np.einsum("jbs,bs->j", factors, of_all)
    return result / n_background


# Far below what a sum can show, and far above what a product of two of them loses.
_LEAST_FACTOR = 1e-150
