"""Measures of a predicted number; weights are those of `radpred.evaluate.patient_weights`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpred.evaluate.others.classes import share

Array = NDArray[Any]


def rmse(y: Array, value: Array, weights: Array) -> Array:
    """Return the root of the mean squared error, in the unit of the outcome.

    Parameters
    ----------
    y, value : array of shape (n,)
        Observed and predicted.
    weights : array of shape (n_draws, n)
        How often each row counts.
    """
    return np.sqrt(share((value - y) ** 2, weights))


def mae(y: Array, value: Array, weights: Array) -> Array:
    """Return the mean absolute error, in the unit of the outcome."""
    return share(np.abs(value - y), weights)


def r_squared(y: Array, value: Array, weights: Array) -> Array:
    """Return one minus the squared error over that of the mean of the rows drawn.

    0 for a model that knows the mean and nothing else, below for a worse one.
    """
    spread = share(y**2, weights) - share(y, weights) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - share((value - y) ** 2, weights) / spread)


def slope(y: Array, value: Array, weights: Array) -> Array:
    """Return the slope of the line of the observed on the predicted; 1 is ideal.

    Below 1, predictions lie farther from their mean than what is observed. NaN where all
    predictions are alike.
    """
    return _slope(y[None, :], value[None, :], weights)


def spearman(y: Array, value: Array, weights: Array) -> Array:
    """Return the rank correlation of observed and predicted, ties at their mean rank."""
    ranks = [weighted_ranks(values, weights) for values in (y, value)]
    own = [_centred(rank, weights) for rank in ranks]
    cross, *squares = (
        (weights * a * b).sum(axis=-1)
        for a, b in ((own[0], own[1]), (own[0], own[0]), (own[1], own[1]))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(cross / np.sqrt(squares[0] * squares[1]))


def weighted_ranks(values: Array, weights: Array) -> Array:
    """Return the mean rank of each row in every draw, a row that counts twice standing twice.

    Examples
    --------
    >>> weighted_ranks(np.array([5.0, 7.0, 7.0]), np.array([[1, 1, 1], [2, 0, 1]])).tolist()
    [[1.0, 2.5, 2.5], [1.5, 3.0, 3.0]]
    """
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.add.reduceat(weights[:, order], starts, axis=1)
    before = np.cumsum(sizes, axis=1) - sizes
    return np.asarray((before + (sizes + 1) / 2)[:, group])


def is_constant(value: Array, fold: Array) -> bool:
    """Say whether a model says the same of all rows of each fold, so that no rank means anything.

    Parameters
    ----------
    value : array of shape (n_repeats, n) or (n_repeats, n, k)
        What was predicted.
    fold : array of shape (n_repeats, n)
        In which fold each row was held out.
    """
    return all(
        np.ptp(said[places == one], axis=0).max() == 0
        for said, places in zip(value, fold, strict=True)
        for one in np.unique(places)
    )


def _slope(y: Array, value: Array, weights: Array) -> Array:
    """Return the slope of the least squares line in every draw."""
    x = _centred(value, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (weights * x * y).sum(axis=-1) / (weights * x * x).sum(axis=-1)
    return np.asarray(found)


def _centred(values: Array, weights: Array) -> Array:
    """Return values less their weighted mean in every draw."""
    mean = (weights * values).sum(axis=-1) / weights.sum(axis=-1)
    return np.asarray(values - mean[:, None])
