"""Keep the columns that move small boosted trees most, in the training rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from xgboost import DMatrix, XGBClassifier, XGBRegressor

from radpred.model.selection.ordered import KeepBest
from radpred.model.selection.ranks import relevance_of


class KeepByShap(KeepBest):
    """Keep the ``n_features`` columns with the largest mean absolute SHAP value.

    The values are those of 50 boosted trees of depth 3, fitted on the training rows (exact
    TreeSHAP: Lundberg et al. 2020, Nature Machine Intelligence 2:56). Columns that no tree uses
    come after, by their ROC area. Kept columns stand in the order of the table.

    Parameters
    ----------
    n_features : int, default 10
        How many columns stay, if there are as many.
    """

    def __init__(self, n_features: int = 10) -> None:
        self.n_features = n_features

    def order(self, frame: pd.DataFrame, y: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of the columns by how much each moves the trees."""
        values = frame.to_numpy(dtype=np.float64)
        moved = mean_absolute_shap(values, y)
        alone = relevance_of(values, y)
        return np.lexsort((-alone, -moved))


def mean_absolute_shap(values: NDArray[np.float64], y: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the mean absolute SHAP value of each column, in log-odds of small boosted trees.

    Of more than two classes the mean over them; of a number in its unit.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        Without missing values.
    y : ndarray of shape (n,)
        0 or 1, codes of classes (whole numbers), or numbers (floats).

    Returns
    -------
    ndarray of shape (p,)
        0 where no tree splits by a column.
    """
    # Every row and column in every tree, and exact splits: no chance is in the order.
    is_number = y.dtype.kind == "f" and not np.isin(y, (0, 1)).all()
    made = XGBRegressor if is_number else XGBClassifier
    trees = made(n_estimators=50, max_depth=3, learning_rate=0.1, tree_method="exact", n_jobs=1)
    booster = trees.fit(values, y).get_booster()
    shares = booster.predict(DMatrix(values, nthread=1), pred_contribs=True)[..., :-1]
    return np.abs(shares).mean(axis=tuple(range(shares.ndim - 1)), dtype=np.float64)
