"""Isotonic regression: the rising curve closest to the outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression


@dataclass(frozen=True, kw_only=True)
class Isotonic:
    """Straight lines between knots, level beyond the first and the last.

    Attributes
    ----------
    scores : tuple of float
        The knots, ascending.
    probabilities : tuple of float
        What each knot says; never falling, never 0 or 1.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    is_affine: ClassVar[bool] = False

    def log_odds(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated log-odds of each score."""
        return np.asarray(logit(self.probability(scores)))

    def probability(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated probability of each score."""
        values = np.asarray(scores, dtype=np.float64)
        return np.asarray(np.interp(values, self.scores, self.probabilities))


def fit_isotonic(scores: ArrayLike, y: ArrayLike) -> Isotonic:
    """Return scikit-learn's isotonic regression, kept off 0 and 1.

    The lowest steps of a small cohort hold no event and would say 0, the highest would say 1, and
    a single patient who answers otherwise would cost an infinite log loss. Probabilities are kept
    between 1 / (n0 + 2) and (n1 + 1) / (n1 + 2), Platt's targets for the n0 others and the n1
    events of the calibration rows.

    Parameters
    ----------
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    """
    outcomes = np.asarray(y, dtype=np.float64)
    fitted = IsotonicRegression(out_of_bounds="clip").fit(np.asarray(scores, np.float64), outcomes)
    kept = np.clip(fitted.y_thresholds_, *_ends(outcomes))
    return Isotonic(scores=tuple(fitted.X_thresholds_.tolist()), probabilities=tuple(kept.tolist()))


def _ends(outcomes: NDArray[np.float64]) -> tuple[float, float]:
    """Return the least and the largest probability that so many outcomes can support."""
    n_events = int(np.count_nonzero(outcomes == 1))
    return 1 / (len(outcomes) - n_events + 2), (n_events + 1) / (n_events + 2)
