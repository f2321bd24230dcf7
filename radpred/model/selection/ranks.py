"""Ranks as whole numbers, so that what is computed from them is exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

BLOCK = 64  # columns at a time


def centred_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return twice the centred midranks of each column: 2 r - (m + 1), whole numbers.

    Sums and dot products of whole numbers below 2^53 are exact in float64, so neither the order
    of rows nor the linear algebra library can change a decision that is based on them.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        NaN is a missing value; m is the number of the others in a column.

    Returns
    -------
    ndarray of shape (p, n)
        0 where a value is missing: it stands in the middle and moves nothing.
    """
    ranks = np.empty(values.shape[::-1])
    for start in range(0, len(ranks), BLOCK):  # sorting takes several copies of what it sorts
        part = slice(start, start + BLOCK)
        columns = np.ascontiguousarray(values[:, part].T)
        missing = np.isnan(columns)
        n_present = np.count_nonzero(~missing, axis=1, keepdims=True)
        found = rankdata(np.where(missing, np.inf, columns), axis=1)
        ranks[part] = np.where(missing, 0.0, 2 * found - (n_present + 1))
    return ranks


def event_rank_sums(values: NDArray[np.float64], y: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the sum of the events' centred ranks in each column, whole numbers.

    Zero where the outcomes are mixed evenly; the largest possible size is n1 n0.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        Without missing values.
    y : ndarray of shape (n,)
        0 or 1, both present.
    """
    return centred_ranks(values)[:, y == 1].sum(axis=1)


def relevance_of(values: NDArray[np.float64], y: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return how well each column tells the outcome alone; only the order means anything.

    Of 0 and 1 the ROC area's distance from one half; of more codes of classes (whole numbers) the
    largest such distance of a class against the rest; of numbers (floats) the absolute rank
    correlation.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        Without missing values.
    y : ndarray of shape (n,)
        The outcomes.
    """
    if np.isin(y, (0, 1)).all():
        return np.abs(event_rank_sums(values, y.astype(np.intp)))
    if y.dtype.kind == "f":
        own = centred_ranks(values)
        products = own @ centred_ranks(y.astype(np.float64)[:, None])[0]
        return np.abs(products) / np.maximum(np.sqrt((own**2).sum(axis=1)), 1.0)
    ranks, codes = centred_ranks(values), np.unique(y)
    return np.max(
        [
            np.abs(ranks[:, y == code].sum(axis=1))
            / (np.count_nonzero(y == code) * np.count_nonzero(y != code))
            for code in codes
        ],
        axis=0,
    )


def rank_auc(scores: NDArray[np.float64], y: NDArray[np.intp]) -> float:
    """Return the area under the ROC curve of ``scores``, ties counted half.

    The Mann-Whitney form: with centred ranks c, AUC = 1/2 + (sum over events of c) / (2 n1 n0).
    """
    n_events = int(np.count_nonzero(y == 1))
    excess = event_rank_sums(scores[:, None], y)[0]
    return float(0.5 + excess / (2 * n_events * (len(y) - n_events)))
