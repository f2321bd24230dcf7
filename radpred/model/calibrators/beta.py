"""Beta calibration: a sigmoid whose two ends may bend on their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit

from radpred.model.calibrators._newton import cross_entropy, least_cross_entropy
from radpred.model.calibrators.sigmoid import even_log_odds, fit_sigmoid, forward, smoothed

Array = NDArray[np.float64]

# Beyond this condition number the two bends cannot be told from each other.
_LARGEST_CONDITION = 1e6


@dataclass(frozen=True, kw_only=True)
class Beta:
    """Log-odds a ln q - b ln(1 - q) + c of what a sigmoid says, q.

    Attributes
    ----------
    slope, intercept : float
        The sigmoid: log-odds of q = slope * score + intercept.
    a, b : float
        At least 0; above 1 they stretch the low and the high end. Both 1 and c = 0 leave q.
    c : float
        Log-odds added to all.
    """

    slope: float
    intercept: float
    a: float
    b: float
    c: float
    is_affine: ClassVar[bool] = False

    def log_odds(self, scores: ArrayLike) -> Array:
        """Return the calibrated log-odds of each score."""
        z = self.slope * np.asarray(scores, dtype=np.float64) + self.intercept
        return np.asarray(self.a * log_expit(z) - self.b * log_expit(-z) + self.c)

    def probability(self, scores: ArrayLike) -> Array:
        """Return the calibrated probability of each score."""
        return np.asarray(expit(self.log_odds(scores)))


def fit_beta(scores: ArrayLike, y: ArrayLike) -> Beta:
    """Return the beta calibration of the least cross entropy among those that do not fall.

    M. Kull, T. Silva Filho and P. Flach, "Beta calibration", AISTATS 2017, with three parameters.
    It wants numbers in (0, 1). Scores of every scale are brought there by the sigmoid that is
    fitted on them first, so that the unit and the zero of the score do not matter, and beta can
    only lower the sigmoid's own loss. Outcomes are smoothed as in `fit_sigmoid`. A falling sigmoid
    is made flat before, and stays flat.

    Parameters
    ----------
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    """
    line, target = forward(fit_sigmoid(scores, y), y), smoothed(y)
    z = line.log_odds(scores)
    terms = np.stack([log_expit(z), -log_expit(-z)], axis=1)
    best, least = (1.0, 1.0, 0.0), cross_entropy(z, target)
    for kept in ([0, 1], [0], [1]):
        found = _coefficients(terms, target, kept)
        if found is None or found[:2].min() < 0:
            continue
        loss = cross_entropy(terms @ found[:2] + found[2], target)
        if loss < least:
            best, least = (float(found[0]), float(found[1]), float(found[2])), loss
    a, b, c = best
    return Beta(slope=line.slope, intercept=line.intercept, a=a, b=b, c=c)


def _coefficients(terms: Array, target: Array, kept: list[int]) -> Array | None:
    """Return a, b and c with only the terms in ``kept``, or nothing where these say the same."""
    centre, spread = terms[:, kept].mean(axis=0), terms[:, kept].std(axis=0)
    if spread.min() <= 1e-12:
        return None
    design = np.column_stack([(terms[:, kept] - centre) / spread, np.ones(len(terms))])
    if np.linalg.cond(design) > _LARGEST_CONDITION:
        return None
    start = np.append(np.zeros(len(kept)), even_log_odds(target))
    found = least_cross_entropy(design, target, start)
    result = np.zeros(3)
    result[kept] = found[:-1] / spread
    result[2] = found[-1] - float(result[kept] @ centre)
    return result
