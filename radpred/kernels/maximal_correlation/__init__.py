"""Find the maximal correlation coefficient of symmetric pair distributions.

Haralick's ``Q[i, j] = sum_k p[i, k] p[j, k] / (p[i] p[k])`` is similar to the square of the
symmetric ``S[i, j] = p[i, j] / sqrt(p[i] p[j])``, so the root of its second largest eigenvalue is
the second largest magnitude among the eigenvalues of S. The largest is 1, with the known vector
``sqrt(p)``: the fast variant searches the rest by Lanczos' method.
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels.maximal_correlation import _numba, _numpy

__all__ = ["maximal_correlation"]


def maximal_correlation(row: Array, low: Array, high: Array, p: Array, p_level: Array) -> Array:
    """Return the coefficient of every row's distribution.

    Parameters
    ----------
    row, low, high : array of int, shape (n_cells,)
        The cells of the upper triangles that occur, by row; every row has one.
    p : array of float, shape (n_cells,)
        Their probabilities; a mirrored cell has the same.
    p_level : array of float, shape (n_rows, n_levels)
        Probability of each level; a level may be absent in a row.

    Returns
    -------
    array of float, shape (n_rows,)
        0 where a row holds one level.
    """
    first = np.searchsorted(row, np.arange(len(p_level) + 1))
    found = _numba.maximal_correlation(first, low, high, p, p_level)
    for number in np.flatnonzero(np.isnan(found)):  # levels that mix slowly: solved whole
        cells = slice(first[number], first[number + 1])
        found[number] = _numpy.maximal_correlation(
            np.array([0, cells.stop - cells.start]),
            low[cells],
            high[cells],
            p[cells],
            p_level[number : number + 1],
        )[0]
    return found
