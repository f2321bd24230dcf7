"""Keep the columns that separate the outcomes alone, at a bounded share of false ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, norm

from radpred.model.selection.passing import KeepPassing
from radpred.model.selection.ranks import centred_ranks


class KeepUnivariate(KeepPassing):
    """Keep the columns whose ROC area is farthest from one half, as far as chance allows.

    Each column is tested by the ranks of its events (Mann and Whitney, Ann Math Stat
    1947;18:50-60; normal approximation, corrected for ties and not for continuity), and those
    pass whose false discovery rate is at most ``fdr`` (Benjamini and Hochberg, J R Stat Soc B
    1995;57:289-300). Where none passes the best one stays. Kept columns stand in the order of the
    table; of equals the first stays.

    Parameters
    ----------
    n_features : int, default 10
        How many columns stay at most.
    fdr : float, default 0.1
        The largest expected share of false columns among those that pass; 1 lets all pass.

    Attributes
    ----------
    p_values_ : ndarray of shape (p,)
        Of each column, two-sided.
    n_passing_ : int
        How many columns pass.
    """

    def __init__(self, n_features: int = 10, fdr: float = 0.1) -> None:
        self.n_features = n_features
        self.fdr = fdr

    def order(self, frame: pd.DataFrame, y: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of the columns by how unlikely chance alone is."""
        values = frame.to_numpy(dtype=np.float64)
        heights = np.abs(rank_sum_heights(values, y))
        self.p_values_ = 2 * norm.sf(heights)
        self.n_passing_ = int((false_discovery_control(self.p_values_) <= self.fdr).sum())
        return np.argsort(-heights, kind="stable")


def rank_sum_heights(values: NDArray[np.float64], y: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return each column's Mann-Whitney statistic in standard deviations, shape (p,).

    With centred ranks c, 2 r - (n + 1), the events' sum has mean 0 and, ties and all, variance
    ``n1 n0 / (n (n - 1)) * sum(c^2)`` where outcomes are given out by chance.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        Without missing values. A column that does not vary has height 0.
    y : ndarray of shape (n,)
        0 or 1, both present.
    """
    ranks = centred_ranks(values)
    n, n_events = len(y), int(np.count_nonzero(y == 1))
    variance = (ranks**2).sum(axis=1) * (n_events * (n - n_events) / (n * (n - 1)))
    sums = ranks[:, y == 1].sum(axis=1)
    return np.asarray(sums / np.sqrt(np.where(variance > 0, variance, 1.0)))
