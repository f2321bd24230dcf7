"""Bring every column to mean 0 and standard deviation 1 over the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from radpred.model.frames import as_frame, columns_of


class Standardise(TransformerMixin, BaseEstimator):
    """Subtract the mean and divide by the standard deviation, column by column.

    As scikit-learn's ``StandardScaler``, whose checks of a table take longer, column by column,
    than the arithmetic when there are thousands. A column that only rounding moves stays
    unscaled.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_columns,)
        What is subtracted, and what is divided by.
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn means and standard deviations from ``X``; ``y`` is not looked at."""
        frame = as_frame(X)
        values = frame.to_numpy(dtype=np.float64)
        self.mean_ = values.mean(axis=0)
        spread = values.std(axis=0)
        # The rounding error of a mean of n equal values, relative to their size.
        noise = 10 * np.finfo(np.float64).eps * len(values) * np.abs(self.mean_)
        self.scale_ = np.where(spread > noise, spread, 1.0)
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return ``X`` on the training rows' scale, under the same names."""
        check_is_fitted(self, "scale_")
        frame = columns_of(as_frame(X), self.feature_names_in_)
        values = (frame.to_numpy(dtype=np.float64) - self.mean_) / self.scale_
        return pd.DataFrame(values, index=frame.index, columns=frame.columns)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names, unchanged."""
        check_is_fitted(self, "scale_")
        return self.feature_names_in_

    def restricted_to(self, names: Sequence[str]) -> Standardise:
        """Return a copy that knows only the columns ``names``."""
        narrow = Standardise()
        stay = np.isin(self.feature_names_in_, np.asarray(names, dtype=object))
        narrow.mean_, narrow.scale_ = self.mean_[stay], self.scale_[stay]
        narrow.feature_names_in_ = self.feature_names_in_[stay]
        narrow.n_features_in_ = int(stay.sum())
        return narrow
