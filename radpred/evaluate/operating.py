"""Operating points by clinical need: chosen on some rows, judged on others.

The wanted share is reached on the rows that chose, and no more is said: for a threshold that
guarantees it in new patients see `radpred.evaluate.thresholds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from radpred.errors import InputError, LeakageError, SettingsError
from radpred.evaluate.resampling import (
    Interval,
    mean_over_repeats,
    patient_weights,
    percentile_interval,
)

Array = NDArray[Any]
Need = Literal["sensitivity", "specificity", "ppv", "npv", "harm_odds"]

_ROUNDING = 1e-12
# Of the thresholds that serve the need the one is taken that costs least of the rest.
_HIGHEST = ("sensitivity", "npv")


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """A threshold, why it is where it is, and the rows that put it there.

    Attributes
    ----------
    threshold : float
        A row is positive where its probability is at or above it.
    need : str
        Which share was wanted, or the odds of harm.
    wanted : float
        How much of it.
    reached : float or None
        What was reached on the rows of the choice; None for odds of harm.
    case_ids, patients : frozenset of str
        On whose rows it was chosen; empty for odds of harm, which need none.
    """

    threshold: float
    need: Need
    wanted: float
    reached: float | None
    case_ids: frozenset[str] = field(default=frozenset(), repr=False)
    patients: frozenset[str] = field(default=frozenset(), repr=False)

    def positive(self, probability: ArrayLike) -> Array:
        """Return which rows are positive."""
        return np.asarray(probability, dtype=float) >= self.threshold


def threshold_of_harm(needless_per_missed: float) -> OperatingPoint:
    """Return the threshold at which so many needless actions weigh as much as one missed event.

    Acting pays where the probability exceeds 1 / (1 + k) for k needless actions a missed event
    (Pauker & Kassirer 1975; Vickers & Elkin 2006). No row is needed to choose it.

    Parameters
    ----------
    needless_per_missed : float
        Above 0.

    Examples
    --------
    >>> threshold_of_harm(9).threshold
    0.1
    """
    if not 0 < needless_per_missed < np.inf:
        msg = f"{needless_per_missed:g} needless actions a missed event: give a number above 0"
        raise SettingsError(msg)
    return OperatingPoint(
        threshold=1 / (1 + needless_per_missed),
        need="harm_odds",
        wanted=needless_per_missed,
        reached=None,
    )


def choose_operating_point(
    y: ArrayLike,
    probability: ArrayLike,
    *,
    need: Need,
    wanted: float,
    case_ids: ArrayLike,
    patients: ArrayLike,
) -> OperatingPoint:
    """Return the threshold that serves a clinical need on these rows, and costs least of the rest.

    For sensitivity and negative predictive value it is the highest threshold that reaches the
    wanted share, for specificity and positive predictive value the lowest. The threshold is one
    of the predictions, or just above all of them. What was reached here flatters: judge it on
    other rows.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    probability : array of shape (n_rows,)
        Predicted probability of the event.
    need : {"sensitivity", "specificity", "ppv", "npv", "harm_odds"}
        What must be reached.
    wanted : float
        The share, in (0, 1]; for odds of harm as in `threshold_of_harm`.
    case_ids, patients : array of shape (n_rows,)
        Which rows, and whose: recorded, so that they cannot judge what they chose.

    Raises
    ------
    InputError
        No threshold reaches the wanted share, or there are not outcomes of both kinds.
    SettingsError
        An unknown need, or a share outside (0, 1].
    """
    if need == "harm_odds":
        return threshold_of_harm(wanted)
    if need not in get_args(Need) or not 0 < wanted <= 1:
        msg = f"{need} of {wanted:g}: wanted one of {get_args(Need)}, and a share in (0, 1]"
        raise SettingsError(msg)
    y, p = np.asarray(y), np.asarray(probability, dtype=float)
    if set(np.unique(y)) != {0, 1} or not np.isfinite(p).all():
        msg = "choosing a threshold: outcomes 0 and 1 and finite probabilities are needed"
        raise InputError(msg)
    thresholds = np.r_[np.unique(p), np.nextafter(p.max(), np.inf)]
    shares = np.nan_to_num(_shares(y, p[None, :] >= thresholds[:, None])[need], nan=-1.0)
    serve = np.flatnonzero(shares >= wanted - _ROUNDING)
    if not serve.size:
        msg = f"{need} of {wanted:g}: these rows reach {shares.max():.3f} at most; want less"
        raise InputError(msg)
    place = serve[-1] if need in _HIGHEST else serve[0]
    return OperatingPoint(
        threshold=float(thresholds[place]),
        need=need,
        wanted=wanted,
        reached=float(shares[place]),
        case_ids=frozenset(np.asarray(case_ids, dtype=str).tolist()),
        patients=frozenset(np.asarray(patients, dtype=str).tolist()),
    )


def judge_operating_point(
    point: OperatingPoint,
    y: ArrayLike,
    probability: ArrayLike,
    *,
    case_ids: ArrayLike,
    patients: ArrayLike,
    rng: np.random.Generator,
    n_draws: int = 1000,
) -> pd.DataFrame:
    """Return what a threshold does on rows that did not choose it, as `operating_table` does.

    Raises
    ------
    LeakageError
        A case or a patient is among those that chose the threshold.
    """
    for what, given, recorded in (
        ("case", case_ids, point.case_ids),
        ("patient", patients, point.patients),
    ):
        shared = sorted(recorded & set(np.asarray(given, dtype=str).tolist()))
        if shared:
            msg = (
                f"{len(shared)} {what}(s) chose the threshold and would judge it, first "
                f"{shared[:3]}; judge it on other patients"
            )
            raise LeakageError(msg)
    return operating_table(y, point.positive(probability), patients, rng=rng, n_draws=n_draws)


def judge_across_folds(
    y: ArrayLike,
    probability: ArrayLike,
    fold: ArrayLike,
    patients: ArrayLike,
    *,
    need: Need,
    wanted: float,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, Array]:
    """Return what choosing a threshold does out of fold, and the threshold of every fold.

    In each repeat the rows of a fold are judged by the threshold that the other folds chose.
    The models that scored those other rows trained on this fold, so that the answer is a shade
    kinder than that of a threshold chosen on inner held-out rows.

    Parameters
    ----------
    y, patients : array of shape (n_rows,)
        Outcome and patient.
    probability : array of shape (n_rows,) or (n_repeats, n_rows)
        Out-of-fold probabilities.
    fold : array of int, like ``probability``
        In which fold the row was held out.
    need, wanted
        As in `choose_operating_point`.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    DataFrame
        As of `operating_table`.
    array of shape (n_repeats, n_folds)
        Thresholds; NaN past the last fold of a repeat.

    Raises
    ------
    InputError
        The other folds do not reach the wanted share.
    LeakageError
        A patient lies in several folds.
    """
    y, patients = np.asarray(y), np.asarray(patients, dtype=str)
    p, folds = np.atleast_2d(np.asarray(probability, dtype=float)), np.atleast_2d(fold)
    places = [np.unique(row, return_inverse=True)[1] for row in folds]
    thresholds = np.full((len(p), max(int(row.max()) for row in places) + 1), np.nan)
    positive = np.zeros(p.shape, dtype=bool)
    for repeat, place in enumerate(places):
        for one in np.unique(place):
            held_out, rest = place == one, place != one
            point = choose_operating_point(
                y[rest],
                p[repeat, rest],
                need=need,
                wanted=wanted,
                case_ids=np.flatnonzero(rest),
                patients=patients[rest],
            )
            _refuse_shared(point, patients[held_out])
            thresholds[repeat, one] = point.threshold
            positive[repeat, held_out] = point.positive(p[repeat, held_out])
    return operating_table(y, positive, patients, rng=rng), thresholds


def operating_table(
    y: ArrayLike,
    positive: ArrayLike,
    patients: ArrayLike,
    *,
    rng: np.random.Generator,
    n_draws: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return sensitivity, specificity, predictive values and the share of positives.

    Intervals are Wilson's where every patient has one row and there is one repeat, else
    percentiles over draws of patients; where no draw differs, Wilson's for as many rows as
    there are patients. Predictive values hold for the share of events in these rows.

    Parameters
    ----------
    y, patients : array of shape (n_rows,)
        Outcome and patient.
    positive : array of bool, shape (n_rows,) or (n_repeats, n_rows)
        Which rows are called positive; repeats are averaged.
    rng : numpy.random.Generator
        Where chance comes from.
    n_draws : int
        How many draws of patients, where they are needed.
    level : float
        Nominal coverage.

    Returns
    -------
    DataFrame
        ``metric``, ``value``, ``low``, ``high``, ``n`` (rows it is a share of, mean over
        repeats), ``note`` (how the interval arose).
    """
    y, patients = np.asarray(y), np.asarray(patients, dtype=str)
    called = np.atleast_2d(np.asarray(positive, dtype=bool))
    is_simple = len(called) == 1 and np.unique(patients).size == patients.size
    weights = None if is_simple else patient_weights(patients, n_draws=n_draws, rng=rng)
    rows = []
    for name, (counted, among) in _parts(y, called).items():
        n = float(among.sum(axis=1).mean())
        if weights is None:
            found = wilson(int(counted.sum()), int(n), level=level)
        else:
            found = _clustered(counted, among, patients, weights=weights, level=level)
        rows.append(
            {"metric": name, "value": found.value, "low": found.low, "high": found.high, "n": n}
            | {"note": found.note}
        )
    return pd.DataFrame(rows)


