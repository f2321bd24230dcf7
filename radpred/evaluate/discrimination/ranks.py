"""How well predictions rank events above non-events: areas and curves.

Weights have shape (..., n_rows): one number a row, or one row of numbers for each bootstrap
draw; results have the leading shape. Without weights every row counts once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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


_TOLERANCE = 1e-9


def _by_tie(y: Array, score: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return the weight of events and of others at each distinct score, ascending."""
    score = np.asarray(score, dtype=float)
    weights = np.ones(score.size) if weights is None else np.asarray(weights, dtype=float)
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) != 0])
    sorted_weights = weights[..., order]
    events = sorted_weights * np.asarray(y, dtype=float)[order]
    others = sorted_weights - events
    if starts.size == score.size:  # no ties: nothing to add up
        return events, others
    return np.add.reduceat(events, starts, axis=-1), np.add.reduceat(others, starts, axis=-1)


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
