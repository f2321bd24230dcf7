"""From the score of a model to what models have in common: log-odds, or the unit of the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from radpred.model.calibrators.scale import SMALLEST_SHARE, Scale
from radpred.model.calibrators.sigmoid import fit_sigmoid, forward
from radpred.model.outcome_kind import OutcomeKind

Array = NDArray[np.float64]
_LARGEST_SLOPE = 20.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """A slope that is not negative, and an intercept.

    Attributes
    ----------
    slope, intercept : float
        Of scores of shape (n,), this line. Of several classes the slope is one over a temperature.
    scale : {"log_odds", "probability", "distance"}
        What the score is; only looked at where there are several classes.
    """

    slope: float
    intercept: float = 0.0
    scale: Scale = "log_odds"

    def apply(self, scores: Array) -> Array:
        """Return what the models have in common, in the shape of ``scores``."""
        if scores.ndim == 1:
            return self.slope * scores + self.intercept
        return self.slope * log_shares(scores, self.scale)


def fit_line(kind: OutcomeKind, scores: Array, y: NDArray[np.generic], *, scale: Scale) -> Line:
    """Return the line from scores to log-odds, or to numbers, that fits outcomes best.

    Two classes: the sigmoid of Platt. More: one temperature (Guo et al. 2017, section 4.2). A
    number: least squares. Where scores point the wrong way the line is flat.

    Parameters
    ----------
    kind : {"binary", "multiclass", "continuous"}
        What is predicted.
    scores : array of shape (n,) or (n, n_classes)
        Of rows that the model did not see.
    y : array of shape (n,)
        0 or 1, the place of the class, or numbers.
    scale : {"log_odds", "probability", "distance"}
        What the scores are.
    """
    if kind == "binary":
        sigmoid = forward(fit_sigmoid(scores, y), y)
        return Line(slope=sigmoid.slope, intercept=sigmoid.intercept, scale=scale)
    if kind == "continuous":
        return _least_squares(scores, y.astype(np.float64))
    logs, codes = log_shares(scores, scale), y.astype(np.intp)
    found = minimize_scalar(
        lambda slope: cross_entropy(slope * logs, codes),
        bounds=(0.0, _LARGEST_SLOPE),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return Line(slope=float(found.x), scale=scale)


def log_shares(scores: Array, scale: Scale) -> Array:
    """Return the logarithm of the share of each class, shape (n, n_classes)."""
    if scale == "probability":
        return np.asarray(np.log(np.clip(scores, SMALLEST_SHARE, 1.0)))
    return scores - _log_of_sum(scores)[:, None]


def cross_entropy(log_odds: Array, codes: NDArray[np.intp]) -> float:
    """Return the mean of -ln p of the class that came, p the softmax of ``log_odds``."""
    own = np.take_along_axis(log_odds, codes[:, None], axis=1)[:, 0]
    return float(np.mean(_log_of_sum(log_odds) - own))


def _log_of_sum(scores: Array) -> Array:
    """Return ln of the sum of exp over classes, added one by one, shape (n,)."""
    largest = scores.max(axis=1)
    total = np.zeros(len(scores))
    for column in scores.T:
        total = total + np.exp(column - largest)
    return np.asarray(largest + np.log(total))


def _least_squares(scores: Array, y: Array) -> Line:
    """Return the line of least squares, flat where it would fall."""
    spread = scores - scores.mean()
    size = float(spread @ spread)
    slope = max(0.0, float(spread @ y) / size) if size > 0 else 0.0
    return Line(slope=slope, intercept=float(y.mean() - slope * scores.mean()))
