"""What a model says of itself, for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from radpred.errors import InputError
from radpred.model.calibrators.scale import Scale, log_odds_of


@dataclass(frozen=True, kw_only=True)
class Uncalibrated:
    """Log-odds or shares, taken at their word.

    Attributes
    ----------
    scale : {"log_odds", "probability"}
        What the scores are.
    """

    scale: Scale = "log_odds"
    slope: ClassVar[float] = 1.0
    intercept: ClassVar[float] = 0.0

    @property
    def is_affine(self) -> bool:
        """Return whether the scores are log-odds already."""
        return self.scale == "log_odds"

    def log_odds(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the log-odds of each score, those of shares within 13.8 of even."""
        return log_odds_of(scores, self.scale)

    def probability(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each score."""
        values = np.asarray(scores, dtype=np.float64)
        return values if self.scale == "probability" else np.asarray(expit(values))


def uncalibrated(scale: Scale) -> Uncalibrated:
    """Return a calibrator that leaves the model's own probabilities.

    Raises
    ------
    InputError
        The score is a distance, which is no probability of anything.
    """
    if scale == "distance":
        msg = (
            "a distance from a plane came uncalibrated, wanted log-odds or shares; choose "
            "'sigmoid', or any other method that fits"
        )
        raise InputError(msg, code="bad_scale")
    return Uncalibrated(scale=scale)
