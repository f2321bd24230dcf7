"""Temperature: one number that makes log-odds milder or bolder, and moves nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from radpred.model.calibrators._newton import least_cross_entropy
from radpred.model.calibrators.scale import Scale, log_odds_of
from radpred.model.calibrators.sigmoid import even_log_odds, smoothed


@dataclass(frozen=True, kw_only=True)
class Temperature:
    """Log-odds divided by a temperature.

    Attributes
    ----------
    slope : float
        One over the temperature.
    intercept : float
        0, and the smoothed prevalence in log-odds where the slope is 0.
    scale : str
        What the scores are; shares become log-odds first (`radpred.model.calibrators.scale`).
    """

    slope: float
    intercept: float = 0.0
    scale: Scale = "log_odds"

    @property
    def is_affine(self) -> bool:
        """Return whether scores are taken as they are."""
        return self.scale != "probability"

    def log_odds(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated log-odds of each score."""
        return self.slope * log_odds_of(scores, self.scale) + self.intercept

    def probability(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated probability of each score."""
        return np.asarray(expit(self.log_odds(scores)))


def fit_temperature(scores: ArrayLike, y: ArrayLike, *, scale: Scale = "log_odds") -> Temperature:
    """Return the temperature of the least cross entropy (Guo et al. 2017, section 4.2).

    Scores that are shares become log-odds first; distances from a plane count as log-odds, as in
    scikit-learn. The outcomes are smoothed as in `fit_sigmoid`, so that the temperature of
    separated outcomes is not 0. Where held-out events score below the others, everyone gets the
    smoothed prevalence, as `forward` says of a sigmoid.

    Parameters
    ----------
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    scale : {"log_odds", "probability", "distance"}
        What the scores are.
    """
    values, target = log_odds_of(scores, scale), smoothed(y)
    size = float(np.sqrt(np.mean(values**2)))
    slope = 0.0
    if size > 0:
        slope = float(least_cross_entropy((values / size)[:, None], target, [0.0])[0]) / size
    if slope > 0:
        return Temperature(slope=slope, scale=scale)
    return Temperature(slope=0.0, intercept=even_log_odds(target), scale=scale)
