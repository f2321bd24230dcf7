"""Platt's sigmoid: two numbers, a line from scores to log-odds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from radpred.model.calibrators._newton import least_cross_entropy


@dataclass(frozen=True, kw_only=True)
class Sigmoid:
    """A line from scores to log-odds.

    Attributes
    ----------
    slope, intercept : float
        log-odds = slope * score + intercept.
    """

    slope: float
    intercept: float
    is_affine: ClassVar[bool] = True

    def log_odds(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated log-odds of each score."""
        return self.slope * np.asarray(scores, dtype=np.float64) + self.intercept

    def probability(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated probability of each score."""
        return np.asarray(expit(self.log_odds(scores)))


def fit_sigmoid(scores: ArrayLike, y: ArrayLike) -> Sigmoid:
    """Return Platt's sigmoid for scores of rows that the scoring model did not see.

    The outcomes are smoothed to (n1 + 1) / (n1 + 2) for events and 1 / (n0 + 2) for the rest, as
    in J. C. Platt, "Probabilistic outputs for support vector machines", 2000, section 2.2, so the
    optimum is finite even when the scores separate the outcomes.

    Parameters
    ----------
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    """
    values, target = np.asarray(scores, dtype=np.float64), smoothed(y)
    centre, spread = float(values.mean()), float(values.std())
    if spread <= np.finfo(np.float64).eps * max(1.0, abs(centre)):
        return Sigmoid(slope=0.0, intercept=even_log_odds(target))
    x = (values - centre) / spread
    design = np.stack([x, np.ones_like(x)], axis=1)
    slope, intercept = least_cross_entropy(design, target, [0.0, even_log_odds(target)]).tolist()
    return Sigmoid(slope=slope / spread, intercept=intercept - slope * centre / spread)


def forward(sigmoid: Sigmoid, y: ArrayLike) -> Sigmoid:
    """Return ``sigmoid``, or a flat one at the smoothed prevalence where it falls.

    A falling line would turn the model's own ranking around. In a small cohort chance does that
    to a model that knows nothing, since a fold with more events leaves fewer to train on; what
    such a model can say is the prevalence.
    """
    if sigmoid.slope >= 0:
        return sigmoid
    return Sigmoid(slope=0.0, intercept=even_log_odds(smoothed(y)))


def smoothed(y: ArrayLike) -> NDArray[np.float64]:
    """Return Platt's targets: (n1 + 1) / (n1 + 2) for events, 1 / (n0 + 2) for the rest."""
    outcomes = np.asarray(y)
    n_events = int(np.count_nonzero(outcomes == 1))
    n_others = len(outcomes) - n_events
    return np.where(outcomes == 1, (n_events + 1) / (n_events + 2), 1 / (n_others + 2))


def even_log_odds(target: NDArray[np.float64]) -> float:
    """Return the log-odds that give everyone the mean of ``target``."""
    mean = float(target.mean())
    return float(np.log(mean / (1 - mean)))
