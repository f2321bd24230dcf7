"""Conformal prediction over folds: every calibration row on the scale of the chain it was new to.

One fold makes it split conformal, several cross-conformal, one patient a fold leave-one-out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from radpred.errors import InputError, LeakageError
from radpred.model.conformal.cells import (
    OUTCOMES,
    CalibrationRows,
    CellAnswers,
    Scored,
    Taxonomy,
    Unknown,
    answer_by_cells,
    cell_sizes,
)
from radpred.model.conformal.p_values import nonconformity, prediction_set
from radpred.model.score import score_chain

# Of 60 new cases at level 0.8, leave-one-out logistic regression on 40 rows: 0.03 to 0.08 with 3
# features that tell the outcomes apart, 0.13 to 0.27 with 38 that hardly do.
UNSTABLE = 0.1


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
    strata : tuple of two ndarrays of str, optional
        Site or other group of each row, in the order of ``strangeness``.
    centre : float
        The score at which the model leans to neither outcome: 0 for log-odds and distances,
        0.5 for shares. Only cells that hold both outcomes need it.
    """

    chain: Pipeline
    strangeness: tuple[NDArray[np.float64], NDArray[np.float64]]
    fitted_rows: NDArray[np.intp]
    scored_rows: NDArray[np.intp]
    strata: tuple[NDArray[np.str_], NDArray[np.str_]] | None = None
    centre: float = 0.0

    @property
    def rows(self) -> CalibrationRows:
        """Return the scored rows, both outcomes on one scale."""
        sizes = [len(values) for values in self.strangeness]
        blank = np.full(sum(sizes), "", dtype="U1")
        return CalibrationRows(
            strangeness=np.concatenate(
                [self.strangeness[0] - self.centre, self.strangeness[1] + self.centre]
            ),
            outcome=np.repeat(np.array(OUTCOMES, dtype=np.intp), sizes),
            stratum=blank if self.strata is None else np.concatenate(self.strata),
        )

    def strangeness_of(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return how strange each new row is under each outcome, shape (n, 2)."""
        scores = score_chain(self.chain, X)
        without, with_event = (nonconformity(scores, outcome=outcome) for outcome in OUTCOMES)
        return np.column_stack([without - self.centre, with_event + self.centre])


@dataclass(frozen=True, kw_only=True)
class CrossConformal:
    """The folds, each compared with a new case on its own chain's scale.

    Attributes
    ----------
    folds : tuple of ConformalFold
        Each with its own chain.
    taxonomy : str
        Whom a case is compared with; see
        :func:`radpred.model.conformal.cells.answer_by_cells`.
    unknown : str
        What a case of an unseen site gets: ``parent`` or ``full``.
    level : float, optional
        The highest level at which sets will be made: cells with too few rows for it let their
        parent answer, so that one pair of p-values serves every level and sets are nested.
    """

    folds: tuple[ConformalFold, ...]
    taxonomy: Taxonomy = "class"
    unknown: Unknown = "parent"
    level: float | None = None

    def n_rows(self, outcome: int) -> int:
        """Return how many calibration rows have ``outcome``."""
        return sum(len(fold.strangeness[outcome]) for fold in self.folds)

    def cell_sizes(self) -> dict[str, int]:
        """Return how many calibration rows each cell has, the finest cells first."""
        return cell_sizes([fold.rows for fold in self.folds], self.taxonomy)

    def p_values(self, X: pd.DataFrame, *, strata: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the p-value of each outcome for each row, shape (n, 2).

        p_c(x) = (1 + sum over folds k of #{i in fold k with outcome c : a_i >= a_k(x)}) / (n_c + 1)
        with a_k(x) from the chain that did not see fold k (V. Vovk, "Cross-conformal predictors",
        Annals of Mathematics and Artificial Intelligence 74, 2015; within each cell). A tie
        counts as at least as strange, so that the answer needs no draw and errs towards keeping
        an outcome.
        """
        return self.answers(X, strata=strata).p_values

    def answers(
        self,
        X: pd.DataFrame,
        *,
        strata: ArrayLike | None = None,
        level: float | None = None,
        cautious: bool = False,
    ) -> CellAnswers:
        """Return p-values with the cell that gave each, and why it was not the finest.

        Parameters
        ----------
        X : DataFrame
            One row a case.
        strata : array of shape (n,), optional
            Site or other group of each case.
        level : float, optional
            Confidence level of the sets to be made: cells with too few rows for it let their
            parent answer. By default that of the folds.
        cautious : bool
            Take for each case the least strange of the views of the folds in its cell. Such
            sets hold the truth with probability ``level`` and no less; those of the folds' own
            views may fall to 2 ``level`` - 1 in the worst case, and rarely do (R. F. Barber,
            E. J. Candès, A. Ramdas, R. J. Tibshirani, "Predictive inference with the
            jackknife+", Annals of Statistics 49, 2021, theorems 1 and 3).
        """
        return self._answers(self._scored(X), strata=strata, level=level, cautious=cautious)

    def unstable_share(
        self, X: pd.DataFrame, *, level: float, strata: ArrayLike | None = None
    ) -> float:
        """Return the share of sets at ``level`` that the cautious view would enlarge.

        It says how much chains that differ by a few rows disagree about the same case. With
        leave-one-out, whose chains share nearly all rows, a share above `UNSTABLE` means that
        the fit hangs on single patients: then take the cautious view, or ``cross``.
        """
        usual, cautious = self.views(X, strata=strata, level=level)
        return float(enlarged(usual, cautious, level=level).mean())

    def views(
        self, X: pd.DataFrame, *, strata: ArrayLike | None = None, level: float | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the p-values of `answers`, the usual and the cautious ones, each (n, 2)."""
        scored = self._scored(X)
        usual, cautious = (
            self._answers(scored, strata=strata, level=level, cautious=view).p_values
            for view in (False, True)
        )
        return usual, cautious

    def _scored(self, X: pd.DataFrame) -> Scored:
        """Return each fold's rows beside its view of the new ones."""
        return [(fold.rows, fold.strangeness_of(X)) for fold in self.folds]

    def _answers(
        self, scored: Scored, *, strata: ArrayLike | None, level: float | None, cautious: bool
    ) -> CellAnswers:
        """Return the answers to rows that every fold has scored."""
        return answer_by_cells(
            scored,
            strata=strata,
            taxonomy=self.taxonomy,
            level=self.level if level is None else level,
            unknown=self.unknown,
            cautious=cautious,
        )


def enlarged(usual: ArrayLike, cautious: ArrayLike, *, level: float) -> NDArray[np.bool_]:
    """Say which sets at ``level`` the cautious view makes larger, shape (..., n).

    Parameters
    ----------
    usual, cautious : array of shape (..., n, 2)
        p-values as of `CrossConformal.views`.
    level : float
        Confidence level.
    """
    sets = [prediction_set(np.asarray(p), level=level) for p in (usual, cautious)]
    return np.asarray((sets[1] & ~sets[0]).any(axis=-1))


def calibration_fold(
    chain: Pipeline,
    scores: NDArray[np.float64],
    y: NDArray[np.intp],
    *,
    fitted_rows: NDArray[np.intp],
    scored_rows: NDArray[np.intp],
    strata: ArrayLike | None = None,
    centre: float = 0.0,
) -> ConformalFold:
    """Return a fold from the scores that ``chain`` gave to rows it had not seen.

    Parameters
    ----------
    chain : Pipeline
        Fitted on ``fitted_rows``.
    scores, y : array of shape (n,)
        Score and outcome of each of ``scored_rows``.
    fitted_rows, scored_rows : array of int
        Positions in the training table.
    strata : array of shape (n,), optional
        Site or other group of each scored row.
    centre : float
        As in :class:`ConformalFold`.

    Raises
    ------
    LeakageError
        The chain was fitted on a row that it scored.
    InputError
        A score is missing or infinite.
    """
    _refuse_seen(fitted_rows, scored_rows)
    if not np.isfinite(scores).all():
        msg = f"{int((~np.isfinite(scores)).sum())} scores are missing or infinite; mend the model"
        raise InputError(msg)
    orders = [_ascending(scores, y, outcome) for outcome in OUTCOMES]
    without, with_event = (
        nonconformity(scores[rows], outcome=outcome)
        for outcome, rows in zip(OUTCOMES, orders, strict=True)
    )
    names = None if strata is None else np.asarray(strata).astype(str)
    return ConformalFold(
        chain=chain,
        strangeness=(without, with_event),
        fitted_rows=fitted_rows,
        scored_rows=scored_rows,
        strata=None if names is None else (names[orders[0]], names[orders[1]]),
        centre=centre,
    )


def _ascending(scores: NDArray[np.float64], y: NDArray[np.intp], outcome: int) -> NDArray[np.intp]:
    """Return the positions of the rows with ``outcome`` from the least strange on."""
    rows = np.flatnonzero(y == outcome)
    return rows[np.argsort(nonconformity(scores[rows], outcome=outcome), kind="stable")]


def _refuse_seen(fitted_rows: NDArray[np.intp], scored_rows: NDArray[np.intp]) -> None:
    """Raise where a row was both fitted on and scored."""
    seen = np.intersect1d(fitted_rows, scored_rows)
    if len(seen):
        msg = (
            f"{len(seen)} calibration rows were also fitted on, first {seen[:3].tolist()}; "
            "conformalise on rows that the chain did not see"
        )
        raise LeakageError(msg)
