"""The logarithm of sizes, which spread over decades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from radpred.model.frames import as_frame, columns_of


class Logarithm(TransformerMixin, BaseEstimator):
    """Natural logarithm; what is not above zero counts as the smallest size seen in training.

    Attributes
    ----------
    least_ : ndarray of shape (n_columns,)
        The smallest positive value of each column; 1 where there was none.
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the smallest size in each column of ``X``; ``y`` is not looked at."""
        frame = as_frame(X)
        values = frame.to_numpy(dtype=np.float64)
        least = np.where(values > 0, values, np.inf).min(axis=0)
        self.least_ = np.where(np.isfinite(least), least, 1.0)
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return the logarithms of ``X``, under the same names."""
        check_is_fitted(self, "least_")
        frame = columns_of(as_frame(X), self.feature_names_in_)
        values = frame.to_numpy(dtype=np.float64)
        sizes = np.log(np.where(values > 0, values, self.least_))
        return pd.DataFrame(sizes, index=frame.index, columns=frame.columns)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names, unchanged."""
        check_is_fitted(self, "least_")
        return self.feature_names_in_

    def restricted_to(self, names: Sequence[str]) -> Logarithm:
        """Return a copy that knows only the columns ``names``."""
        narrow = Logarithm()
        stay = np.isin(self.feature_names_in_, list(names))
        narrow.least_, narrow.feature_names_in_ = self.least_[stay], self.feature_names_in_[stay]
        narrow.n_features_in_ = int(stay.sum())
        return narrow
