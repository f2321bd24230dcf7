"""How well predictions rank events above non-events: areas, curves, DeLong's variance.

Weights have shape (..., n_rows): one number a row, or one row of numbers for each bootstrap
draw; results have the leading shape. Without weights every row counts once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

from radpred.evaluate.resampling import Interval

Array = NDArray[Any]


def auroc(y: Array, score: Array, weights: Array | None = None) -> Array:
    """Return the area under the ROC curve: P(event scores higher) + P(tie) / 2.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    score : array of shape (n_rows,)
        Higher means the event is likelier.
    weights : array of shape (..., n_rows), optional
        How often each row counts.

    Examples
    --------
    >>> float(auroc(np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.4, 0.8])))
    0.875
    """
    events, others = _by_tie(y, score, weights)
    below = np.cumsum(others, axis=-1) - others / 2
    return _ratio((events * below).sum(axis=-1), events.sum(axis=-1) * others.sum(axis=-1))


def average_precision(y: Array, score: Array, weights: Array | None = None) -> Array:
    """Return the area under the precision-recall curve as a sum of steps (average precision).

    Parameters
    ----------
    y, score, weights
        As in `auroc`.
    """
    events, others = (part[..., ::-1] for part in _by_tie(y, score, weights))
    true = np.cumsum(events, axis=-1)
    precision = _ratio(true, true + np.cumsum(others, axis=-1), undefined=0.0)
    return _ratio((events * precision).sum(axis=-1), true[..., -1])


def roc_curve(y: Array, score: Array, grid: Array, weights: Array | None = None) -> Array:
    """Return the sensitivity at each false-positive rate of ``grid``, interpolated linearly.

    Where the curve is vertical its upper end is taken. Ties make a slanted piece, so that the
    area under the curve is `auroc`.

    Parameters
    ----------
    y, score, weights
        As in `auroc`.
    grid : array of shape (points,)
        False-positive rates in [0, 1], ascending.

    Returns
    -------
    array of shape (..., points)
    """
    events, others = (part[..., ::-1] for part in _by_tie(y, score, weights))
    sensitivity, false_rate = _shares(events), _shares(others)
    flat_x = false_rate.reshape(-1, false_rate.shape[-1])
    flat_y = sensitivity.reshape(flat_x.shape)
    at = _last_at_or_before(flat_x, grid)
    after = np.minimum(at + 1, flat_x.shape[1] - 1)
    x0, x1 = (np.take_along_axis(flat_x, index, axis=1) for index in (at, after))
    y0, y1 = (np.take_along_axis(flat_y, index, axis=1) for index in (at, after))
    part = np.clip(_ratio(grid - x0, x1 - x0, undefined=0.0), 0.0, 1.0)
    return (y0 + part * (y1 - y0)).reshape(*false_rate.shape[:-1], len(grid))


def precision_recall_curve(
    y: Array, score: Array, grid: Array, weights: Array | None = None
) -> Array:
    """Return the precision at the highest threshold that reaches each recall of ``grid``.

    The curve is the step function whose area is `average_precision`; recall 0 stands for the
    smallest recall above 0.

    Parameters
    ----------
    y, score, weights
        As in `auroc`.
    grid : array of shape (points,)
        Recalls in [0, 1], ascending.

    Returns
    -------
    array of shape (..., points)
    """
    events, others = (part[..., ::-1] for part in _by_tie(y, score, weights))
    true = np.cumsum(events, axis=-1)
    precision = _ratio(true, true + np.cumsum(others, axis=-1), undefined=0.0)
    recall = _ratio(true, true[..., -1:]).reshape(-1, true.shape[-1])
    # One place after the last recall below the wanted one is the first that reaches it.
    wanted = np.maximum(grid, _TOLERANCE * 2) - _TOLERANCE * 2
    padded = np.concatenate([np.zeros((len(recall), 1)), recall], axis=1)
    at = np.minimum(_last_at_or_before(padded, wanted), recall.shape[1] - 1)
    taken = np.take_along_axis(precision.reshape(recall.shape), at, axis=1)
    return taken.reshape(*true.shape[:-1], len(grid))


def delong(y: Array, scores: Array) -> tuple[Array, Array]:
    """Return areas under the ROC curve and their covariance.

    DeLong, DeLong & Clarke-Pearson 1988, by midranks (Sun & Xu 2014). Only for independent rows:
    one a patient, from one repeat.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    scores : array of shape (n_scores, n_rows)
        Scores to compare on the same rows.

    Returns
    -------
    areas : array of shape (n_scores,)
    covariance : array of shape (n_scores, n_scores)
        NaN with fewer than two events or two non-events.
    """
    scores = np.atleast_2d(scores)
    is_event = np.asarray(y) == 1
    n_events, n_others = int(is_event.sum()), int((~is_event).sum())
    ranks = rankdata(scores, axis=1)
    among_events = rankdata(scores[:, is_event], axis=1)
    among_others = rankdata(scores[:, ~is_event], axis=1)
    of_events = (ranks[:, is_event] - among_events) / max(n_others, 1)
    of_others = 1 - (ranks[:, ~is_event] - among_others) / max(n_events, 1)
    if min(n_events, n_others) < 2:
        areas = of_events.mean(axis=1) if n_events and n_others else np.full(len(scores), np.nan)
        return areas, np.full((len(scores), len(scores)), np.nan)
    covariance = np.cov(of_events) / n_events + np.cov(of_others) / n_others
    return of_events.mean(axis=1), np.atleast_2d(covariance)


def delong_interval(y: Array, score: Array, *, level: float = 0.95) -> Interval:
    """Return the area under the ROC curve with DeLong's interval on the logit scale.

    The logit interval keeps its coverage near 1, where the plain one does not
    (Qin & Hotilovac 2008). At an area of exactly 0 or 1 there is none.

    Parameters
    ----------
    y, score
        As in `auroc`; rows must be independent.
    level : float
        Nominal coverage.
    """
    areas, covariance = delong(y, score)
    area, variance = float(areas[0]), float(covariance[0, 0])
    if not 0 < area < 1 or not variance > 0:
        return Interval(area, np.nan, np.nan, "DeLong's variance is not defined here")
    half = norm.ppf((1 + level) / 2) * np.sqrt(variance) / (area * (1 - area))
    low, high = expit(logit(area) + half * np.array([-1.0, 1.0]))
    return Interval(area, float(low), float(high), "DeLong, logit")


_TOLERANCE = 1e-9


def _by_tie(y: Array, score: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return the weight of events and of others at each distinct score, ascending."""
    score = np.asarray(score, dtype=float)
    weights = np.ones(score.size) if weights is None else np.asarray(weights, dtype=float)
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) != 0])
    sorted_weights = weights[..., order]
    of_events = sorted_weights * np.asarray(y, dtype=float)[order]
    events = np.add.reduceat(of_events, starts, axis=-1)
    others = np.add.reduceat(sorted_weights - of_events, starts, axis=-1)
    return events, others


def _shares(parts: Array) -> Array:
    """Return the running share of ``parts`` along the last axis, from 0 to 1."""
    running = np.cumsum(parts, axis=-1)
    zero = np.zeros((*running.shape[:-1], 1))
    return np.concatenate([zero, _ratio(running, running[..., -1:])], axis=-1)


def _last_at_or_before(ascending: Array, wanted: Array) -> Array:
    """Return, for each row, the last place that is not beyond each wanted value in [0, 1]."""
    n_rows, n_columns = ascending.shape
    # Rows are laid end to end, two apart, so that one search serves them all.
    offset = 2.0 * np.arange(n_rows)[:, None]
    flat = (np.nan_to_num(ascending) + offset).ravel()
    found = np.searchsorted(flat, (wanted[None, :] + _TOLERANCE + offset).ravel(), side="right")
    return found.reshape(n_rows, len(wanted)) - 1 - n_columns * np.arange(n_rows)[:, None]


def _ratio(above: Array, below: Array, *, undefined: float = np.nan) -> Array:
    """Return ``above / below``, or ``undefined`` where ``below`` is 0."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(above.shape, undefined), where=below != 0)
