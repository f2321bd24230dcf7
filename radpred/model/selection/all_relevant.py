"""Keep every column that helps a forest more than shuffled columns do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom, false_discovery_control
from sklearn.ensemble import RandomForestClassifier

from radpred.model.selection.passing import KeepPassing

Array = NDArray[Any]
FEWEST_SHADOWS = 5


class KeepAllRelevant(KeepPassing):
    """Keep the columns that beat the best of shuffled columns in more rounds than by chance.

    In each round every column that is still in play gets a shadow, itself in another order of
    rows; a forest is fitted on both, and a column scores where its importance is above that of
    every shadow. After each round columns that score too often for chance are relevant, and those
    that score too seldom leave play; the rounds, and with them the time, are bounded. Columns are
    ordered: the relevant ones by how often they scored, the undecided likewise, then the rest;
    of equals by importance. Only relevant columns stay, ``n_features`` at most; where there is
    none, the first in this order.

    Parameters
    ----------
    n_features : int, default 10
        How many columns stay at most.
    alpha : float, default 0.05
        The level of the tests: the false discovery rate over columns, and shared out over the
        rounds so far.
    n_rounds : int, default 30
        Rounds at most.
    n_trees : int, default 100
        Trees of each forest.
    depth : int, default 5
        Their depth.
    seed : int, default 0
        Where chance starts.

    Attributes
    ----------
    hits_ : ndarray of int, shape (p,)
        Rounds in which each column scored.
    verdict_ : ndarray of int, shape (p,)
        1 relevant, 0 undecided, -1 not.
    n_passing_ : int
        How many are relevant.

    References
    ----------
    Kursa, Rudnicki, J Stat Softw 2010;36(11), with the false discovery rate (Benjamini and
    Hochberg 1995) over columns, and Bonferroni over rounds only, in place of Bonferroni over
    columns.
    """

    def __init__(
        self,
        n_features: int = 10,
        *,
        alpha: float = 0.05,
        n_rounds: int = 30,
        n_trees: int = 100,
        depth: int = 5,
        seed: int = 0,
    ) -> None:
        self.n_features = n_features
        self.alpha = alpha
        self.n_rounds = n_rounds
        self.n_trees = n_trees
        self.depth = depth
        self.seed = seed

    def order(self, frame: pd.DataFrame, y: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of the columns: relevant, undecided, others."""
        values = frame.to_numpy(dtype=np.float64)
        rng = np.random.default_rng(self.seed)
        p = values.shape[1]
        self.hits_, self.verdict_ = np.zeros(p, dtype=np.intp), np.zeros(p, dtype=np.intp)
        total = np.zeros(p)
        for n_rounds in range(1, self.n_rounds + 1):
            playing = np.flatnonzero(self.verdict_ >= 0)
            own, best_shadow = self._round(values[:, playing], y, rng)
            total[playing] += own
            self.hits_[playing] += own > best_shadow
            self.verdict_[:] = judged(
                self.hits_, self.verdict_, n_rounds=n_rounds, alpha=self.alpha
            )
            if not (self.verdict_ == 0).any():
                break
        self.n_passing_ = int((self.verdict_ == 1).sum())
        return np.lexsort((-total, -self.hits_, -self.verdict_))

    def _round(self, values: Array, y: Array, rng: np.random.Generator) -> tuple[Array, float]:
        """Return the importance of each column, and of the best shadow."""
        p = values.shape[1]
        times = -(-FEWEST_SHADOWS // p)
        shadows = rng.permuted(np.tile(values, (1, times)), axis=0)
        forest = RandomForestClassifier(
            self.n_trees,
            max_depth=self.depth,
            class_weight="balanced",
            n_jobs=1,
            random_state=int(rng.integers(2**31)),
        )
        forest.fit(np.concatenate([values, shadows], axis=1), y)
        importance = forest.feature_importances_
        return importance[:p], float(importance[p:].max())


def judged(hits: Array, verdict: Array, *, n_rounds: int, alpha: float) -> NDArray[np.intp]:
    """Return the verdicts after a round: binomial tests of the columns that are undecided.

    Parameters
    ----------
    hits : array of int, shape (p,)
        Rounds in which each column beat every shadow; by chance one in two, which is generous.
    verdict : array of int, shape (p,)
        1 relevant, 0 undecided, -1 not; only 0 may change.
    n_rounds : int
        Rounds so far.
    alpha : float
        The level.
    """
    playing = verdict >= 0
    often, seldom = np.ones(len(hits)), np.ones(len(hits))
    often[playing] = binom.sf(hits[playing] - 1, n_rounds, 0.5)
    seldom[playing] = binom.cdf(hits[playing], n_rounds, 0.5)
    found = verdict.copy()
    for p_values, answer in ((often, 1), (seldom, -1)):
        adjusted = np.ones(len(hits))
        adjusted[playing] = false_discovery_control(p_values[playing])
        passes = (adjusted <= alpha) & (p_values <= alpha / n_rounds)
        found[passes & (verdict == 0)] = answer
    return found
