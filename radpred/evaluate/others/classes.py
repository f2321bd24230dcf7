"""Measures of several classes; weights are those of `radpred.evaluate.patient_weights`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpred.evaluate.discrimination import auroc

Array = NDArray[Any]
_SMALLEST = 1e-12


def class_aurocs(y: Array, probability: Array, weights: Array) -> Array:
    """Return the area under the ROC curve of each class against the rest, (n_draws, n_classes).

    NaN in draws without the class.

    Parameters
    ----------
    y : array of int, shape (n,)
        The class of each row, counted from 0.
    probability : array of shape (n, n_classes)
        Of each class.
    weights : array of shape (n_draws, n)
        How often each row counts.
    """
    columns = range(probability.shape[1])
    areas = [auroc((y == c).astype(int), probability[:, c], weights) for c in columns]
    return np.stack(areas, axis=-1)


def macro_auroc(y: Array, probability: Array, weights: Array) -> Array:
    """Return the mean of `class_aurocs`, each class alike; NaN where one is undefined."""
    return np.asarray(class_aurocs(y, probability, weights).mean(axis=-1))


def accuracy(y: Array, probability: Array, weights: Array) -> Array:
    """Return the share of rows whose likeliest class is theirs; of equals the first."""
    return share(probability.argmax(axis=1) == y, weights)


def recalls(y: Array, probability: Array, weights: Array) -> Array:
    """Return the share of each class that is called so, (n_draws, n_classes)."""
    right = probability.argmax(axis=1) == y
    columns = range(probability.shape[1])
    return np.stack([share(right, weights * (y == c)) for c in columns], axis=-1)


def balanced_accuracy(y: Array, probability: Array, weights: Array) -> Array:
    """Return the mean of `recalls`, each class alike; NaN in draws that lack a class."""
    return np.asarray(recalls(y, probability, weights).mean(axis=-1))


def class_log_loss(y: Array, probability: Array, weights: Array) -> Array:
    """Return the mean negative logarithm of the probability of the true class, in nats."""
    own = np.clip(probability[np.arange(len(y)), y], _SMALLEST, 1.0)
    return share(-np.log(own), weights)


def class_brier(y: Array, probability: Array, weights: Array) -> Array:
    """Return the mean squared distance of the probabilities from the truth, summed over classes.

    G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather
    Review 78, 1950: from 0 to 2. Of two classes it is twice the score that counts the event alone.
    """
    truth = np.eye(probability.shape[1])[y]
    return share(((probability - truth) ** 2).sum(axis=1), weights)


def confusion(y: Array, probability: Array) -> Array:
    """Return how many rows of each class (row) were called what (column)."""
    n = probability.shape[1]
    return np.bincount(y * n + probability.argmax(axis=1), minlength=n * n).reshape(n, n)


def share(values: Array, weights: Array) -> Array:
    """Return the weighted mean of ``values`` in every draw, NaN where nothing is drawn."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(weights @ values.astype(float) / weights.sum(axis=-1))
