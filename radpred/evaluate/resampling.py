"""Intervals by resampling patients: one set of weights for every model and repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Metric = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its interval; NaN where there is none, and a note that says why."""

    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True)
class Difference:
    """One value minus another on the same rows: its interval, its p-value, and how they arose."""

    value: float
    low: float
    high: float
    p: float
    note: str = ""


@dataclass(frozen=True)
class Band:
    """A curve with a pointwise band, each of shape (points,)."""

    value: Array
    low: Array
    high: Array


def patient_weights(
    patients: ArrayLike, *, n_draws: int, rng: np.random.Generator, y: ArrayLike | None = None
) -> Array:
    """Return how often each row counts in the sample and in every bootstrap draw of patients.

    Patients are drawn with replacement, and rows of one patient go together (cluster bootstrap:
    Davison & Hinkley 1997, section 3.8). With ``y`` they are drawn among those with, and among
    those without, an event, so that every draw has the sample's number of each: right for what
    is conditional on the outcome (areas under the ROC curve, coverage of a class). What
    depends on how frequent events are (calibration, Brier score, net benefit) needs draws
    without ``y``, else its intervals leave out the chance in that frequency.

    Parameters
    ----------
    patients : array of shape (n_rows,)
        Whose row it is.
    n_draws : int
        How many bootstrap samples.
    rng : numpy.random.Generator
        Where chance comes from.
    y : array of 0 and 1, or of codes of classes, shape (n_rows,), optional
        Outcome to stratify by; a patient with any event belongs to the stratum of events, one
        with several classes to that of the highest code.

    Returns
    -------
    array of shape (1 + n_draws, n_rows)
        Row 0 is the sample itself, all ones.
    """
    _, patient = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    outcome = np.zeros(patient.size) if y is None else np.asarray(y, dtype=float)
    stratum = np.zeros(patient.max(initial=-1) + 1)
    np.maximum.at(stratum, patient, outcome)
    counts = np.ones((1 + n_draws, stratum.size))
    for code in np.unique(stratum):
        members = np.flatnonzero(stratum == code)
        equal = np.full(members.size, 1 / members.size)
        counts[1:, members] = rng.multinomial(members.size, equal, size=n_draws)
    return counts[:, patient]


def mean_over_repeats(metric: Metric, y: Array, predictions: Array, weights: Array) -> Array:
    """Return ``metric`` of each repeat's pooled out-of-fold rows, averaged over the repeats.

    Parameters
    ----------
    metric : callable
        ``metric(y, prediction, weights)`` returns an array that starts with the draws.
    y : array of shape (n_rows,)
        The outcome.
    predictions : array of shape (n_repeats, n_rows, ...)
        What each repeat said of each row.
    weights : array of shape (n_draws, n_rows)
        As `patient_weights` makes them; the same draw is used in every repeat.
    """
    values = [metric(y, prediction, weights) for prediction in predictions]
    with np.errstate(invalid="ignore"):  # +inf and -inf have no mean: NaN, and left out later
        return np.mean(values, axis=0)


def percentile_interval(draws: Array, *, level: float = 0.95) -> Interval:
    """Return the sample's value (row 0) and the percentile interval of the other rows.

    The ends are draws themselves, rounded outwards, so that infinite draws stay infinite.
    Undefined draws (NaN) are left out and counted in the note. Where no draw differs from the
    value, resampling cannot bound it, and the ends are NaN.

    Parameters
    ----------
    draws : array of shape (1 + n_draws,)
        The metric of the sample, then of every draw.
    level : float
        Nominal coverage of the interval.
    """
    value, others = float(draws[0]), np.asarray(draws[1:], dtype=float)
    defined = np.sort(others[~np.isnan(others)])
    note = _left_out(others)
    if np.isnan(value) or defined.size < others.size / 2 or not defined.size:
        return Interval(value, np.nan, np.nan, note or "undefined")
    if np.allclose(defined, value, rtol=0, atol=1e-12):
        return Interval(value, np.nan, np.nan, note or "no draw differs: nothing to bound it by")
    low, high = _ends(defined, level)
    return Interval(value, float(low), float(high), note)


def percentile_band(draws: Array, *, level: float = 0.95) -> Band:
    """Return a curve (row 0) and the pointwise percentile band of the other rows.

    Draws with an undefined point are left out; with less than half of the draws there is no band.

    Parameters
    ----------
    draws : array of shape (1 + n_draws, points)
        The curve of the sample, then of every draw.
    level : float
        Nominal coverage at each point.
    """
    defined = draws[1:][~np.isnan(draws[1:]).any(axis=1)]
    if len(defined) < len(draws[1:]) / 2 or not len(defined):
        unknown = np.full(draws[0].shape, np.nan)
        return Band(draws[0], unknown, unknown)
    low, high = _ends(np.sort(defined, axis=0), level)
    return Band(draws[0], low, high)


def _ends(ordered: Array, level: float) -> tuple[Array, Array]:
    """Return the draws at both ends of the interval, rounded outwards."""
    last = len(ordered) - 1
    tail = (1 - level) / 2
    return ordered[int(np.floor(tail * last))], ordered[int(np.ceil((1 - tail) * last))]


def _left_out(draws: Array) -> str:
    """Return a note on draws that are undefined or infinite, or nothing."""
    undefined, infinite = int(np.isnan(draws).sum()), int(np.isinf(draws).sum())
    notes = []
    if undefined:
        notes.append(f"undefined in {undefined} of {draws.size} draws")
    if infinite:
        notes.append(f"infinite in {infinite} of {draws.size} draws")
    return "; ".join(notes)
