"""What every calibrator can say, and the line that some of them are."""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError


class Calibrator(Protocol):
    """A fitted way from scores to probabilities that never turns two scores around.

    Calibrators are frozen values of plain numbers, equal when these are equal, and give a score
    the same answer, to the last bit, alone and among others.
    """

    @property
    def is_affine(self) -> bool:
        """Return whether the log-odds are ``slope * score + intercept``."""

    def probability(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated probability of each score, shape (n,)."""

    def log_odds(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the calibrated log-odds of each score, shape (n,)."""


class Line(Calibrator, Protocol):
    """A calibrator whose ``is_affine`` holds."""

    slope: float
    intercept: float


def line_of(calibrator: Calibrator) -> tuple[float, float]:
    """Return slope and intercept of the calibrated log-odds in the score.

    What adds up to a score, such as SHAP values, times the slope adds up to the log-odds.

    Raises
    ------
    InputError
        The calibrator is a curve or a staircase.
    """
    if not calibrator.is_affine:
        msg = (
            f"{type(calibrator).__name__} is no line in the score, so parts of a score have no "
            "exact share in its log-odds; calibrate by 'sigmoid', or explain the score itself"
        )
        raise InputError(msg, code="not_affine")
    line = cast("Line", calibrator)
    return line.slope, line.intercept
