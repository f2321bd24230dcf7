"""Keep columns that tell the outcome and do not repeat one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import SettingsError
from radpred.model.selection.ordered import KeepBest
from radpred.model.selection.ranks import centred_ranks

Array = NDArray[Any]
RELEVANCES = ("auc", "f")
SCHEMES = ("difference", "quotient")
LEAST_REDUNDANCY = 0.001  # a quotient has no bound where nothing is repeated


class KeepMrmr(KeepBest):
    """Minimum redundancy, maximum relevance: one column after the other.

    The next column is the one with the best relevance, less or divided by its mean absolute
    correlation with those already taken. Of equals the first is taken. Kept columns stand in the
    order of the table.

    Parameters
    ----------
    n_features : int, default 10
        How many columns stay. Beyond as many as ``fit`` was told, the order is by relevance.
    relevance : {"auc", "f"}
        ``|2 AUC - 1|``, with Spearman's correlation as redundancy: both from ranks, and both
        between 0 and 1; or the F statistic with Pearson's, as published.
    scheme : {"difference", "quotient"}
        Relevance less redundancy, or divided by it, but by no less than 0.001.

    References
    ----------
    Ding, Peng, J Bioinform Comput Biol 2005;3:185-205: with ``f``, their FCD and FCQ.
    """

    def __init__(
        self, n_features: int = 10, relevance: str = "auc", scheme: str = "difference"
    ) -> None:
        self.n_features = n_features
        self.relevance = relevance
        self.scheme = scheme

    def order(self, frame: pd.DataFrame, y: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of the columns as they are taken, then the rest by relevance."""
        if self.relevance not in RELEVANCES or self.scheme not in SCHEMES:
            msg = (
                f"got relevance={self.relevance!r}, scheme={self.scheme!r}; known are "
                f"{', '.join(RELEVANCES)} and {', '.join(SCHEMES)}"
            )
            raise SettingsError(msg)
        values = frame.to_numpy(dtype=np.float64)
        if self.relevance == "auc":
            rows = centred_ranks(values)
            n_events = int(np.count_nonzero(y == 1))
            alone = np.abs(rows[:, y == 1].sum(axis=1)) / (n_events * (len(y) - n_events))
        else:
            rows = np.ascontiguousarray((values - values.mean(axis=0)).T)
            alone = f_statistics(rows, y)
        taken = _greedy(alone, _correlations(rows), n=self.n_features, scheme=self.scheme)
        rest = np.setdiff1d(np.arange(len(alone)), taken)
        return np.concatenate([taken, rest[np.argsort(-alone[rest], kind="stable")]])


def f_statistics(rows: Array, y: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the F statistic of each column between two outcomes: ``(n - 2) r^2 / (1 - r^2)``.

    Parameters
    ----------
    rows : array of shape (p, n)
        One column of the table a row, with mean 0. One that does not vary has 0.
    y : ndarray of shape (n,)
        0 or 1, both present.
    """
    centred = y - y.mean()
    squares = (rows**2).sum(axis=1) * (centred**2).sum()
    explained = (rows @ centred) ** 2 / np.where(squares > 0, squares, 1.0)
    left = np.maximum(1 - explained, np.finfo(np.float64).eps)
    return np.asarray((len(y) - 2) * explained / left)


def _correlations(rows: Array) -> Callable[[int], Array]:
    """Return what tells the absolute correlations of all columns with one, shape (p,)."""
    lengths = np.sqrt((rows**2).sum(axis=1))
    lengths[lengths == 0] = 1.0
    return lambda j: np.abs(rows @ rows[j]) / (lengths * lengths[j])


def _greedy(alone: Array, correlations: Callable[[int], Array], *, n: int, scheme: str) -> Array:
    """Return the positions of the first ``n`` columns, in the order in which they are taken."""
    taken: list[int] = []
    total = np.zeros(len(alone))
    merit = alone.astype(np.float64)
    is_free = np.ones(len(alone), dtype=bool)
    for _ in range(min(n, len(alone))):
        best = int(np.argmax(np.where(is_free, merit, -np.inf)))
        taken.append(best)
        is_free[best] = False
        total += correlations(best)
        redundancy = total / len(taken)
        if scheme == "difference":
            merit = alone - redundancy
        else:
            merit = alone / np.maximum(redundancy, LEAST_REDUNDANCY)
    return np.array(taken, dtype=np.intp)