def wilson(n_successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Return a share with Wilson's score interval (1927).

    Examples
    --------
    >>> found = wilson(9, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.596, 0.982)
    """
    if not n:
        return Interval(np.nan, np.nan, np.nan, "no rows")
    z, share = norm.ppf((1 + level) / 2), n_successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = max(0.0, float(centre - half)), min(1.0, float(centre + half))
    return Interval(
        share, 0.0 if not n_successes else low, 1.0 if n_successes == n else high, "Wilson"
    )


def _clustered(
    counted: Array, among: Array, patients: Array, *, weights: Array, level: float
) -> Interval:
    """Return a share with an interval over patients."""

    def share(_: Array, pair: Array, drawn: Array) -> Array:
        return _share(drawn @ pair[0], drawn @ pair[1])

    pairs = np.stack([counted, among], axis=1).astype(float)
    draws = mean_over_repeats(share, np.empty(0), pairs, weights)
    found = percentile_interval(draws, level=level)
    if np.isnan(found.low) and found.value in (0.0, 1.0):
        n = np.unique(patients[among.any(axis=0)]).size
        return wilson(int(found.value) * n, n, level=level)
    return Interval(found.value, found.low, found.high, found.note or "bootstrap of patients")


def _parts(y: Array, called: Array) -> dict[str, tuple[Array, Array]]:
    """Return for each share which rows count and among which, like ``called``."""
    event = np.broadcast_to(y == 1, called.shape)
    everybody = np.ones(called.shape, dtype=bool)
    return {
        "sensitivity": (called & event, event),
        "specificity": (~called & ~event, ~event),
        "ppv": (called & event, called),
        "npv": (~called & ~event, ~called),
        "positive": (called, everybody),
    }


def _shares(y: Array, called: Array) -> dict[str, Array]:
    """Return every share for each row of ``called``, NaN of nothing."""
    parts = _parts(y, called).items()
    return {name: _share(a.sum(axis=-1), b.sum(axis=-1)) for name, (a, b) in parts}


def _share(counted: Array, among: Array) -> Array:
    """Return ``counted / among``, NaN of nothing."""
    counted, among = np.asarray(counted, dtype=float), np.asarray(among, dtype=float)
    return np.divide(counted, among, out=np.full(counted.shape, np.nan), where=among > 0)


def _refuse_shared(point: OperatingPoint, patients: Array) -> None:
    """Raise where a patient lies in several folds."""
    shared = sorted(point.patients & set(patients.tolist()))
    if shared:
        msg = f"{len(shared)} patient(s) lie in several folds, first {shared[:3]}; split by patient"
        raise LeakageError(msg)
