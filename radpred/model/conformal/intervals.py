"""Intervals for an end point on a continuous scale: MAPIE behind two functions of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from mapie.regression import ConformalizedQuantileRegressor, CrossConformalRegressor
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, GroupShuffleSplit

from radpred.errors import InputError
from radpred.model.conformal.cells import TOO_SMALL
from radpred.model.conformal.p_values import least_rows, prediction_set

_HELD_OUT = 1 / 3  # of the patients, for the calibration of quantiles


@dataclass(frozen=True, kw_only=True)
class PredictedIntervals:
    """Values with the ends of their intervals, each of shape (n,), in units of the end point.

    Attributes
    ----------
    value, low, high : ndarray of shape (n,)
        Prediction, and the ends of its interval; infinite where nothing can be promised (the
        prediction of a quantile model is then NaN).
    level : float
        Promised coverage.
    note : str
        Why the ends are infinite or were put in order; else empty.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float
    note: str = ""

    def hold(self, y: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each interval holds its true value, shape (n,)."""
        truth = np.asarray(y, dtype=np.float64)
        return (self.low <= truth) & (truth <= self.high)


@dataclass(frozen=True, kw_only=True)
class IntervalModel:
    """A conformalised regressor.

    Attributes
    ----------
    regressor : object
        MAPIE's, fitted and conformalised.
    level : float
        Promised coverage.
    n_calibration : int
        Rows whose errors set the width.
    fitted_rows, scored_rows : ndarray of int
        Positions of the rows that some model was fitted on, and of those that set the width.
        For CV+ both are all rows, each scored by the model that did not see its patient.
    """

    regressor: Any
    level: float
    n_calibration: int
    fitted_rows: NDArray[np.intp]
    scored_rows: NDArray[np.intp]

    def intervals(self, X: pd.DataFrame) -> PredictedIntervals:
        """Return the interval of each row; infinite where calibration rows are too few."""
        if self.n_calibration < rows_needed(self.level):
            note = f"{TOO_SMALL}: {self.n_calibration} rows, {rows_needed(self.level)} needed"
            far, value = np.full(len(X), np.inf), np.full(len(X), np.nan)
            if not self._is_quantile:
                value = np.asarray(self.regressor.predict(X))
            return PredictedIntervals(value=value, low=-far, high=far, level=self.level, note=note)
        # A correction for each end of a quantile interval would need twice the rows.
        options = {"symmetric_correction": True} if self._is_quantile else {}
        with _unchanged_logging():
            value, ends = self.regressor.predict_interval(X, **options)
        low, high = ends[:, 0, 0], ends[:, 1, 0]
        n_crossed = int((low > high).sum())
        note = f"the ends of {n_crossed} intervals crossed and were swapped" if n_crossed else ""
        return PredictedIntervals(
            value=value,
            low=np.minimum(low, high),
            high=np.maximum(low, high),
            level=self.level,
            note=note,
        )

    @property
    def _is_quantile(self) -> bool:
        """Return whether quantiles were fitted, rather than means."""
        return isinstance(self.regressor, ConformalizedQuantileRegressor)


def rows_needed(level: float) -> int:
    """Return how many calibration rows MAPIE asks for: no fewer than 1 / (1 - level).

    One more than :func:`radpred.model.conformal.least_rows`.

    Examples
    --------
    >>> [rows_needed(level) for level in (0.8, 0.9, 0.95)]
    [5, 10, 20]
    """
    return max(least_rows(level), least_rows(1 - level)) + 1


def cross_intervals(
    estimator: Any,
    X: pd.DataFrame,
    y: ArrayLike,
    *,
    groups: ArrayLike,
    level: float,
    n_folds: int = 5,
    seed: int,
) -> IntervalModel:
    """Return intervals by CV+: the errors of held-out patients, added to each fold's prediction.

    R. F. Barber, E. J. Candès, A. Ramdas, R. J. Tibshirani, "Predictive inference with the
    jackknife+", Annals of Statistics 49, 2021. The level holds on average in practice; proven
    is 2 ``level`` - 1, less a term in the number of folds.

    Parameters
    ----------
    estimator : regressor or Pipeline
        Every step that learns; it is copied and not changed.
    X : DataFrame of shape (n, p)
        One row a case.
    y : array of shape (n,)
        The end point.
    groups : array of shape (n,)
        The patient of each row; a patient's rows fall into the same fold.
    level : float
        Promised coverage.
    n_folds : int
        How many folds.
    seed : int
        Where the draw of folds starts.

    Raises
    ------
    InputError
        Fewer patients than folds, or an end point that is missing or infinite.
    """
    truth, patients = _checked(y, groups, level)
    n_patients = len(np.unique(patients))
    if n_patients < n_folds:
        msg = f"{n_patients} patients cannot fill {n_folds} folds; use at most {n_patients} folds"
        raise InputError(msg)
    folds = GroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    regressor = CrossConformalRegressor(
        clone(estimator), confidence_level=level, method="plus", cv=folds
    )
    regressor.fit_conformalize(X, truth, groups=patients)
    everyone = np.arange(len(truth))
    return IntervalModel(
        regressor=regressor,
        level=level,
        n_calibration=len(truth),
        fitted_rows=everyone,
        scored_rows=everyone,
    )


def quantile_intervals(
    estimator: Any,
    X: pd.DataFrame,
    y: ArrayLike,
    *,
    groups: ArrayLike,
    level: float,
    seed: int,
) -> IntervalModel:
    """Return intervals by conformalised quantile regression, as wide as the case is uncertain.

    Y. Romano, E. Patterson, E. J. Candès, "Conformalized quantile regression", NeurIPS 2019.
    A third of the patients calibrate and are not fitted on.

    Parameters
    ----------
    estimator : regressor or Pipeline
        Fits a quantile: ``QuantileRegressor``, or ``GradientBoostingRegressor`` with
        ``loss="quantile"``.
    X, y, groups, level, seed
        As in `cross_intervals`.

    Raises
    ------
    InputError
        Fewer than two patients, or an end point that is missing or infinite.
    """
    truth, patients = _checked(y, groups, level)
    if len(np.unique(patients)) < 2:
        msg = "one patient cannot be both fitted on and calibrate; give at least two"
        raise InputError(msg)
    drawn = GroupShuffleSplit(n_splits=1, test_size=_HELD_OUT, random_state=seed)
    fitted, scored = next(drawn.split(X, truth, patients))
    regressor = ConformalizedQuantileRegressor(clone(estimator), confidence_level=level)
    regressor.fit(X.iloc[fitted], truth[fitted])
    if len(scored) >= rows_needed(level):
        regressor.conformalize(X.iloc[scored], truth[scored])
    return IntervalModel(
        regressor=regressor,
        level=level,
        n_calibration=len(scored),
        fitted_rows=fitted,
        scored_rows=scored,
    )


@contextmanager
def _unchanged_logging() -> Iterator[None]:
    """Keep MAPIE from setting up the root logger, which it does where it has no handler."""
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _checked(
    y: ArrayLike, groups: ArrayLike, level: float
) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Return end point and patients as arrays that fit together."""
    prediction_set([], level=level)  # refuses what is no level
    truth, patients = np.asarray(y, dtype=np.float64), np.asarray(groups).astype(str)
    if truth.shape != patients.shape or truth.ndim != 1:
        msg = f"end point of shape {truth.shape}, patients of {patients.shape}; give one each a row"
        raise InputError(msg)
    if not np.isfinite(truth).all():
        n_odd = int((~np.isfinite(truth)).sum())
        msg = f"the end point of {n_odd} rows is missing or infinite; leave those rows out"
        raise InputError(msg)
    return truth, patients
