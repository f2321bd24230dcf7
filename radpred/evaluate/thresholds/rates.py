"""How often a decision is right: a row is called an event where its score reaches a threshold.

Weights have shape (..., n_rows), as in `radpred.evaluate.discrimination`; results have the
leading shape and are NaN where nobody is left to count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

EVEN = 0.5


def accuracy(
    y: Array, score: Array, weights: Array | None = None, *, threshold: float = EVEN
) -> Array:
    """Return the share of rows that are called rightly.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    score : array of shape (n_rows,)
        Higher means the event is likelier.
    weights : array of shape (..., n_rows), optional
        How often each row counts.
    threshold : float
        A row is called an event where ``score >= threshold``.
    """
    called, event = _called(y, score, threshold)
    return _share(called == event, np.ones(event.size, dtype=bool), weights)


def error(
    y: Array, score: Array, weights: Array | None = None, *, threshold: float = EVEN
) -> Array:
    """Return the share of rows that are called wrongly; arguments as in `accuracy`."""
    return 1 - accuracy(y, score, weights, threshold=threshold)


def sensitivity(
    y: Array, score: Array, weights: Array | None = None, *, threshold: float = EVEN
) -> Array:
    """Return the share of events that are called so; arguments as in `accuracy`."""
    called, event = _called(y, score, threshold)
    return _share(called, event, weights)


def specificity(
    y: Array, score: Array, weights: Array | None = None, *, threshold: float = EVEN
) -> Array:
    """Return the share of non-events that are called so; arguments as in `accuracy`."""
    called, event = _called(y, score, threshold)
    return _share(~called, ~event, weights)


def positive_predictive_value(
    y: Array, score: Array, weights: Array | None = None, *, threshold: float = EVEN
) -> Array:
    """Return the share of events among rows called so; arguments as in `accuracy`."""
    called, event = _called(y, score, threshold)
    return _share(event, called, weights)


def negative_predictive_value(
    y: Array, score: Array, weights: Array | None = None, *, threshold: float = EVEN
) -> Array:
    """Return the share of non-events among rows called so; arguments as in `accuracy`."""
    called, event = _called(y, score, threshold)
    return _share(~event, ~called, weights)


def _called(y: Array, score: Array, threshold: float) -> tuple[Array, Array]:
    """Return which rows are called an event, and which are one."""
    return np.asarray(score) >= threshold, np.asarray(y) == 1


def _share(hit: Array, among: Array, weights: Array | None) -> Array:
    """Return the weight of ``hit`` among rows of ``among``."""
    weights = np.ones(among.size) if weights is None else np.asarray(weights, dtype=float)
    above, below = weights @ (hit & among).astype(float), weights @ among.astype(float)
    above, below = np.asarray(above), np.asarray(below)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
