"""Intervals of a number by CV+: the errors of held-out rows, added to each fold's prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from radpred.errors import SettingsError
from radpred.model.score import score_chain

Array = NDArray[np.float64]
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class NumberFold:
    """One fold: a chain, and by how much it missed the rows that it did not see.

    Attributes
    ----------
    chain : Pipeline
        Fitted on the other folds.
    errors : ndarray of shape (n,)
        Absolute, in the unit of the outcome.
    fitted_rows, scored_rows : ndarray of int
        Positions of the rows that the chain was fitted on and of those that it scored; disjoint.
    """

    chain: Pipeline
    errors: Array
    fitted_rows: NDArray[np.intp]
    scored_rows: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class CrossResiduals:
    """The folds whose errors set the width of an interval."""

    folds: tuple[NumberFold, ...]

    @property
    def n_rows(self) -> int:
        """Return how many rows set the width."""
        return sum(len(fold.errors) for fold in self.folds)

    def intervals(self, X: pd.DataFrame, *, level: float) -> Array:
        """Return both ends of the interval of each row, shape (n, 2).

        The k-th smallest of all predictions minus errors, and the k-th largest of all predictions
        plus errors, each prediction by the chain that did not see the row of the error; k is
        (1 - level) (n + 1), rounded down. They are infinite where that is 0, as fewer than
        level / (1 - level) rows can promise nothing (R. F. Barber, E. J. Candès, A. Ramdas, R. J.
        Tibshirani, "Predictive inference with the jackknife+", Annals of Statistics 49, 2021,
        section 2.3). The level holds on average in practice; proven is 2 ``level`` - 1, less a
        term in the number of folds.

        Raises
        ------
        SettingsError
            The level does not lie between 0 and 1.
        """
        if not 0 < level < 1:
            msg = f"confidence level {level}: must lie between 0 and 1, as 0.9 does"
            raise SettingsError(msg)
        place = int((1 - level) * (self.n_rows + 1) + _ROUNDING)
        if place == 0:
            return np.tile([-np.inf, np.inf], (len(X), 1))
        below, above = [], []
        for fold in self.folds:
            value = score_chain(fold.chain, X)[:, None]
            below.append(value - fold.errors)
            above.append(value + fold.errors)
        low = np.sort(np.concatenate(below, axis=1), axis=1)[:, place - 1]
        high = np.sort(np.concatenate(above, axis=1), axis=1)[:, -place]
        # Where chains disagree about a case by more than their errors the ends may cross.
        return np.column_stack([np.minimum(low, high), np.maximum(low, high)])
