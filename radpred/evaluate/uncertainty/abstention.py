"""What is gained by leaving the uncertain cases to somebody else.

Weights have shape (..., n_rows), as in `radpred.evaluate.discrimination`; results have the
leading shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError
from radpred.evaluate.calibration.measures import brier, log_odds
from radpred.evaluate.discrimination.ranks import auroc
from radpred.evaluate.resampling import Band, Metric, percentile_interval
from radpred.evaluate.thresholds.rates import (
    accuracy,
    error,
    negative_predictive_value,
    positive_predictive_value,
    sensitivity,
    specificity,
)

Array = NDArray[Any]

METRICS: Mapping[str, Metric] = {
    "accuracy": accuracy,
    "error": error,
    "sensitivity": sensitivity,
    "specificity": specificity,
    "ppv": positive_predictive_value,
    "npv": negative_predictive_value,
    "brier": brier,
    "auroc": auroc,
}
SHARES = np.round(np.arange(1, 21) / 20, 2)
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class AbstentionCurve:
    """Metrics among the answered cases, each of shape (points,).

    Attributes
    ----------
    at : ndarray
        What was asked at each point: a share of cases to answer, or a least certainty.
    answered : Band
        Share of cases that is answered; above what was asked where cases tie.
    metrics : dict of str to Band
        Each metric with its pointwise band; NaN where it is undefined.
    """

    at: Array
    answered: Band
    metrics: dict[str, Band]


def p_value_gap(p_values: ArrayLike) -> Array:
    """Return the distance of the two conformal p-values, in [0, 1), shape (..., n_rows).

    It is confidence plus credibility minus 1 (C. Saunders, A. Gammerman, V. Vovk,
    "Transduction with confidence and credibility", IJCAI 1999): small for a case that is like
    both outcomes, and for one that is like neither.

    Parameters
    ----------
    p_values : array of shape (..., n_rows, 2)
        Of class 0 and class 1.
    """
    p = np.asarray(p_values, dtype=float)
    return np.abs(p[..., 1] - p[..., 0])


def distance_from_even(probability: ArrayLike) -> Array:
    """Return |ln(p / (1 - p))|: how far the calibrated odds are from even, in nats."""
    return np.abs(log_odds(np.asarray(probability, dtype=float)))


def is_answered(certainty: Array, shares: Array, weights: Array | None = None) -> Array:
    """Return which rows are answered if each share of the weight is to be.

    The most certain rows come first. Rows of equal certainty are answered together, since no
    threshold tells them apart, so that the share answered is the least that reaches what was
    asked.

    Parameters
    ----------
    certainty : array of shape (n_rows,)
        Higher means surer.
    shares : array of shape (points,)
        Shares to answer, in (0, 1].
    weights : array of shape (..., n_rows), optional
        How often each row counts.

    Returns
    -------
    array of bool, shape (..., points, n_rows)

    Examples
    --------
    >>> is_answered(np.array([3.0, 1.0, 2.0, 2.0]), np.array([0.25, 0.5])).astype(int)
    array([[1, 0, 0, 0],
           [1, 0, 1, 1]])
    """
    certainty = np.asarray(certainty, dtype=float)
    weights = np.ones(certainty.size) if weights is None else np.asarray(weights, dtype=float)
    levels, block = np.unique(-certainty, return_inverse=True)
    of_block = weights @ np.eye(levels.size)[block]
    reached = np.cumsum(of_block, axis=-1) / weights.sum(axis=-1)[..., None]
    # The first block at which the share is reached is the last one that is answered.
    wanted = np.asarray(shares, dtype=float)[:, None] - _ROUNDING
    last = (reached[..., None, :] < wanted).sum(axis=-1)
    return block <= last[..., None]


def metric_by_share(
    metric: Metric,
    y: Array,
    prediction: Array,
    certainty: Array,
    *,
    shares: Array = SHARES,
    weights: Array | None = None,
) -> Array:
    """Return ``metric`` among the most certain rows, for each share answered.

    In each draw the share is one of that draw's weight, so that its threshold varies.

    Parameters
    ----------
    metric : callable
        ``metric(y, prediction, weights)``.
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    prediction : array of shape (n_rows,)
        What the metric judges.
    certainty : array of shape (n_rows,)
        Higher means surer.
    shares : array of shape (points,)
        Shares to answer.
    weights : array of shape (..., n_rows), optional
        How often each row counts.

    Returns
    -------
    array of shape (..., points)
    """
    weights = np.ones(np.size(y)) if weights is None else np.asarray(weights, dtype=float)
    columns = [
        metric(
            y, prediction, weights * is_answered(certainty, np.array([share]), weights)[..., 0, :]
        )
        for share in shares
    ]
    return np.stack(columns, axis=-1)


def metric_by_certainty(
    metric: Metric,
    y: Array,
    prediction: Array,
    certainty: Array,
    *,
    thresholds: Array,
    weights: Array | None = None,
) -> Array:
    """Return ``metric`` among rows with ``certainty >= threshold``, for each threshold.

    Parameters
    ----------
    metric, y, prediction, certainty, weights
        As in `metric_by_share`.
    thresholds : array of shape (points,)
        Least certainties.

    Returns
    -------
    array of shape (..., points)
        NaN where the metric is undefined, as where nobody is answered.
    """
    weights = np.ones(np.size(y)) if weights is None else np.asarray(weights, dtype=float)
    columns = [
        metric(y, prediction, weights * (np.asarray(certainty) >= threshold))
        for threshold in thresholds
    ]
    return np.stack(columns, axis=-1)


def abstention_curve(
    y: Array,
    probability: Array,
    certainty: Array,
    weights: Array,
    *,
    shares: Array = SHARES,
    metrics: Mapping[str, Metric] = METRICS,
) -> AbstentionCurve:
    """Return every metric against the share of cases answered, with bootstrap bands.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    probability, certainty : array of shape (n_rows,) or (n_repeats, n_rows)
        Predicted probability, and how sure it is; means are taken over repeats.
    weights : array of shape (1 + n_draws, n_rows)
        As `radpred.evaluate.patient_weights` makes them.
    shares : array of shape (points,)
        Shares to answer.
    metrics : mapping of str to callable
        ``metric(y, probability, weights)`` by name.
    """

    def values(metric: Metric, p: Array, sure: Array) -> Array:
        return metric_by_share(metric, y, p, sure, shares=shares, weights=weights)

    def answered(sure: Array) -> Array:
        kept = is_answered(sure, shares, weights)
        return (kept * weights[..., None, :]).sum(axis=-1) / weights.sum(axis=-1)[..., None]

    return _curve(shares, probability, certainty, metrics, values, answered)


def certainty_curve(
    y: Array,
    probability: Array,
    certainty: Array,
    weights: Array,
    *,
    thresholds: Array,
    metrics: Mapping[str, Metric] = METRICS,
) -> AbstentionCurve:
    """Return every metric against a least certainty, with bootstrap bands.

    Parameters
    ----------
    y, probability, certainty, weights, metrics
        As in `abstention_curve`.
    thresholds : array of shape (points,)
        Least certainties.
    """

    def values(metric: Metric, p: Array, sure: Array) -> Array:
        return metric_by_certainty(metric, y, p, sure, thresholds=thresholds, weights=weights)

    def answered(sure: Array) -> Array:
        kept = np.asarray(sure) >= np.asarray(thresholds)[:, None]
        return (weights @ kept.T.astype(float)) / weights.sum(axis=-1)[..., None]

    return _curve(thresholds, probability, certainty, metrics, values, answered)


def _curve(
    at: Array,
    probability: Array,
    certainty: Array,
    metrics: Mapping[str, Metric],
    values: Callable[[Metric, Array, Array], Array],
    answered: Callable[[Array], Array],
) -> AbstentionCurve:
    """Return the curve whose draws ``values`` and ``answered`` give for each repeat."""
    repeats, sure = np.atleast_2d(probability), np.atleast_2d(certainty)
    if repeats.shape != sure.shape:
        msg = f"certainty of shape {sure.shape} for probabilities of {repeats.shape}; give one each"
        raise InputError(msg)
    pairs = list(zip(repeats, sure, strict=True))
    bands = {
        name: _band(np.mean([values(metric, *pair) for pair in pairs], axis=0))
        for name, metric in metrics.items()
    }
    share = _band(np.mean([answered(one) for one in sure], axis=0))
    return AbstentionCurve(at=np.asarray(at), answered=share, metrics=bands)


def _band(draws: Array) -> Band:
    """Return the pointwise band of draws; each point leaves out its own undefined draws."""
    ends = [percentile_interval(point) for point in draws.T]
    value, low, high = np.array([(end.value, end.low, end.high) for end in ends]).T
    return Band(value, low, high)
