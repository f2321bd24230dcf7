"""Keep the columns that separate the outcomes best, one by one, in the training rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.model.selection.ordered import KeepBest
from radpred.model.selection.ranks import relevance_of


class KeepRelevant(KeepBest):
    """Keep the ``n_features`` columns whose ROC area is farthest from one half.

    Of more than two classes the area of some class against the rest; of a number the rank
    correlation takes its place. Both depend on ranks only, so an outlier weighs no more than a
    neighbour. Of equals the first column stays. Kept columns stand in the order of the table.

    Parameters
    ----------
    n_features : int, default 10
        How many columns stay, if there are as many.
    """

    def __init__(self, n_features: int = 10) -> None:
        self.n_features = n_features

    def order(self, frame: pd.DataFrame, y: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of the columns by how well each tells ``y`` alone."""
        alone = relevance_of(frame.to_numpy(dtype=np.float64), y)
        return np.argsort(-alone, kind="stable")
