"""What a fit of a number leaves behind, and what it says about new cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from radpred.model.others.residuals import CrossResiduals
from radpred.model.score import score_chain


@dataclass(frozen=True, kw_only=True)
class FittedNumber:
    """A tuned chain and the errors of its inner folds, for an outcome on a continuous scale.

    Attributes
    ----------
    model : str
        Name of the recipe.
    params : dict
        The parameters that tuning picked.
    chain : Pipeline
        Fitted on all training rows.
    conformal : CrossResiduals
        The inner folds.
    columns : tuple of str
        Every column that was offered, in order.
    inner_score : float
        Minus the root mean squared error, the mean over the inner folds: a selection score.
    notes : tuple of str
        What had to be changed to fit at all.
    n_columns : dict of str to int
        How many columns were left after each step.
    n_inner : int
        How many inner folds there were.
    """

    model: str
    params: dict[str, Any]
    chain: Pipeline
    conformal: CrossResiduals
    columns: tuple[str, ...]
    inner_score: float
    notes: tuple[str, ...] = ()
    n_columns: dict[str, int] = field(default_factory=dict)
    n_inner: int = 0

    def value(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the predicted number of each case, shape (n,)."""
        return score_chain(self.chain, X)

    def intervals(self, X: pd.DataFrame, *, level: float) -> NDArray[np.float64]:
        """Return both ends of the interval of each case, shape (n, 2)."""
        return self.conformal.intervals(X, level=level)
