"""What acting on a prediction is worth (Vickers & Elkin 2006)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpred.errors import SettingsError

Array = NDArray[Any]


def net_benefit(
    y: Array, probability: Array, thresholds: Array, weights: Array | None = None
) -> Array:
    """Return true positives minus false positives at the odds of the threshold, a row.

    A row counts as positive where ``probability >= threshold``.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    probability : array of shape (n_rows,)
        Predicted probability of the event.
    thresholds : array of shape (points,)
        Probabilities at which one would act, inside (0, 1).
    weights : array of shape (..., n_rows), optional
        How often each row counts.

    Returns
    -------
    array of shape (..., points)

    Examples
    --------
    >>> net_benefit(np.array([1, 0, 0, 1]), np.array([0.9, 0.6, 0.1, 0.5]), np.array([0.5]))
    array([0.25])
    """
    thresholds = np.asarray(thresholds, dtype=float)
    if thresholds.size and not (thresholds.min() > 0 and thresholds.max() < 1):
        msg = f"thresholds {thresholds.min():g} to {thresholds.max():g}: keep them inside (0, 1)"
        raise SettingsError(msg)
    y = np.asarray(y, dtype=float)[:, None]
    positive = np.asarray(probability)[:, None] >= thresholds
    gain = positive * (y - (1 - y) * thresholds / (1 - thresholds))
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    return (weights @ gain) / weights.sum(axis=-1)[..., None]


def net_benefit_of_all(y: Array, thresholds: Array, weights: Array | None = None) -> Array:
    """Return the net benefit of acting on everybody.

    Parameters
    ----------
    y, thresholds, weights
        As in `net_benefit`.
    """
    return net_benefit(y, np.ones(np.size(y)), thresholds, weights)


def threshold_grid(low: float, high: float, *, step: float = 0.01) -> Array:
    """Return thresholds from ``low`` to ``high``, kept inside (0, 1) where benefit is defined.

    Parameters
    ----------
    low, high : float
        Ends of the range; 0 becomes ``step`` and 1 becomes ``1 - step``.
    step : float
        Distance of neighbours.
    """
    low, high = max(low, step), min(high, 1 - step)
    if low > high:
        msg = f"threshold range {low:g} to {high:g}: the first must not exceed the second"
        raise SettingsError(msg)
    # Rounded, so that a prediction of exactly 0.3 counts as positive at 0.3.
    return np.round(low + step * np.arange(int((high - low) / step + 1e-9) + 1), 10)
