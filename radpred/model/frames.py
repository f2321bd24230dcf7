"""What every step of a chain shares: a table in, a table out, columns by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from radpred.errors import InputError


def as_frame(X: Any) -> pd.DataFrame:
    """Return ``X`` as a table; a bare array gets the column names x0, x1, ..."""
    if isinstance(X, pd.DataFrame):
        return X
    values = np.asarray(X)
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])


def columns_of(frame: pd.DataFrame, names: Sequence[str] | NDArray[np.object_]) -> pd.DataFrame:
    """Return the columns ``names`` of ``frame``, in that order.

    Raises
    ------
    InputError
        Some are absent: how many, and the first of them.
    """
    if frame.shape[1] == len(names) and (frame.columns.to_numpy(dtype=object) == names).all():
        return frame
    positions = frame.columns.get_indexer(pd.Index(names, dtype=object))
    if (positions < 0).any():
        absent = [name for name, found in zip(names, positions, strict=True) if found < 0]
        msg = (
            f"{len(absent)} of {len(names)} columns that the model needs are absent, first "
            f"{absent[:3]}; extract the case with the settings that the model was trained with"
        )
        raise InputError(msg, code="missing_columns")
    return frame.iloc[:, positions]


def alone(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers that holds no more memory than its own values.

    Columns chosen side by side are a view, and it keeps all the columns that were left out.
    """
    if len(set(frame.dtypes)) != 1 or frame.dtypes.iloc[0] != np.float64:
        return frame
    values = frame.to_numpy()
    whole = values.base
    while isinstance(whole, np.ndarray) and whole.base is not None:
        whole = whole.base
    if not isinstance(whole, np.ndarray) or whole.size <= values.size:
        return frame
    return pd.DataFrame(values.copy(order="K"), index=frame.index, columns=frame.columns)


class ColumnChooser(TransformerMixin, BaseEstimator):
    """Base of the steps that keep some columns and change no value.

    A child's ``fit`` sets ``kept_`` (list of str) by :meth:`_keep`.
    """

    feature_names_in_: NDArray[np.object_]
    kept_: list[str]

    def _keep(self, frame: pd.DataFrame, kept: ArrayLike) -> Self:
        """Remember which columns of ``frame``, given as positions or flags, stay."""
        names = frame.columns.to_numpy(dtype=object)
        self.feature_names_in_ = names
        self.n_features_in_ = len(names)
        self.kept_ = names[np.asarray(kept)].tolist()
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return the kept columns of ``X``."""
        check_is_fitted(self, "kept_")
        return columns_of(as_frame(X), self.kept_)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the kept columns."""
        check_is_fitted(self, "kept_")
        return np.asarray(self.kept_, dtype=object)

    def restricted_to(self, names: Sequence[str]) -> Self:
        """Return a copy that knows only the columns ``names``, each of them kept."""
        narrow = type(self)(**self.get_params())
        narrow.feature_names_in_ = np.asarray(names, dtype=object)
        narrow.n_features_in_ = len(names)
        narrow.kept_ = list(names)
        return narrow
