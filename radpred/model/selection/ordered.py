"""What the steps share that keep the first so many columns of an order."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.model.frames import ColumnChooser, as_frame


class KeepBest(ColumnChooser):
    """Base of the steps that keep ``n_features`` columns: a child says which are better.

    Kept columns stand in the order of the table.
    """

    n_features: int
    order_: NDArray[np.intp]

    def order(self, frame: pd.DataFrame, y: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of all columns of ``frame``, the best first."""
        raise NotImplementedError

    def fit(self, X: Any, y: Any) -> Self:
        """Find the columns of ``X`` that tell ``y`` (0 or 1) best."""
        frame = as_frame(X)
        self.order_ = self.order(frame, np.asarray(y))
        return self._keep(frame, np.sort(self.order_[: self.n_features]))

    def narrowed(self, n_features: int) -> Self:
        """Return a copy that keeps another number of columns, as if it were fitted on the same."""
        other = type(self)(**{**self.get_params(), "n_features": n_features})
        other.order_ = self.order_
        names = pd.DataFrame(columns=pd.Index(self.feature_names_in_, dtype=object))
        return other._keep(names, np.sort(self.order_[:n_features]))
