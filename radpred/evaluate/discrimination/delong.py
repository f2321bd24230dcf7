"""DeLong's variance of areas under the ROC curve: for rows that are independent, and no others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import chi2, norm, rankdata

from radpred.errors import InputError
from radpred.evaluate.resampling import Difference, Interval

Array = NDArray[Any]


def delong(y: Array, scores: Array, *, patients: ArrayLike | None = None) -> tuple[Array, Array]:
    """Return areas under the ROC curve and their covariance.

    DeLong, DeLong & Clarke-Pearson 1988, by midranks (Sun & Xu 2014). Only for independent rows:
    one a patient, from one repeat.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    scores : array of shape (n_scores, n_rows)
        Scores to compare on the same rows.
    patients : array of shape (n_rows,), optional
        Whose row it is; given, so that several rows of one patient are refused.

    Returns
    -------
    areas : array of shape (n_scores,)
    covariance : array of shape (n_scores, n_scores)
        NaN with fewer than two events or two non-events.

    Raises
    ------
    InputError
        A patient has several rows.
    """
    if patients is not None:
        _refuse_clusters(np.asarray(patients))
    scores = np.atleast_2d(scores)
    is_event = np.asarray(y) == 1
    n_events, n_others = int(is_event.sum()), int((~is_event).sum())
    ranks = rankdata(scores, axis=1)
    among_events = rankdata(scores[:, is_event], axis=1)
    among_others = rankdata(scores[:, ~is_event], axis=1)
    of_events = (ranks[:, is_event] - among_events) / max(n_others, 1)
    of_others = 1 - (ranks[:, ~is_event] - among_others) / max(n_events, 1)
    if min(n_events, n_others) < 2:
        areas = of_events.mean(axis=1) if n_events and n_others else np.full(len(scores), np.nan)
        return areas, np.full((len(scores), len(scores)), np.nan)
    covariance = np.cov(of_events) / n_events + np.cov(of_others) / n_others
    return of_events.mean(axis=1), np.atleast_2d(covariance)


def delong_interval(
    y: Array, score: Array, *, patients: ArrayLike | None = None, level: float = 0.95
) -> Interval:
    """Return the area under the ROC curve with DeLong's interval on the logit scale.

    The logit interval keeps its coverage near 1, where the plain one does not
    (Qin & Hotilovac 2008). At an area of exactly 0 or 1 there is none.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    score : array of shape (n_rows,)
        Higher means the event is likelier.
    patients : array of shape (n_rows,), optional
        Whose row it is; given, so that several rows of one patient are refused.
    level : float
        Nominal coverage.

    Raises
    ------
    InputError
        A patient has several rows: resample patients instead.
    """
    areas, covariance = delong(y, score, patients=patients)
    area, variance = float(areas[0]), float(covariance[0, 0])
    if not 0 < area < 1 or not variance > 0:
        return Interval(area, np.nan, np.nan, "DeLong's variance is not defined here")
    half = norm.ppf((1 + level) / 2) * np.sqrt(variance) / (area * (1 - area))
    low, high = expit(logit(area) + half * np.array([-1.0, 1.0]))
    return Interval(area, float(low), float(high), "DeLong, logit")


def delong_test(
    y: Array,
    score: Array,
    reference: Array,
    *,
    patients: ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    """Return the area of ``score`` minus that of ``reference`` on the same rows, and its p-value.

    DeLong et al. 1988, equation 5 for two scores. The interval is on the plain scale, where a
    difference is far from its ends. For nested models fitted and judged on the same rows the
    test is not valid (Demler, Pencina & D'Agostino 2012): give it held-out scores.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    score, reference : array of shape (n_rows,)
        Two scores of the same rows.
    patients : array of shape (n_rows,), optional
        Whose row it is; given, so that several rows of one patient are refused.
    level : float
        Nominal coverage of the interval.

    Raises
    ------
    InputError
        A patient has several rows: resample patients instead.
    """
    areas, covariance = delong(y, np.stack([score, reference]), patients=patients)
    difference = float(areas[0] - areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    if not variance > _NO_VARIANCE:
        p = 1.0 if difference == 0 and not np.isnan(variance) else np.nan
        return Difference(difference, np.nan, np.nan, p, "DeLong's variance is not defined here")
    error = np.sqrt(variance)
    half = float(norm.ppf((1 + level) / 2) * error)
    p = float(2 * norm.sf(abs(difference) / error))
    return Difference(difference, difference - half, difference + half, p, "DeLong, paired")


def delong_homogeneity(
    y: Array, scores: Array, *, patients: ArrayLike | None = None
) -> tuple[float, int, float]:
    """Return chi-square, degrees of freedom and p-value that all areas are one.

    DeLong et al. 1988, equation 5, with all neighbouring differences as contrasts. Degrees of
    freedom are the rank of their covariance, so that doubled scores count once.

    Parameters
    ----------
    y, scores, patients
        As in `delong`.

    Raises
    ------
    InputError
        A patient has several rows.
    """
    areas, covariance = delong(y, scores, patients=patients)
    if np.isnan(covariance).any():
        return float("nan"), 0, float("nan")
    contrasts = np.diff(np.eye(len(areas)), axis=0)
    spread = contrasts @ covariance @ contrasts.T
    freedom = int(np.linalg.matrix_rank(spread, tol=_NO_VARIANCE, hermitian=True))
    if not freedom:
        return 0.0, 0, 1.0
    differences = contrasts @ areas
    inverse = np.linalg.pinv(spread, rcond=1e-9, hermitian=True)
    statistic = float(differences @ inverse @ differences)
    return statistic, freedom, float(chi2.sf(statistic, freedom))


_NO_VARIANCE = 1e-14


def _refuse_clusters(patients: Array) -> None:
    """Raise where a patient has several rows."""
    n_patients = np.unique(patients).size
    if n_patients < patients.size:
        msg = (
            f"{patients.size} rows of {n_patients} patients: DeLong's variance takes rows as "
            "independent, one a patient; resample patients (patient_weights, percentile_interval)"
        )
        raise InputError(msg)
