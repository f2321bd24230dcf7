"""Whether a second held-out score tells of the outcome what a first one does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from scipy.stats import chi2, norm

from radpred.errors import InputError
from radpred.evaluate.calibration._logistic import fit_logistic
from radpred.evaluate.calibration.measures import log_loss

Array = NDArray[Any]

HELD_OUT = (
    "both scores are held out, so this tests what the scores add, not the features; p is "
    "approximate, as folds share training rows, and speaks for the added score only where its "
    "coefficient is positive"
)
# Out of fold, noise tends to rank the wrong way: where held-out events lie high by chance, those
# left to train on lie low. Of 300 made cohorts of 100 patients, with ten imaging features of
# noise, 15 % had p < 0.05, but only 5 % with a positive coefficient.
BACKWARDS = (
    "the coefficient is negative: beside the first score the added one ranks the wrong way, which "
    "is no added value"
)
# A standardised coefficient less certain than this says that the classes are separated.
_SEPARATED = 50.0
# Enough to stop where a maximum lies at infinity, and not to be seen elsewhere.
_RIDGE = 1e-9


@dataclass(frozen=True, kw_only=True)
class NestedTest:
    """What adding a score to a logistic model of another one changes.

    Attributes
    ----------
    statistic, p : float
        Chi-square with one degree of freedom, and its p-value.
    coefficient, low, high : float
        Of the added log-odds, beside the first ones, with a 95 % interval (Wald's).
    method : {"likelihood ratio", "Wald, by patient"}
        Of the statistic; by patient where a patient has several rows.
    note : str
        What the test speaks of, or why there is none.
    """

    statistic: float
    p: float
    coefficient: float
    low: float
    high: float
    method: str
    note: str = HELD_OUT


def likelihood_ratio(
    y: ArrayLike, base: ArrayLike, added: ArrayLike, *, patients: ArrayLike
) -> NestedTest:
    """Return the test of ``added`` in a logistic model of the outcome that holds ``base``.

    Twice the difference of the log-likelihoods of ``y ~ base`` and ``y ~ base + added`` is
    chi-square with one degree of freedom (Wilks 1938). Where a patient has several rows that does
    not hold: Wald's statistic with the covariance between patients is given (Liang & Zeger 1986,
    times G / (G - 1) for G patients). The scores must be out of fold: on the rows that a score
    was fitted on, anything adds. Only a positive coefficient says that the score adds: out of
    fold, noise tends to rank the wrong way.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    base, added : array of shape (n_rows,)
        Out-of-fold log-odds of both models.
    patients : array of shape (n_rows,)
        Whose row it is.

    Raises
    ------
    InputError
        A score is missing or infinite, or there are not outcomes of both kinds.
    """
    y = np.asarray(y, dtype=float)
    scores = np.stack([np.asarray(base, dtype=float), np.asarray(added, dtype=float)], axis=1)
    if not np.isfinite(scores).all() or set(np.unique(y)) != {0.0, 1.0}:
        msg = "likelihood ratio: finite scores and outcomes 0 and 1 are needed; give log-odds"
        raise InputError(msg)
    spread = scores.std(axis=0)
    standard = (scores - scores.mean(axis=0)) / np.where(spread > 0, spread, 1)
    design = np.column_stack([np.ones(len(y)), standard])
    _, patient = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    method = "likelihood ratio" if patient.max() + 1 == len(y) else "Wald, by patient"
    if np.linalg.matrix_rank(design, tol=1e-8 * np.sqrt(len(y))) < 3:
        nothing = dict.fromkeys(("statistic", "p", "coefficient", "low", "high"), float("nan"))
        return NestedTest(**nothing, method=method, note="the scores say the same")
    return _tested(y, design, patient, method=method, spread=float(spread[1]))


def _tested(y: Array, design: Array, patient: Array, *, method: str, spread: float) -> NestedTest:
    """Return the test of the last column of ``design``."""
    full = fit_logistic(design, y, np.ones((1, len(y))), ridge=_RIDGE)[0]
    probability = expit(design @ full)
    error, note = _error(design, y - probability, probability, patient), HELD_OUT
    if np.isnan(error):
        note = "the scores separate the classes: no coefficient"
    elif full[2] < 0:
        note = f"{BACKWARDS}; {HELD_OUT}"
    if method == "likelihood ratio":
        null = fit_logistic(design[:, :2], y, np.ones((1, len(y))), ridge=_RIDGE)[0]
        before = float(log_loss(y, expit(design[:, :2] @ null)))
        statistic = max(0.0, 2 * len(y) * (before - float(log_loss(y, probability))))
    else:
        statistic = float((full[2] / error) ** 2)
    half, centre = float(norm.ppf(0.975)) * error, float(full[2]) + 0 * error
    return NestedTest(
        statistic=statistic,
        p=float(chi2.sf(statistic, 1)),
        coefficient=centre / spread,
        low=(centre - half) / spread,
        high=(centre + half) / spread,
        method=method,
        note=note,
    )


def _error(design: Array, residual: Array, probability: Array, patient: Array) -> float:
    """Return the last coefficient's standard error, between patients, NaN of separated classes."""
    weights = np.maximum(probability * (1 - probability), 1e-15)
    inverse = np.linalg.inv((design * weights[:, None]).T @ design)
    if inverse[-1, -1] > _SEPARATED**2:
        return float("nan")
    n_patients = int(patient.max()) + 1
    if n_patients < len(residual):
        scores = np.zeros((n_patients, design.shape[1]))
        np.add.at(scores, patient, design * residual[:, None])
        inverse = inverse @ (scores.T @ scores) @ inverse * n_patients / (n_patients - 1)
    return float(np.sqrt(inverse[-1, -1]))
