"""Weighted logistic regression of one outcome for many weightings at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[Any]

_MAX_STEPS = 100
_TOLERANCE = 1e-9


def fit_logistic(
    design: Array,
    y: Array,
    weights: Array,
    *,
    offset: Array | None = None,
    ridge: float = 0.0,
) -> Array:
    """Return the coefficients that maximise each draw's weighted likelihood.

    Damped Newton steps, scaled by ln(1 + r) / r with r the largest change of a linear predictor,
    descend for any start (Sun & Tran-Dinh 2019, theorem 2). Draws start at the fit of the
    first. Draws whose maximum lies at infinity must not be given without ``ridge``.

    Parameters
    ----------
    design : array of shape (n_rows, n_terms)
        The first column is the constant.
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    weights : array of shape (n_draws, n_rows)
        How often each row counts.
    offset : array of shape (n_rows,), optional
        Added to every linear predictor.
    ridge : float
        Penalty on half the squared coefficients, the constant left out.

    Returns
    -------
    array of shape (n_draws, n_terms)
    """
    offset = np.zeros(len(y)) if offset is None else offset
    if not len(weights):
        return np.empty((0, design.shape[1]))
    problem = (design, np.asarray(y, dtype=float), offset, ridge)
    first = _newton(np.zeros((1, design.shape[1])), weights[:1], problem)
    if len(weights) == 1:
        return first
    rest = _newton(np.repeat(first, len(weights) - 1, axis=0), weights[1:], problem)
    return np.concatenate([first, rest])


def _newton(start: Array, weights: Array, problem: tuple[Array, Array, Array, float]) -> Array:
    """Return the coefficients after Newton's method, each draw stopping when it has arrived."""
    design = problem[0]
    largest = np.abs(design).max(axis=0)
    coefficients = start.copy()
    moving = np.arange(len(weights))
    for _ in range(_MAX_STEPS):
        step = _newton_step(coefficients[moving], weights[moving], problem)
        reach = np.maximum(np.abs(step) @ largest, 1e-300)
        coefficients[moving] += step * (np.log1p(reach) / reach)[:, None]
        moving = moving[reach > _TOLERANCE]
        if not moving.size:
            break
    return coefficients


def _newton_step(
    coefficients: Array, weights: Array, problem: tuple[Array, Array, Array, float]
) -> Array:
    """Return the undamped Newton step of every draw, shape (n_draws, n_terms)."""
    design, y, offset, ridge = problem
    n_terms = design.shape[1]
    penalty = np.full(n_terms, ridge)
    penalty[0] = 0.0
    probability = expit(coefficients @ design.T + offset)
    gradient = (weights * (y - probability)) @ design - penalty * coefficients
    squares = (design[:, :, None] * design[:, None, :]).reshape(len(y), -1)
    curvature = (weights * probability * (1 - probability)) @ squares
    hessian = curvature.reshape(-1, n_terms, n_terms) + np.diag(penalty)
    return np.linalg.solve(hessian, gradient[..., None])[..., 0]
