"""Rows that fit together: a table, its outcomes and its patients, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError
from radpred.model.outcome_kind import OutcomeKind


@dataclass(frozen=True, kw_only=True)
class TrainingRows:
    """What a model is fitted on: cases of whose outcome nobody is sure enter twice.

    Attributes
    ----------
    X : DataFrame, or array within a chain, of shape (n, p)
        Both rows of such a case stand beside each other, under one index.
    y : ndarray of shape (n,)
        The outcomes: of such a case first 0, then 1.
    groups : ndarray of str, shape (n,)
        The patient of each row.
    weights : ndarray of shape (n,)
        1, or the probability of the outcome of such a row.
    is_first : ndarray of bool, shape (n,)
        False for the second row of a case.
    """

    X: Any
    y: NDArray[Any]
    groups: NDArray[np.str_]
    weights: NDArray[np.float64]
    is_first: NDArray[np.bool_]

    @property
    def is_certain(self) -> NDArray[np.bool_]:
        """Return which rows somebody is sure of, shape (n,)."""
        return self.weights == 1.0

    def taken(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> TrainingRows:
        """Return some of the rows, given as positions or flags."""
        return TrainingRows(
            X=self.X.iloc[rows] if isinstance(self.X, pd.DataFrame) else self.X[rows],
            y=self.y[rows],
            groups=self.groups[rows],
            weights=self.weights[rows],
            is_first=self.is_first[rows],
        )


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Checked rows, ordered by case, so that the order of a file cannot change a fit.

    Attributes
    ----------
    X : DataFrame
        Indexed by case, unique, ascending.
    y : ndarray of int or float
        0 or 1; or codes of classes, counted from 0; or finite numbers.
    groups : ndarray of str
        The patient of each row.
    kind : {"binary", "multiclass", "continuous"}
        Of what kind the outcome is.
    classes : tuple of str
        What the codes stand for, where that is told.
    event_probability : ndarray of shape (n,), optional
        Where some labels are soft: the probability of the event of every row, 0 or 1 where
        somebody is sure. ``y`` of a soft row only deals patients into folds.
    strata : ndarray of str, shape (n,), optional
        Site or other group of each row, for prediction sets; "" where it is not told.
    """

    X: pd.DataFrame
    y: NDArray[Any]
    groups: NDArray[np.str_]
    kind: OutcomeKind = "binary"
    classes: tuple[str, ...] = ()
    event_probability: NDArray[np.float64] | None = None
    strata: NDArray[np.str_] | None = None

    @property
    def is_certain(self) -> NDArray[np.bool_]:
        """Return of which rows somebody is sure, shape (n,)."""
        if self.event_probability is None:
            return np.ones(len(self.y), dtype=bool)
        return np.isin(self.event_probability, (0.0, 1.0))

    def judging(self, rows: ArrayLike) -> NDArray[np.intp]:
        """Return those of ``rows`` (positions) by which models may be judged or calibrated.

        A soft label is no truth to hold an answer against, so rows with one are left out.
        """
        positions = np.asarray(rows, dtype=np.intp)
        return positions[self.is_certain[positions]]

    def training(self, rows: ArrayLike) -> TrainingRows:
        """Return ``rows`` (positions) as a model learns from them, soft ones twice."""
        positions = np.asarray(rows, dtype=np.intp)
        soft = ~self.is_certain[positions]
        place = np.repeat(np.arange(len(positions)), 1 + soft)
        is_first = np.diff(place, prepend=-1) > 0
        y, weights = self.y[positions][place], np.ones(len(place))
        if self.event_probability is not None:
            is_doubled = soft[place]
            p = self.event_probability[positions][place]
            weights = np.where(is_doubled, np.where(is_first, 1 - p, p), 1.0)
            y = np.where(is_doubled, ~is_first, y).astype(self.y.dtype)
        return TrainingRows(
            X=self.X.iloc[positions[place]],
            y=y,
            groups=self.groups[positions[place]],
            weights=weights,
            is_first=is_first,
        )


