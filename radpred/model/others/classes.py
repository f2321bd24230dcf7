"""What a fit of several classes leaves behind, and what it says about new cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from radpred.model.others.calibrator import SoftMax
from radpred.model.others.sets import ClassSets
from radpred.model.score import score_chain


@dataclass(frozen=True, kw_only=True)
class FittedClasses:
    """A tuned chain, its calibration and its conformal folds, for three classes or more.

    Attributes
    ----------
    model : str
        Name of the recipe.
    params : dict
        The parameters that tuning picked.
    chain : Pipeline
        Fitted on all training rows.
    calibrator : SoftMax
        Fitted on the scores of held-out rows.
    conformal : ClassSets
        The inner folds.
    classes : tuple of str
        What the columns of answers stand for.
    columns : tuple of str
        Every column that was offered, in order.
    inner_score : float
        Mean area of each class against the rest over the inner folds: a selection score.
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
    calibrator: SoftMax
    conformal: ClassSets
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    inner_score: float
    notes: tuple[str, ...] = ()
    n_columns: dict[str, int] = field(default_factory=dict)
    n_inner: int = 0

    def score(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the score of each class on the model's own scale, shape (n, n_classes)."""
        return score_chain(self.chain, X)

    def probability(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the calibrated probability of each class, shape (n, n_classes)."""
        return self.calibrator.probability(self.score(X))

    def p_values(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the conformal p-value of each class, shape (n, n_classes)."""
        return self.conformal.p_values(X)
