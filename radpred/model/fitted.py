"""What a fit leaves behind, and what it says about new cases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from radpred.model.assurance import HeldOutRows
from radpred.model.calibrators import Calibrator, CrossVennAbers, VennAbers
from radpred.model.conformal import CrossConformal
from radpred.model.labels import CaseLabels
from radpred.model.preparation.harmonise import at_sites, unharmonised
from radpred.model.score import score_chain


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A tuned chain, its calibration and its conformal folds.

    All answers take a table with at least the columns that the chain kept, one row a case, and
    are the same to the last bit whether cases come alone or together.

    Attributes
    ----------
    model : str
        Name of the recipe.
    params : dict
        The parameters that tuning picked.
    chain : Pipeline
        Fitted on all training rows; knows only the columns that reach the model.
    calibrator : Calibrator
        Fitted on the scores of held-out rows.
    conformal : CrossConformal
        The inner folds.
    columns : tuple of str
        Every column that was offered, in order.
    inner_score : float
        Mean ROC area over the inner folds with ``params``: a selection score, not a performance.
    notes : tuple of str
        What had to be changed to fit at all.
    n_columns : dict of str to int
        How many columns were left after each step.
    held_out : HeldOutRows, optional
        What calibrated; a model that was read from a file no longer has it.
    """

    model: str
    params: dict[str, Any]
    chain: Pipeline
    calibrator: Calibrator
    conformal: CrossConformal
    columns: tuple[str, ...]
    inner_score: float
    notes: tuple[str, ...] = ()
    n_columns: dict[str, int] = field(default_factory=dict)
    held_out: HeldOutRows | None = None

    def at_sites(self, sites: CaseLabels | None) -> Fitted:
        """Return a copy whose chains, those of conformal folds too, know the sites of other cases.

        With ``None`` it names no training case, as in a file. Nothing is learnt anew.
        """
        folds = tuple(
            replace(fold, chain=at_sites(fold.chain, sites)) for fold in self.conformal.folds
        )
        return replace(
            self,
            chain=at_sites(self.chain, sites),
            conformal=replace(self.conformal, folds=folds),
        )

    def unharmonised(self, cases: pd.Index) -> list[str]:
        """Return those of ``cases`` whose site was not learnt, where features are harmonised."""
        return unharmonised(self.chain, cases)

    def score(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the score of each case on the model's own scale, shape (n,)."""
        return score_chain(self.chain, X)

    def log_odds(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the calibrated log-odds of the event for each case, shape (n,)."""
        return self.calibrator.log_odds(self.score(X))

    def probability(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the calibrated probability of the event for each case, shape (n,)."""
        return self.calibrator.probability(self.score(X))

    def calibration_interval(self, X: pd.DataFrame) -> NDArray[np.float64] | None:
        """Return [p0, p1] of each case, shape (n, 2), or None unless Venn-ABERS calibrates.

        How far one more patient like this could move the risk; see
        `radpred.model.calibrators.VennAbers`.
        """
        if not isinstance(self.calibrator, (VennAbers, CrossVennAbers)):
            return None
        return self.calibrator.interval(self.score(X))

    def p_values(self, X: pd.DataFrame, *, strata: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the conformal p-values of no event and of the event, shape (n, 2).

        Parameters
        ----------
        X : DataFrame
            One row a case.
        strata : array of shape (n,), optional
            Site or other group of each case, where sets look at it.
        """
        return self.conformal.p_values(X, strata=strata)
