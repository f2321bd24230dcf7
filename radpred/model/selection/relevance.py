"""Keep the columns that separate the outcomes best, one by one, in the training rows."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from radpred.model.frames import ColumnChooser, as_frame
from radpred.model.selection.ranks import event_rank_sums


class KeepRelevant(ColumnChooser):
    """Keep the ``n_features`` columns whose ROC area is farthest from one half.

    The area depends on ranks only, so an outlier weighs no more than a neighbour. Of equals the
    first column stays. Kept columns stand in the order of the table.

    Parameters
    ----------
    n_features : int, default 10
        How many columns stay, if there are as many.
    """

    def __init__(self, n_features: int = 10) -> None:
        self.n_features = n_features

    def fit(self, X: Any, y: Any) -> Self:
        """Find the columns of ``X`` that separate ``y`` (0 or 1) best."""
        frame = as_frame(X)
        sums = event_rank_sums(frame.to_numpy(dtype=np.float64), np.asarray(y))
        best = np.argsort(-np.abs(sums), kind="stable")[: self.n_features]
        return self._keep(frame, np.sort(best))
