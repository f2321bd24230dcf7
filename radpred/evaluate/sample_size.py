"""How many patients a model needs, and how many events each candidate parameter has."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, log

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit, logit, xlogy
from scipy.stats import norm

from radpred.errors import InputError, SettingsError

# Riley et al. 2020: where nothing is known, expect 15 % of the largest Cox-Snell R2.
USUAL_NAGELKERKE = 0.15


@dataclass(frozen=True, kw_only=True)
class MinimumSize:
    """The fewest patients by each criterion of Riley et al.

    Attributes
    ----------
    n_shrinkage, n_optimism, n_risk : int
        For the wanted shrinkage, for a small optimism in R2, for the overall risk.
    prevalence, r_squared : float
        What was assumed: share of events, and Cox-Snell R2.
    n_parameters : int
        Candidate parameters.
    """

    n_shrinkage: int
    n_optimism: int
    n_risk: int
    prevalence: float
    r_squared: float
    n_parameters: int

    @property
    def n(self) -> int:
        """Return the patients that satisfy all criteria."""
        return max(self.n_shrinkage, self.n_optimism, self.n_risk)

    @property
    def n_events(self) -> int:
        """Return the events expected among that many patients, rounded up."""
        return ceil(round(self.n * self.prevalence, 9))

    @property
    def events_per_parameter(self) -> float:
        """Return the events expected for each candidate parameter."""
        return self.n * self.prevalence / self.n_parameters


def minimum_size(
    n_parameters: int,
    prevalence: float,
    *,
    r_squared: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    risk_margin: float = 0.05,
) -> MinimumSize:
    """Return the fewest patients to develop a model of a binary outcome with.

    Riley et al. 2019 (Statistics in Medicine 38:1276, equations 11, 12 and section 5) and 2020
    (BMJ 368:m441, steps 1, 3 and 4). Made for regression without penalty or selection; counts
    for others as a least. Above an area of about 0.8 the first criterion is too small, by half
    or more (Pavlou et al. 2024).

    Parameters
    ----------
    n_parameters : int
        Candidate parameters: all that selection may choose from, words by level less one.
    prevalence : float
        Share of events, inside (0, 1).
    r_squared : float, optional
        Cox-Snell R2 that is expected of the model in new patients; `cox_snell_from_auroc` makes
        it from an area. By default 15 % of the largest possible.
    shrinkage : float
        Wanted calibration slope in new patients, at most 10 % overfitting by default.
    optimism : float
        Wanted difference of apparent and adjusted R2, as a part of the largest.
    risk_margin : float
        Half the width of the 95 % interval of the overall risk.

    Raises
    ------
    SettingsError
        A value that the formulas cannot take.

    Examples
    --------
    >>> found = minimum_size(30, 0.05, r_squared=0.05)
    >>> found.n, round(found.events_per_parameter, 2)
    (5249, 8.75)
    """
    largest = largest_cox_snell(prevalence)
    expected = USUAL_NAGELKERKE * largest if r_squared is None else r_squared
    _refuse_impossible(n_parameters, expected, largest, shrinkage)
    second = expected / (expected + optimism * largest)
    return MinimumSize(
        n_shrinkage=ceil(_n_for_shrinkage(n_parameters, expected, shrinkage)),
        n_optimism=ceil(_n_for_shrinkage(n_parameters, expected, second)),
        n_risk=ceil((1.96 / risk_margin) ** 2 * prevalence * (1 - prevalence)),
        prevalence=prevalence,
        r_squared=expected,
        n_parameters=n_parameters,
    )


def expected_shrinkage(n: int, n_parameters: int, r_squared: float) -> float:
    """Return the calibration slope to expect in new patients from ``n`` patients.

    The shrinkage at which Riley et al. 2019, equation 11, asks for just ``n``. It falls to
    ``r_squared`` where patients are far too few.

    Parameters
    ----------
    n, n_parameters : int
        Patients, and candidate parameters.
    r_squared : float
        Cox-Snell R2 that is expected in new patients.

    Examples
    --------
    >>> round(expected_shrinkage(5249, 30, 0.05), 3)
    0.9
    """

    def excess(shrinkage: float) -> float:
        return _n_for_shrinkage(n_parameters, r_squared, shrinkage) - n

    low, high = r_squared * (1 + 1e-12), 1 - 1e-12
    if excess(low) >= 0:
        return r_squared
    return float(brentq(excess, low, high)) if excess(high) > 0 else 1.0


def largest_cox_snell(prevalence: float) -> float:
    """Return the Cox-Snell R2 of perfect predictions: 1 - (f^f (1 - f)^(1 - f))^2.

    Riley et al. 2019, equation 23.

    Examples
    --------
    >>> round(largest_cox_snell(0.05), 2)
    0.33
    """
    if not 0 < prevalence < 1:
        msg = f"prevalence {prevalence:g}: give the share of events, inside (0, 1)"
        raise SettingsError(msg)
    return float(
        1 - exp(2 * (xlogy(prevalence, prevalence) + xlogy(1 - prevalence, 1 - prevalence)))
    )


def cox_snell_from_auroc(area: float, prevalence: float) -> float:
    """Return the Cox-Snell R2 that goes with an area under the ROC curve.

    Riley, Van Calster & Collins 2021: linear predictors of both classes are taken as normal with
    one variance. They simulate; here the expected log-likelihood is integrated.

    Parameters
    ----------
    area : float
        Area under the ROC curve in new patients, in [0.5, 1).
    prevalence : float
        Share of events, inside (0, 1).
    """
    largest_cox_snell(prevalence)
    if not 0.5 <= area < 1:
        msg = f"area {area:g}: give an area under the ROC curve in [0.5, 1)"
        raise SettingsError(msg)
    distance = np.sqrt(2) * norm.ppf(area)

    def gain(z: float, label: int) -> float:
        log_odds = logit(prevalence) + distance * (z + distance * label) - distance**2 / 2
        p = expit(log_odds if label else -log_odds)
        return float(np.log(max(p, 1e-300)) * norm.pdf(z))

    of_class = [quad(gain, -12, 12, args=(label,), limit=200)[0] for label in (0, 1)]
    full = (1 - prevalence) * of_class[0] + prevalence * of_class[1]
    null = xlogy(prevalence, prevalence) + xlogy(1 - prevalence, 1 - prevalence)
    return float(1 - np.exp(2 * (null - full)))


def sample_size_sentence(
    n_patients: int, n_events: int, n_parameters: int, *, r_squared: float | None = None
) -> str:
    """Return what a report says of the size of a study before anything is fitted.

    Parameters
    ----------
    n_patients, n_events : int
        Patients, and those among them with the event.
    n_parameters : int
        Candidate parameters: all columns that selection may choose from.
    r_squared : float, optional
        As in `minimum_size`.

    Raises
    ------
    InputError
        There are not patients of both kinds.
    """
    if not 0 < n_events < n_patients:
        msg = f"{n_events} events in {n_patients} patients: patients of both kinds are needed"
        raise InputError(msg, code="too_few_events")
    prevalence = n_events / n_patients
    found = minimum_size(n_parameters, prevalence, r_squared=r_squared)
    slope = expected_shrinkage(n_patients, n_parameters, found.r_squared)
    verdict = "enough" if n_patients >= found.n else "too few"
    return (
        f"{n_events:,} events for {n_parameters:,} candidate parameters: "
        f"{n_events / n_parameters:.2g} events each. A regression without penalty or selection "
        f"would need {found.n_shrinkage:,} patients for a calibration slope of 0.9, "
        f"{found.n_optimism:,} for an optimism in R2 of 0.05 and {found.n_risk:,} for the overall "
        f"risk within 0.05 (Riley et al. 2020, assuming a Cox-Snell R2 of {found.r_squared:.2f}): "
        f"patients are {verdict}; at {n_patients:,} its slope would be about {slope:.2f}."
    )


def _n_for_shrinkage(n_parameters: int, r_squared: float, shrinkage: float) -> float:
    """Return the patients for a wanted shrinkage (Riley et al. 2019, equation 11)."""
    return n_parameters / ((shrinkage - 1) * log(1 - r_squared / shrinkage))


def _refuse_impossible(
    n_parameters: int, r_squared: float, largest: float, shrinkage: float
) -> None:
    """Raise where the formulas have no answer."""
    problem = ""
    if n_parameters < 1:
        problem = f"{n_parameters} candidate parameters: give at least one"
    elif not 0 < r_squared < largest:
        problem = (
            f"Cox-Snell R2 of {r_squared:g}: at this share of events it lies inside "
            f"(0, {largest:.3f}); give the R2 or area expected in new patients"
        )
    elif not r_squared < shrinkage < 1:
        problem = f"shrinkage {shrinkage:g}: give one between R2 ({r_squared:.3g}) and 1"
    if problem:
        raise SettingsError(problem)
