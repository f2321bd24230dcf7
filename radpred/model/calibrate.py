"""From a score to a probability: Platt's sigmoid, fitted on scores of held-out rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

MOST_STEPS = 100


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
    values, target = np.asarray(scores, dtype=np.float64), _smoothed(np.asarray(y))
    centre, spread = float(values.mean()), float(values.std())
    if spread <= np.finfo(np.float64).eps * max(1.0, abs(centre)):
        return _flat(target)
    slope, intercept = _logistic_line((values - centre) / spread, target)
    return Sigmoid(slope=slope / spread, intercept=intercept - slope * centre / spread)


def forward(sigmoid: Sigmoid, y: ArrayLike) -> Sigmoid:
    """Return ``sigmoid``, or a flat one at the smoothed prevalence where it falls.

    A falling line would turn the model's own ranking around. In a small cohort chance does that
    to a model that knows nothing, since a fold with more events leaves fewer to train on; what
    such a model can say is the prevalence.
    """
    if sigmoid.slope >= 0:
        return sigmoid
    return _flat(_smoothed(np.asarray(y)))


def _smoothed(y: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return Platt's targets: (n1 + 1) / (n1 + 2) for events, 1 / (n0 + 2) for the rest."""
    n_events = int(np.count_nonzero(y == 1))
    n_others = len(y) - n_events
    return np.where(y == 1, (n_events + 1) / (n_events + 2), 1 / (n_others + 2))


def _flat(target: NDArray[np.float64]) -> Sigmoid:
    """Return the sigmoid that gives everyone the mean of ``target``."""
    mean = float(target.mean())
    return Sigmoid(slope=0.0, intercept=float(np.log(mean / (1 - mean))))


def _logistic_line(x: NDArray[np.float64], target: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept of the least cross entropy, by Newton's method with halving."""
    design = np.stack([x, np.ones_like(x)], axis=1)
    line = np.array([0.0, np.log(target.mean() / (1 - target.mean()))])
    loss = _cross_entropy(design @ line, target)
    for _ in range(MOST_STEPS):
        p = expit(design @ line)
        gradient = design.T @ (p - target)
        curvature = (design * (p * (1 - p))[:, None]).T @ design
        step = np.linalg.solve(curvature, gradient)
        while (trial := _cross_entropy(design @ (line - step), target)) > loss:
            if np.abs(step).max() < 1e-12:
                return float(line[0]), float(line[1])
            step = step / 2
        line, loss = line - step, trial
        if np.abs(step).max() < 1e-10:
            break
    return float(line[0]), float(line[1])


def _cross_entropy(log_odds: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    """Return the sum of log(1 + exp(z)) - t z."""
    return float(np.sum(np.logaddexp(0.0, log_odds) - target * log_odds))
