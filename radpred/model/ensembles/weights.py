"""How much each model of a stack counts: a ridge towards the average, and never below zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls
from scipy.special import expit

from radpred.model.ensembles.lines import cross_entropy
from radpred.model.outcome_kind import OutcomeKind

Array = NDArray[np.float64]


def fit_weights(
    kind: OutcomeKind, parts: Sequence[Array], y: NDArray[np.generic], *, ridge: float = 1.0
) -> Array:
    """Return the weights of the least loss, none negative, shape (k,).

    The loss is the cross entropy of ``sum of w_i part_i`` over all rows, or half the squared error
    in standard deviations of the outcome, and ``ridge / 2`` times the squared distance of the
    weights from 1 / k: with few rows a stack is an average (D. Wolpert, Neural Networks 1992;5:
    241-259; the bound is that of L. Breiman, Machine Learning 1996;24:49-64).

    Parameters
    ----------
    kind : {"binary", "multiclass", "continuous"}
        What is predicted.
    parts : sequence of k arrays of shape (n,) or (n, n_classes)
        Of each model, log-odds or numbers for rows that it did not see.
    y : array of shape (n,)
        0 or 1, the place of the class, or numbers.
    ridge : float
        Strength of the pull towards the average, in rows.
    """
    start = np.full(len(parts), 1.0 / len(parts))
    if kind == "continuous":
        return _of_numbers(np.stack(parts, axis=1), y.astype(np.float64), start, ridge)
    loss = _two_classes if kind == "binary" else _more_classes
    stacked, codes = np.stack(parts, axis=-1), y.astype(np.intp)

    def objective(weights: Array) -> tuple[float, Array]:
        """Return the loss with its ridge, and the gradient of both."""
        value, slope = loss(stacked, codes, weights)
        away = weights - start
        return value + ridge / 2 * float(away @ away), slope + ridge * away

    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(parts),
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 10_000},
    )
    return np.asarray(found.x, dtype=np.float64)


def _of_numbers(stacked: Array, y: Array, start: Array, ridge: float) -> Array:
    """Return the weights of least squares about the mean, by rows that stand for the ridge."""
    spread = float(y.std()) or 1.0
    rows = (stacked - y.mean()) / spread
    pull = np.sqrt(ridge) * np.eye(len(start))
    target = np.concatenate([(y - y.mean()) / spread, np.sqrt(ridge) * start])
    return np.asarray(nnls(np.concatenate([rows, pull]), target)[0], dtype=np.float64)


def _two_classes(stacked: Array, y: NDArray[np.intp], weights: Array) -> tuple[float, Array]:
    """Return the summed cross entropy of ``stacked``, shape (n, k), and its gradient."""
    log_odds = stacked @ weights
    loss = float(np.sum(np.logaddexp(0.0, log_odds) - y * log_odds))
    return loss, np.asarray(stacked.T @ (expit(log_odds) - y))


def _more_classes(stacked: Array, y: NDArray[np.intp], weights: Array) -> tuple[float, Array]:
    """Return the summed cross entropy of ``stacked``, shape (n, classes, k), and its gradient."""
    log_odds = stacked @ weights
    shares = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(y)), y] -= 1.0
    gradient = np.einsum("nc,nck->k", shares, stacked)
    return cross_entropy(log_odds, y) * len(y), np.asarray(gradient)
