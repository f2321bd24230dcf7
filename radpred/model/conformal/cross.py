"""Cross-conformal prediction by class: every training row is a calibration row once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from radpred.model.conformal.p_values import count_as_strange, nonconformity
from radpred.model.score import score_chain

OUTCOMES = (0, 1)


@dataclass(frozen=True, kw_only=True)
class ConformalFold:
    """One fold: a chain, and how strange the rows are that it did not see.

    Attributes
    ----------
    chain : Pipeline
        Fitted on the other folds.
    strangeness : tuple of two ndarrays
        Ascending nonconformity of this fold's rows without, and with, the event.
    fitted_rows, scored_rows : ndarray of int
        Positions, in the training table ordered by case, of the rows that the chain was fitted
        on and of those it scored; disjoint.
    """

    chain: Pipeline
    strangeness: tuple[NDArray[np.float64], NDArray[np.float64]]
    fitted_rows: NDArray[np.intp]
    scored_rows: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class CrossConformal:
    """The folds, each compared with a new case on its own chain's scale."""

    folds: tuple[ConformalFold, ...]

    def n_rows(self, outcome: int) -> int:
        """Return how many calibration rows have ``outcome``."""
        return sum(len(fold.strangeness[outcome]) for fold in self.folds)

    def p_values(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the p-value of each outcome for each row, shape (n, 2).

        p_c(x) = (1 + sum over folds k of #{i in fold k with outcome c : a_i >= a_k(x)}) / (n_c + 1)
        with a_k(x) from the chain that did not see fold k (V. Vovk, "Cross-conformal predictors",
        Annals of Mathematics and Artificial Intelligence 74, 2015; within each class).
        """
        counts = np.zeros((len(X), len(OUTCOMES)))
        for fold in self.folds:
            scores = score_chain(fold.chain, X)
            for outcome in OUTCOMES:
                new = nonconformity(scores, outcome=outcome)
                counts[:, outcome] += count_as_strange(fold.strangeness[outcome], new)
        n_rows = np.array([self.n_rows(outcome) for outcome in OUTCOMES])
        return (1 + counts) / (1 + n_rows)


def calibration_fold(
    chain: Pipeline,
    scores: NDArray[np.float64],
    y: NDArray[np.intp],
    *,
    fitted_rows: NDArray[np.intp],
    scored_rows: NDArray[np.intp],
) -> ConformalFold:
    """Return a fold from the scores that ``chain`` gave to rows it had not seen."""
    without, with_event = (
        np.sort(nonconformity(scores[y == outcome], outcome=outcome)) for outcome in OUTCOMES
    )
    return ConformalFold(
        chain=chain,
        strangeness=(without, with_event),
        fitted_rows=fitted_rows,
        scored_rows=scored_rows,
    )
