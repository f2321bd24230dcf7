"""What moved each prediction, column by column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]

LOG_ODDS = "calibrated log-odds"
OWN_SCORE = "score of the model before calibration"


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation:
    """Answers for some cases, taken apart: base value plus one number a column.

    What is taken apart are the calibrated log-odds where calibration is a line in the score, and
    the score itself where it is a curve, which has no exact parts.

    Parameters
    ----------
    model : str
        Name of the model's recipe.
    values : DataFrame of shape (n_cases, n_features)
        The columns that reach the model as they came, words and gaps included, indexed by case.
    shap : array of shape (n_cases, n_features)
        What each column adds to each case, in the unit of ``scale``.
    base_value : float
        What nothing is added to: the mean over the reference.
    log_odds, probability : array of shape (n_cases,)
        The calibrated answer of the model.
    score : array of shape (n_cases,), optional
        What the parts add up to, where that is not the log-odds: the model's own score.
    """

    model: str
    values: pd.DataFrame
    shap: Array
    base_value: float
    log_odds: Array
    probability: Array
    score: Array | None = None

    @property
    def scale(self) -> str:
        """Return what the parts add up to, in words."""
        return LOG_ODDS if self.score is None else OWN_SCORE

    @property
    def features(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(self.values.columns)

    @property
    def gap(self) -> Array:
        """Return by how much the parts miss the answer of each case, shape (n_cases,)."""
        sums = [math.fsum([self.base_value, *row]) for row in self.shap.tolist()]
        return np.array(sums) - (self.log_odds if self.score is None else self.score)
