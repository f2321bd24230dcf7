"""What the steps share that keep columns which pass a test, and no more than so many."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.model.frames import as_frame
from radpred.model.selection.ordered import KeepBest


class KeepPassing(KeepBest):
    """Base of the steps that keep those of the first ``n_features`` columns that pass.

    A child's ``order`` puts the columns that pass first, and sets ``n_passing_``, how many do.
    Where none passes the first one stays, for a model needs a column; ``n_passing_`` tells.
    """

    n_passing_: int

    def fit(self, X: Any, y: Any) -> Self:
        """Find the columns of ``X`` that tell ``y`` (0 or 1), as far as they pass."""
        frame = as_frame(X)
        self.order_ = self.order(frame, np.asarray(y))
        return self._keep(frame, self._chosen(self.n_features))

    def narrowed(self, n_features: int) -> Self:
        """Return a copy that keeps another number of columns, as if it were fitted on the same."""
        other = super().narrowed(n_features)
        other.n_passing_ = self.n_passing_
        names = pd.DataFrame(columns=pd.Index(self.feature_names_in_, dtype=object))
        return other._keep(names, other._chosen(n_features))

    def _chosen(self, n_features: int) -> NDArray[np.intp]:
        """Return the positions of the columns that stay."""
        return np.sort(self.order_[: max(1, min(n_features, self.n_passing_))])


class KeepAll(KeepBest):
    """Keep every column: the model is to choose by itself, or there are few.

    Parameters
    ----------
    n_features : int, optional
        Taken, so that it stands where others do; not looked at.
    """

    def __init__(self, n_features: int = 10) -> None:
        self.n_features = n_features

    def fit(self, X: Any, y: Any = None) -> Self:
        """Remember the columns of ``X``; ``y`` is not looked at."""
        frame = as_frame(X)
        self.order_ = np.arange(frame.shape[1])
        return self._keep(frame, self.order_)

    def narrowed(self, n_features: int) -> Self:
        """Return a copy: it keeps every column, too."""
        other = type(self)(n_features)
        other.order_ = self.order_
        names = pd.DataFrame(columns=pd.Index(self.feature_names_in_, dtype=object))
        return other._keep(names, self.order_)
