"""What moved each prediction, column by column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation:
    """Calibrated log-odds of some cases, taken apart: base value plus one number a column.

    Parameters
    ----------
    model : str
        Name of the model's recipe.
    values : DataFrame of shape (n_cases, n_features)
        The columns that reach the model as they came, words and gaps included, indexed by case.
    shap : array of shape (n_cases, n_features)
        What each column adds to the log-odds of each case.
    base_value : float
        The log-odds that nothing is added to: the mean over the reference.
    log_odds, probability : array of shape (n_cases,)
        The calibrated answer of the model.
    """

    model: str
    values: pd.DataFrame
    shap: Array
    base_value: float
    log_odds: Array
    probability: Array

    @property
    def features(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(self.values.columns)

    @property
    def gap(self) -> Array:
        """Return by how much the parts miss the log-odds of each case, shape (n_cases,)."""
        sums = [math.fsum([self.base_value, *row]) for row in self.shap.tolist()]
        return np.array(sums) - self.log_odds
