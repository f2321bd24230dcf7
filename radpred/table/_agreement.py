"""Correlation and concordance of pairs, and of more than two measurements."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy import stats

from radpred.table._variance import Floats

_Triple = tuple[Floats, Floats, Floats]


def pearson(values: Floats, level: float) -> _Triple:
    """Return Pearson's r of each column, of more than two measurements the mean of all pairs'.

    Parameters
    ----------
    values : ndarray of shape (n_subjects, n_measurements, n_columns)
        A subject is whole, or NaN.
    level : float
        Of the interval: Fisher's of a pair, else by the jackknife.
    """
    n, centred, _ = _centred(values)
    pairs = list(combinations(range(values.shape[1]), 2))
    estimate = np.mean([_r(centred[:, i], centred[:, j]) for i, j in pairs], axis=0)
    if len(pairs) == 1:
        return _on_fishers_scale(estimate, 1 / np.sqrt(n - 3), stats.norm.ppf((1 + level) / 2))
    without = np.mean([_r_without_each(n, centred[:, i], centred[:, j]) for i, j in pairs], axis=0)
    return _jackknifed(estimate, without, values, n, level)


def concordance(values: Floats, level: float) -> _Triple:
    """Return Lin's concordance of each column, of more than two measurements the overall one.

    Parameters
    ----------
    values : ndarray of shape (n_subjects, n_measurements, n_columns)
        A subject is whole, or NaN.
    level : float
        Of the interval: Lin's of a pair, else by the jackknife.
    """
    n, centred, means = _centred(values)
    estimate = _overall(
        (centred**2).sum(axis=0).sum(axis=0), (centred.sum(axis=1) ** 2).sum(axis=0), means, n
    )
    if values.shape[1] == 2:
        error = _lins_error(n, centred, means, estimate)
        return _on_fishers_scale(estimate, error, stats.norm.ppf((1 + level) / 2))
    # Without subject i, a sum of squared deviations loses n / (n - 1) d_i^2.
    share = n / (n - 1)
    own = (centred**2).sum(axis=0) - share * centred**2
    total = centred.sum(axis=1)
    joint = (total**2).sum(axis=0) - share * total**2
    without = _overall(own.sum(axis=1), joint, means - centred / (n - 1), n - 1)
    return _jackknifed(estimate, without, values, n, level)


def _centred(values: Floats) -> _Triple:
    """Return the number of subjects, deviations from each measurement's mean (0 in gaps), means.

    The means are from the mean of all values.
    """
    known = ~np.isnan(values[:, :1])
    n = known.sum(axis=(0, 1)).astype(float)
    held = np.where(known, values, 0.0)
    held = np.where(known, held - held.sum(axis=(0, 1)) / (n * values.shape[1]), 0.0)
    means = held.sum(axis=0) / n
    return n, np.where(known, held - means, 0.0), means


def _overall(own: Floats, joint: Floats, means: Floats, n: Floats) -> Floats:
    """Return overall concordance.

    2 sum_{j<l} s_jl / ((k - 1) sum_j s_jj + sum_{j<l} (m_j - m_l)^2), variances over n.

    Parameters
    ----------
    own, joint : ndarray
        Squared deviations summed over subjects: of each measurement, summed over them; and of
        the measurements' sum.
    means : ndarray of shape (..., n_measurements, n_columns)
        Of the measurements.
    n : ndarray
        Subjects.
    """
    k = means.shape[-2]
    apart = k * (means**2).sum(axis=-2) - means.sum(axis=-2) ** 2
    return (joint - own) / ((k - 1) * own + n * apart)


def _r(x: Floats, y: Floats) -> Floats:
    """Return the correlation of centred values, shape (n, p)."""
    return (x * y).sum(axis=0) / np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))


def _r_without_each(n: Floats, x: Floats, y: Floats) -> Floats:
    """Return the correlation of centred values without each subject, shape (n, p)."""
    share = n / (n - 1)
    both = (x * y).sum(axis=0) - share * x * y
    return both / np.sqrt(((x**2).sum(axis=0) - share * x**2) * ((y**2).sum(axis=0) - share * y**2))


def _lins_error(n: Floats, centred: Floats, means: Floats, estimate: Floats) -> Floats:
    """Return the standard error of a pair's concordance on Fisher's scale."""
    x, y = centred[:, 0], centred[:, 1]
    r = _r(x, y)
    spread = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0)) / n
    shift = (means[0] - means[1]) ** 2 / spread
    rest = 1 - estimate**2
    variance = (
        (1 - r**2) * estimate**2 / (rest * r**2)
        + 2 * estimate**3 * (1 - estimate) * shift / (r * rest**2)
        - estimate**4 * shift**2 / (2 * r**2 * rest**2)
    ) / (n - 2)
    return np.sqrt(np.maximum(variance, 0.0))


def _jackknifed(
    estimate: Floats, without: Floats, values: Floats, n: Floats, level: float
) -> _Triple:
    """Return an estimate and its interval, from the estimates without each subject."""
    known = ~np.isnan(values[:, 0])
    scaled = np.where(known, np.arctanh(np.clip(without, -1.0, 1.0)), 0.0)
    off = np.where(known, scaled - scaled.sum(axis=0) / n, 0.0)
    error = np.sqrt((n - 1) / n * (off**2).sum(axis=0))
    return _on_fishers_scale(estimate, error, stats.t.ppf((1 + level) / 2, n - 1))


def _on_fishers_scale(estimate: Floats, error: Floats, quantile: Floats | float) -> _Triple:
    """Return an estimate and its interval, which is even on the scale of artanh."""
    centre = np.arctanh(np.clip(estimate, -1.0, 1.0))
    low, high = (np.tanh(centre + sign * quantile * error) for sign in (-1, 1))
    exact = np.abs(estimate) >= 1
    return estimate, np.where(exact, estimate, low), np.where(exact, estimate, high)
