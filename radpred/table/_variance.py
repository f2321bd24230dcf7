"""Intraclass correlations, from mean squares, with intervals from the F distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MeanSquares:
    """An analysis of variance of each column; arrays of shape (n_columns,).

    Attributes
    ----------
    n : ndarray
        Subjects.
    k : ndarray or int
        Measurements in each; where their numbers differ what stands for them in the expected
        mean squares, (N - sum k_i^2 / N) / (n - 1).
    within_df : ndarray
        Degrees of freedom within subjects.
    rows, columns, within, error : ndarray
        Mean squares between subjects, between measurements, within subjects, and what is left
        within subjects when measurements are accounted for.
    """

    n: Floats
    k: Floats
    within_df: Floats
    rows: Floats
    columns: Floats
    within: Floats
    error: Floats


def mean_squares(values: Floats) -> MeanSquares:
    """Return the analysis of variance.

    Parameters
    ----------
    values : ndarray of shape (n_subjects, n_measurements, n_columns)
        NaN is a gap.
    """
    known = ~np.isnan(values)
    n_each = known.sum(axis=1).astype(float)
    n_all, n = n_each.sum(axis=0), (n_each > 0).sum(axis=0).astype(float)
    k = (n_all - (n_each**2).sum(axis=0) / n_all) / (n - 1)
    # Centred first: features may be 1e9 with differences of 1.
    centred = np.where(known, values - np.where(known, values, 0.0).sum(axis=(0, 1)) / n_all, 0.0)
    subject = centred.sum(axis=1) / np.maximum(n_each, 1)
    measurement = centred.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    left = np.where(known, centred - subject[:, None, :], 0.0)
    within_df = n_all - n
    columns = (known.sum(axis=0) * measurement**2).sum(axis=0)
    n_columns = values.shape[1] - 1
    error = ((left - np.where(known, measurement, 0.0)) ** 2).sum(axis=(0, 1))
    return MeanSquares(
        n=n,
        k=k,
        within_df=within_df,
        rows=(n_each * subject**2).sum(axis=0) / (n - 1),
        columns=columns / n_columns,
        within=(left**2).sum(axis=(0, 1)) / within_df,
        error=error / (within_df - n_columns),
    )


def icc_1_1(values: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Return ICC(1,1) of each column and its interval; gaps drop the measurement."""
    of = mean_squares(values)
    return _one_ratio(of, of.within, of.within_df, level)


def icc_3_1(values: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Return ICC(3,1) of each column and its interval; subjects are whole."""
    of = mean_squares(values)
    return _one_ratio(of, of.error, (of.n - 1) * (of.k - 1), level)


def icc_2_1(values: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Return ICC(2,1) of each column and its interval; subjects are whole."""
    of = mean_squares(values)
    n, k = of.n, of.k
    estimate = (of.rows - of.error) / (
        of.rows + (k - 1) * of.error + k * (of.columns - of.error) / n
    )
    # Satterthwaite's degrees of freedom of the denominator (McGraw and Wong, table 7).
    between = k * estimate * of.columns
    rest = (n * (1 + (k - 1) * estimate) - k * estimate) * of.error
    df = (between + rest) ** 2 / (between**2 / (k - 1) + rest**2 / ((n - 1) * (k - 1)))
    upper, lower = _quantile(level, n - 1, df), _quantile(level, df, n - 1)
    noise = k * of.columns + (k * n - k - n) * of.error
    low = n * (of.rows - upper * of.error) / (upper * noise + n * of.rows)
    high = n * (lower * of.rows - of.error) / (noise + n * lower * of.rows)
    exact = (of.error == 0) & (of.columns == 0)
    return estimate, np.where(exact, estimate, low), np.where(exact, estimate, high)


def _one_ratio(
    of: MeanSquares, noise: Floats, noise_df: Floats, level: float
) -> tuple[Floats, Floats, Floats]:
    """Return (rows - noise) / (rows + (k - 1) noise), and its interval from rows / noise."""
    upper, lower = _quantile(level, of.n - 1, noise_df), _quantile(level, noise_df, of.n - 1)
    estimate, low, high = (
        (of.rows - factor * noise) / (of.rows + (of.k - 1) * factor * noise)
        for factor in (1.0, upper, 1 / lower)
    )
    return estimate, low, high


def _quantile(level: float, numerator: Floats, denominator: Floats) -> Floats:
    """Return the upper quantile of F that an interval of a level needs."""
    return np.asarray(stats.f.ppf((1 + level) / 2, numerator, denominator))
