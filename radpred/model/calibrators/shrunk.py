"""Platt's sigmoid with its slope drawn towards 0, as far as chance may have made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.model.calibrators._newton import cross_entropy, least_cross_entropy
from radpred.model.calibrators.sigmoid import (
    Sigmoid,
    even_log_odds,
    fit_sigmoid,
    forward,
    smoothed,
)


@dataclass(frozen=True, kw_only=True)
class ShrunkSigmoid(Sigmoid):
    """A sigmoid whose slope was multiplied by a factor in [0, 1].

    Attributes
    ----------
    factor : float
        1 leaves Platt's slope; 0 gives everyone the prevalence.
    """

    factor: float


def fit_shrunk_sigmoid(scores: ArrayLike, y: ArrayLike) -> ShrunkSigmoid:
    """Return Platt's sigmoid with the slope shrunk, for scores of rows held out.

    The factor is 1 - 1 / X, and 0 where X is below 1, with X the likelihood ratio chi-squared of
    the slope on the smoothed outcomes of `fit_sigmoid`: the heuristic factor of J. C. van
    Houwelingen and S. le Cessie, "Predictive value of statistical models", Stat Med
    1990;9:1303-1325, for one coefficient. The intercept is fitted again, so that the mean risk
    stays the smoothed prevalence. What tuning picked for its held-out score is still flattered:
    one coefficient is counted, and not how many candidates there were.

    Parameters
    ----------
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    """
    values, target = np.asarray(scores, dtype=np.float64), smoothed(y)
    line = forward(fit_sigmoid(values, y), y)
    chi_squared = _chi_squared(line, values, target)
    factor = max(0.0, 1 - 1 / chi_squared) if chi_squared > 0 else 0.0
    slope = factor * line.slope
    if slope == 0:
        return ShrunkSigmoid(slope=0.0, intercept=even_log_odds(target), factor=0.0)
    level = _level(slope * values, target)
    return ShrunkSigmoid(slope=slope, intercept=level, factor=factor)


def _chi_squared(line: Sigmoid, scores: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    """Return twice what the slope takes from the cross entropy of the prevalence."""
    flat = np.full(len(scores), even_log_odds(target))
    return 2 * (cross_entropy(flat, target) - cross_entropy(line.log_odds(scores), target))


def _level(offset: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    """Return the constant that makes the mean risk beside ``offset`` the mean of ``target``."""
    centre = float(offset.mean())
    design = np.ones((len(offset), 1))
    found = least_cross_entropy(design, target, [even_log_odds(target)], offset=offset - centre)
    return float(found[0]) - centre
