"""Whether a probability of 0.3 means three in ten.

Weights have shape (..., n_rows), as in `radpred.evaluate.discrimination`; results have the
leading shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, xlog1py, xlogy

from radpred.evaluate.calibration._logistic import fit_logistic

Array = NDArray[Any]
CalibrationError = Callable[..., Array]

_SMALLEST = 1e-12
_DIGITS = 9  # of log-odds, beyond which they are the same
# A hundredth of a standardised observation keeps curves of separated draws finite.
_CURVE_RIDGE = 0.01


def log_odds(probability: Array) -> Array:
    """Return ln(p / (1 - p)), with probabilities kept 1e-12 away from 0 and 1."""
    return logit(np.clip(probability, _SMALLEST, 1 - _SMALLEST))


def brier(y: Array, probability: Array, weights: Array | None = None) -> Array:
    """Return the mean squared difference of probability and outcome (Brier 1950).

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    probability : array of shape (n_rows,)
        Predicted probability of the event.
    weights : array of shape (..., n_rows), optional
        How often each row counts.
    """
    return _mean((np.asarray(probability) - y) ** 2, weights)


def log_loss(y: Array, probability: Array, weights: Array | None = None) -> Array:
    """Return the mean negative log-likelihood in nats; probabilities stay 1e-12 inside (0, 1).

    Parameters
    ----------
    y, probability, weights
        As in `brier`.
    """
    p = np.clip(probability, _SMALLEST, 1 - _SMALLEST)
    y = np.asarray(y, dtype=float)
    return _mean(-(xlogy(y, p) + xlog1py(1 - y, -p)), weights)


def calibration_line(y: Array, probability: Array, weights: Array | None = None) -> Array:
    """Return intercept and slope of the logistic regression of the outcome on the log-odds.

    Cox 1958. A slope below 1 says that predictions are too extreme. Where a threshold
    separates the classes the slope is infinite (minus, if the wrong way round) and the
    intercept NaN; where all predictions are alike both are NaN.

    Parameters
    ----------
    y, probability, weights
        As in `brier`.

    Returns
    -------
    array of shape (..., 2)
        Intercept, slope.
    """
    x, drawn = log_odds(probability), _drawn(y, weights)
    # Equal predictions of two folds may differ in their last bit, and no slope is fitted to that.
    up, down = _separated(np.round(x, _DIGITS), np.asarray(y), drawn)
    result = np.full((len(drawn), 2), np.nan)
    result[up & ~down, 1] = np.inf
    result[down & ~up, 1] = -np.inf
    overlap = ~up & ~down
    if overlap.any():
        centre, spread = x.mean(), x.std()
        design = np.column_stack([np.ones(x.size), (x - centre) / spread])
        fitted = fit_logistic(design, y, drawn[overlap])
        slope = fitted[:, 1] / spread
        result[overlap] = np.column_stack([fitted[:, 0] - slope * centre, slope])
    return result.reshape(*_leading(weights), 2)


def calibration_slope(y: Array, probability: Array, weights: Array | None = None) -> Array:
    """Return the slope of `calibration_line`; 1 is ideal.

    Parameters
    ----------
    y, probability, weights
        As in `brier`.
    """
    return calibration_line(y, probability, weights)[..., 1]


def calibration_in_the_large(y: Array, probability: Array, weights: Array | None = None) -> Array:
    """Return the calibration intercept with the slope fixed at 1; 0 is ideal.

    Above 0, events are more frequent than predicted (Steyerberg 2009; Van Calster et al. 2016).
    Infinite where only one class is drawn.

    Parameters
    ----------
    y, probability, weights
        As in `brier`.
    """
    drawn = _drawn(y, weights)
    rate = _mean(np.asarray(y, dtype=float), drawn)
    result = np.where(rate > 0.5, np.inf, -np.inf)
    both = _has_both(y, drawn)
    constant = np.ones((np.size(y), 1))
    result[both] = fit_logistic(constant, y, drawn[both], offset=log_odds(probability))[:, 0]
    return result.reshape(_leading(weights))


def calibration_curve(
    y: Array, probability: Array, grid: Array, weights: Array | None = None
) -> Array:
    """Return the observed share of events at each predicted probability of ``grid``, smoothed.

    Logistic regression of the outcome on a restricted cubic spline of the log-odds with knots
    at the 10th, 50th and 90th percentile (Harrell 2015, section 2.4; Austin & Steyerberg 2014),
    with a faint ridge penalty. NaN where only one class is drawn.

    Parameters
    ----------
    y, probability, weights
        As in `brier`.
    grid : array of shape (points,)
        Predicted probabilities in (0, 1).

    Returns
    -------
    array of shape (..., points)
    """
    x = log_odds(probability)
    knots = np.quantile(x, [0.1, 0.5, 0.9])
    design = _spline(x, knots)
    centre, spread = design.mean(axis=0), design.std(axis=0)
    varies = spread > 1e-9
    terms = [
        np.column_stack([np.ones(len(part)), ((part - centre) / np.where(varies, spread, 1))])
        for part in (design, _spline(log_odds(grid), knots))
    ]
    kept, drawn = np.r_[True, varies], _drawn(y, weights)
    both = _has_both(y, drawn)
    fitted = fit_logistic(terms[0][:, kept], y, drawn[both], ridge=_CURVE_RIDGE)
    curves = np.full((len(drawn), len(grid)), np.nan)
    curves[both] = expit(fitted @ terms[1][:, kept].T)
    return curves.reshape(*_leading(weights), len(grid))


def expected_calibration_error(
    y: Array, probability: Array, weights: Array | None = None, *, n_bins: int = 10
) -> Array:
    """Return the mean gap of predicted and observed share over ``n_bins`` bins of equal width.

    Naeini et al. 2015. A calibrated model does not score 0: compare with
    `null_calibration_error`.

    Parameters
    ----------
    y, probability, weights
        As in `brier`. ``y`` may also have shape (..., n_rows), without weights.
    n_bins : int
        Bins of the probability.
    """
    probability = np.asarray(probability, dtype=float)
    bins = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    member = np.eye(n_bins)[bins]
    weights = np.ones(probability.size) if weights is None else np.asarray(weights)
    gaps = np.abs((weights * (np.asarray(y) - probability)) @ member).sum(axis=-1)
    return gaps / weights.sum(axis=-1)


def adaptive_calibration_error(
    y: Array, probability: Array, weights: Array | None = None, *, n_bins: int = 10
) -> Array:
    """Return the mean gap of predicted and observed share over ``n_bins`` bins of equal mass.

    Nixon et al. 2019, "Measuring calibration in deep learning", section 3. Equal predictions
    share a bin, the one in which the middle of their mass lies, and a bin counts by its mass,
    so staircases such as isotonic regression are judged as well. A calibrated model does not
    score 0: compare with `null_calibration_error`.

    Parameters
    ----------
    y, probability, weights, n_bins
        As in `expected_calibration_error`; every draw of weights has its own bins.
    """
    order = np.argsort(probability, kind="stable")
    p, outcome = np.asarray(probability, dtype=float)[order], np.asarray(y)[..., order]
    weights = np.ones(p.size) if weights is None else np.asarray(weights)[..., order]
    first = np.flatnonzero(np.r_[True, np.diff(p) > 0])
    mass = np.add.reduceat(weights, first, axis=-1)
    gaps = np.add.reduceat(weights * (outcome - p), first, axis=-1)
    total = weights.sum(axis=-1)
    middle = (np.cumsum(mass, axis=-1) - mass / 2) / total[..., None]
    bins = np.minimum((middle * n_bins).astype(int), n_bins - 1)
    in_bins = [np.sum(gaps * (bins == one), axis=-1) for one in range(n_bins)]
    return np.abs(in_bins).sum(axis=0) / total


def null_calibration_error(
    probability: Array,
    *,
    rng: np.random.Generator,
    n_draws: int = 1000,
    n_bins: int = 10,
    error: CalibrationError = expected_calibration_error,
) -> float:
    """Return the mean calibration error if every probability were exactly right.

    Parameters
    ----------
    probability : array of shape (n_rows,)
        Predicted probabilities; outcomes are simulated from them.
    rng : numpy.random.Generator
        Where chance comes from.
    n_draws, n_bins : int
        Simulated cohorts, and bins of the probability.
    error : callable
        `expected_calibration_error` or `adaptive_calibration_error`.
    """
    outcomes = rng.random((n_draws, np.size(probability))) < probability
    errors = error(outcomes, probability, n_bins=n_bins)
    return float(errors.mean())


def _mean(values: Array, weights: Array | None) -> Array:
    """Return the weighted mean of ``values`` over rows."""
    if weights is None:
        return np.asarray(np.mean(values))
    return (weights @ values) / np.sum(weights, axis=-1)


def _drawn(y: Array, weights: Array | None) -> Array:
    """Return weights of shape (n_draws, n_rows)."""
    return np.atleast_2d(np.ones(np.size(y)) if weights is None else weights)


def _leading(weights: Array | None) -> tuple[int, ...]:
    """Return the shape that results take from the weights."""
    return () if weights is None else weights.shape[:-1]


def _has_both(y: Array, drawn: Array) -> Array:
    """Return in which draws there are events and others."""
    rate = _mean(np.asarray(y, dtype=float), drawn)
    return (rate > 0) & (rate < 1)


def _separated(x: Array, y: Array, drawn: Array) -> tuple[Array, Array]:
    """Return in which draws no non-event lies above an event, and in which none lies below."""
    highest_other = _extreme(x, (y == 0) & (drawn > 0), largest=True)
    lowest_other = _extreme(x, (y == 0) & (drawn > 0), largest=False)
    highest_event = _extreme(x, (y == 1) & (drawn > 0), largest=True)
    lowest_event = _extreme(x, (y == 1) & (drawn > 0), largest=False)
    return lowest_event >= highest_other, highest_event <= lowest_other


def _extreme(x: Array, member: Array, *, largest: bool) -> Array:
    """Return the largest or smallest ``x`` among the members of each draw."""
    if largest:
        return np.where(member, x, -np.inf).max(axis=-1)
    return np.where(member, x, np.inf).min(axis=-1)


def _spline(x: Array, knots: Array) -> Array:
    """Return the restricted cubic spline terms of ``x`` for three knots, shape (n, 1 or 2)."""
    first, middle, last = knots
    if not first < middle < last:
        return x[:, None]
    cubes = [np.maximum(x - knot, 0) ** 3 for knot in knots]
    curved = (
        cubes[0]
        - cubes[1] * (last - first) / (last - middle)
        + cubes[2] * (middle - first) / (last - middle)
    )
    return np.column_stack([x, curved / (last - first) ** 2])
