"""What acting on a prediction is worth (Vickers & Elkin 2006).

At a threshold of 0 a false alarm costs nothing: acting on all, and every model, is worth the
share of events. At 1 a single false alarm outweighs everything: what never gives one is worth
its true positives, all else minus infinity. Neither is a choice that anybody faces, so thresholds
stay inside (0, 1), where every value is finite.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError, SettingsError
from radpred.evaluate.paired import two_sided_p
from radpred.evaluate.resampling import mean_over_repeats, patient_weights, percentile_band

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


def standardised_net_benefit(
    y: Array, probability: Array, thresholds: Array, weights: Array | None = None
) -> Array:
    """Return the net benefit as a share of that of perfect predictions, which is 1.

    Net benefit over the share of events (Kerr et al. 2016); NaN where no event is drawn.

    Parameters
    ----------
    y, probability, thresholds, weights
        As in `net_benefit`.
    """
    drawn = np.ones(np.size(y)) if weights is None else np.asarray(weights, dtype=float)
    rate = ((drawn @ np.asarray(y, dtype=float)) / drawn.sum(axis=-1))[..., None]
    benefit = net_benefit(y, probability, thresholds, weights)
    return np.divide(benefit, rate, out=np.full(benefit.shape, np.nan), where=rate > 0)


def decision_curves(
    y: Array,
    probabilities: Mapping[str, Array],
    patients: ArrayLike,
    *,
    thresholds: Array,
    rng: np.random.Generator,
    n_draws: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the decision curves of all models, of acting on all and on none, with bands.

    Bands are pointwise percentiles over draws of patients that all curves share, not
    stratified, as net benefit depends on how frequent events are.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    probabilities : mapping of array, shape (n_rows,) or (n_repeats, n_rows)
        For each model the probability of the event; repeats are averaged.
    patients : array of shape (n_rows,)
        Whose row it is.
    thresholds : array of shape (points,)
        As `threshold_grid` makes them, inside (0, 1).
    rng : numpy.random.Generator
        Where chance comes from.
    n_draws : int
        How many bootstrap draws.
    level : float
        Nominal coverage at each point.

    Returns
    -------
    DataFrame
        ``model`` (also "treat all" and "treat none"), ``threshold``, ``net_benefit`` with ``low``
        and ``high``, and ``standardised`` (1 is perfect) with ``standardised_low`` and ``_high``.
    """
    weights = patient_weights(patients, n_draws=n_draws, rng=rng)
    everybody = {"treat all": np.ones(np.size(y)), "treat none": np.full(np.size(y), -1.0)}
    curves = []
    for name, given in {**probabilities, **everybody}.items():
        columns = {"model": name, "threshold": thresholds}
        for label, value in (("", net_benefit), ("standardised", standardised_net_benefit)):
            draws = _over_repeats(value, y, given, weights, thresholds)
            band = percentile_band(draws, level=level)
            stem = f"{label}_" if label else ""
            columns |= {
                label or "net_benefit": band.value,
                f"{stem}low": band.low,
                f"{stem}high": band.high,
            }
        curves.append(pd.DataFrame(columns))
    return pd.concat(curves, ignore_index=True)


def net_benefit_difference(
    y: Array,
    probabilities: tuple[Array, Array],
    patients: ArrayLike,
    *,
    thresholds: Array,
    rng: np.random.Generator,
    n_draws: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the net benefit of the first model minus that of the second at each threshold.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    probabilities : tuple of two arrays, shape (n_rows,) or (n_repeats, n_rows)
        The model in question, and the one to compare with.
    patients, thresholds, rng, n_draws, level
        As in `decision_curves`; both models are judged in the same draws.

    Returns
    -------
    DataFrame
        ``threshold``, ``difference``, ``low``, ``high``, ``p`` (two-sided, by the draws, for this
        threshold alone).
    """
    weights = patient_weights(patients, n_draws=n_draws, rng=rng)
    first, second = (
        _over_repeats(net_benefit, y, given, weights, thresholds) for given in probabilities
    )
    band = percentile_band(first - second, level=level)
    return pd.DataFrame(
        {
            "threshold": thresholds,
            "difference": band.value,
            "low": band.low,
            "high": band.high,
            "p": [two_sided_p(draws) for draws in (first - second).T],
        }
    )


def _over_repeats(
    value: Any, y: Array, probability: Array, weights: Array, thresholds: Array
) -> Array:
    """Return ``value`` in every draw, averaged over repeats, shape (n_draws, points)."""
    repeats = np.atleast_2d(probability)
    if repeats.shape[-1] != np.size(y):
        msg = f"probabilities of {repeats.shape[-1]} rows, outcomes of {np.size(y)}; give the same"
        raise InputError(msg)
    return mean_over_repeats(lambda y, p, w: value(y, p, thresholds, w), y, repeats, weights)


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