def cohort_of(
    X: pd.DataFrame,
    y: ArrayLike | pd.Series,
    groups: ArrayLike | pd.Series,
    *,
    kind: OutcomeKind = "binary",
    classes: Sequence[str] = (),
    event_probability: ArrayLike | pd.Series | None = None,
    strata: ArrayLike | pd.Series | None = None,
) -> Cohort:
    """Return the rows ordered by case; a Series is matched by index, an array by position.

    Raises
    ------
    InputError
        Case or column names that occur twice, a case without outcome or patient, an outcome that
        is not of its kind, or a probability that is none.
    """
    for axis, names in (("cases", X.index), ("columns", X.columns)):
        if not names.is_unique:
            twice = names[names.duplicated()].unique().tolist()
            msg = f"{len(twice)} {axis} occur twice, first {twice[:3]}; give each its own name"
            raise InputError(msg, code="duplicates")
    order = np.argsort(X.index.to_numpy(dtype=str), kind="stable")
    labels = _of_kind(_matched(y, X.index, what="outcome")[order], kind, n_classes=len(classes))
    return Cohort(
        X=X.iloc[order].copy(),
        y=labels,
        groups=_matched(groups, X.index, what="patient")[order].astype(str),
        kind=kind,
        classes=tuple(classes),
        event_probability=_chances(event_probability, X.index, order, labels, kind=kind),
        strata=None
        if strata is None
        else _matched(strata, X.index, what="group")[order].astype(str),
    )


def training_rows(
    X: pd.DataFrame, y: ArrayLike, groups: ArrayLike, weights: ArrayLike | None = None
) -> TrainingRows:
    """Return rows as a model learns from them, of which soft ones are doubled already.

    Parameters
    ----------
    X : DataFrame of shape (n, p)
        Rows with a weight below 1 beside each other and under one index are of one case.
    y, groups : array of shape (n,)
        As in `TrainingRows`.
    weights : array of shape (n,), optional
        As in `TrainingRows`; by default all are 1.
    """
    w = np.ones(len(X)) if weights is None else np.asarray(weights, dtype=np.float64)
    names = X.index.to_numpy()
    is_first = np.ones(len(X), dtype=bool)
    is_first[1:] = (names[1:] != names[:-1]) | (w[1:] == 1.0) | (w[:-1] == 1.0)
    return TrainingRows(
        X=X,
        y=np.asarray(y),
        groups=np.asarray(groups).astype(str),
        weights=w,
        is_first=is_first,
    )


def _of_kind(labels: NDArray[Any], kind: OutcomeKind, *, n_classes: int) -> NDArray[Any]:
    """Return the outcomes as numbers of their kind, or refuse them."""
    if kind == "binary":
        if not np.isin(labels, (0, 1)).all():
            odd = sorted(set(labels.tolist()) - {0, 1})
            msg = f"the outcome must be 0 or 1, got also {odd[:3]}; state which value is the event"
            raise InputError(msg, code="bad_outcome")
        return labels.astype(np.intp)
    numbers = pd.to_numeric(pd.Series(labels), errors="coerce").to_numpy(dtype=np.float64)
    is_fit = np.isfinite(numbers)
    if kind == "multiclass":
        most = n_classes or np.inf
        is_fit &= (numbers >= 0) & (numbers < most) & (np.mod(numbers, 1) == 0)
    if not is_fit.all():
        wanted = {
            "continuous": "finite numbers",
            "multiclass": f"codes of {n_classes or 'the'} classes, counted from 0",
        }[kind]
        odd = labels[~is_fit].tolist()
        msg = f"the outcome must be {wanted}, got also {odd[:3]}; leave these cases out"
        raise InputError(msg, code="bad_outcome")
    return numbers if kind == "continuous" else numbers.astype(np.intp)


def _chances(
    given: ArrayLike | pd.Series | None,
    index: pd.Index,
    order: NDArray[np.intp],
    labels: NDArray[Any],
    *,
    kind: OutcomeKind,
) -> NDArray[np.float64] | None:
    """Return the probability of the event of each row in order, or refuse it."""
    if given is None:
        return None
    chances = _matched(given, index, what="probability")[order].astype(np.float64)
    is_fit = (chances >= 0) & (chances <= 1)
    is_fit &= ~np.isin(chances, (0.0, 1.0)) | (chances == labels.astype(np.float64))
    if kind != "binary" or not is_fit.all():
        msg = (
            f"{np.count_nonzero(~is_fit)} probabilities of the event for a {kind} outcome are not "
            "from 0 to 1, or certain of another outcome than the row's; give binary outcomes "
            "probabilities that agree with them"
        )
        raise InputError(msg, code="bad_outcome")
    return chances


def _matched(values: ArrayLike | pd.Series, index: pd.Index, *, what: str) -> NDArray[Any]:
    """Return ``values`` in the order of ``index``."""
    if isinstance(values, pd.Series):
        absent = index.difference(values.index)
        if len(absent):
            msg = f"{len(absent)} cases have no {what}, first {absent[:3].tolist()}"
            raise InputError(msg, code="unmatched_cases")
        values = values.loc[index]
    matched = np.asarray(values)
    if matched.shape != (len(index),) or pd.isna(matched).any():
        msg = f"{len(index)} cases need one {what} each, got shape {matched.shape} or gaps"
        raise InputError(msg, code="unmatched_cases")
    return matched
