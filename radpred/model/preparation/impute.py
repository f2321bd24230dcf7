"""Fill gaps and turn words into numbers, by what the training rows held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from radpred.errors import InputError
from radpred.model.frames import as_frame, columns_of
from radpred.table.columns import missing_name

# XGBoost refuses these characters in a column name.
_SAFE = str.maketrans({"[": "(", "]": ")", "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"})


class Impute(TransformerMixin, BaseEstimator):
    """Median for numbers, the most frequent word for words, and a flag for what was missing.

    A column of words becomes one column of 0 and 1 for each word, named ``column=word``; two
    words become one column, of the second in alphabetical order. A word that the training rows
    did not hold is 0 in all of them. A column with gaps in the training rows gets a companion
    ``column__missing``. A column without any value in the training rows is dropped. Infinite
    numbers count as missing. Brackets and ``<`` in names become round and single quotation marks.

    Attributes
    ----------
    numeric_ : list of str
        Columns of numbers that go out.
    medians_ : ndarray of shape (len(numeric_),)
        What fills their gaps.
    words_ : dict of str to list of str
        Words of each column that go out.
    fills_ : dict of str to str
        The most frequent word of each column of words; of several, the first in the alphabet.
    flagged_ : list of str
        Columns whose gaps are flagged.
    names_out_ : ndarray of str
        The names out, in order: numbers, words, flags.
    sources_ : list of str
        The column that each was made from.
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn medians, words and flags from ``X``; ``y`` is not looked at."""
        frame = as_frame(X)
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        kinds = {dtype: _is_number(dtype) for dtype in set(frame.dtypes)}
        is_number = np.array([kinds[dtype] for dtype in frame.dtypes], dtype=bool)
        numbers = _numbers(frame.loc[:, is_number])
        present = np.isfinite(numbers)
        n_present = np.count_nonzero(present, axis=0)
        some = n_present > 0
        self.numeric_ = frame.columns[is_number][some].tolist()
        self.medians_ = _medians(numbers[:, some])
        gaps = dict(zip(self.numeric_, n_present[some] < len(frame), strict=True))
        self.words_, self.fills_ = {}, {}
        for column in frame.columns[~is_number]:
            words = _words(frame[column])
            if words.notna().any():
                gaps[column] = bool(words.isna().any())
                self.words_[column], self.fills_[column] = _vocabulary(words)
        self.flagged_ = [column for column in frame.columns if gaps.get(column)]
        self._name_columns()
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return ``X`` as finite numbers, shape (n, number of names out)."""
        check_is_fitted(self, "medians_")
        frame = as_frame(X)
        numbers = _numbers(columns_of(frame, self.numeric_))
        parts = [np.where(np.isfinite(numbers), numbers, self.medians_)]
        for column, chosen in self.words_.items():
            words = _words(columns_of(frame, [column]).iloc[:, 0]).fillna(self.fills_[column])
            parts.append(np.stack([(words == word).to_numpy() for word in chosen], axis=1))
        flagged = columns_of(frame, self.flagged_)
        parts.extend(_gaps(flagged.iloc[:, i])[:, None] for i in range(flagged.shape[1]))
        values = np.concatenate(parts, axis=1, dtype=np.float64, casting="unsafe")
        return pd.DataFrame(values, index=frame.index, columns=self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names out: numbers, then words, then flags."""
        check_is_fitted(self, "medians_")
        return self.names_out_

    def sources(self) -> dict[str, str]:
        """Return for each name out the column that it was made from."""
        check_is_fitted(self, "medians_")
        return dict(zip(self.names_out_.tolist(), self.sources_, strict=True))

    def restricted_to(self, names: Sequence[str]) -> Impute:
        """Return a copy that makes only the columns ``names``."""
        wanted = set(names)
        narrow = Impute()
        stay = [_safe(column) in wanted for column in self.numeric_]
        narrow.numeric_ = [c for c, kept in zip(self.numeric_, stay, strict=True) if kept]
        narrow.medians_ = self.medians_[np.array(stay, dtype=bool)]
        words = {
            column: [word for word in chosen if _safe(f"{column}={word}") in wanted]
            for column, chosen in self.words_.items()
        }
        narrow.words_ = {column: chosen for column, chosen in words.items() if chosen}
        narrow.fills_ = {column: self.fills_[column] for column in narrow.words_}
        narrow.flagged_ = [c for c in self.flagged_ if missing_name(_safe(c)) in wanted]
        narrow._name_columns()
        used = set(narrow.sources_)
        narrow.feature_names_in_ = np.array(
            [column for column in self.feature_names_in_ if column in used], dtype=object
        )
        narrow.n_features_in_ = len(narrow.feature_names_in_)
        return narrow

    def _name_columns(self) -> None:
        """Set the names out and their sources; refuse two of the same name."""
        numbers = [(_safe(column), column) for column in self.numeric_]
        words = [
            (_safe(f"{column}={word}"), column)
            for column, chosen in self.words_.items()
            for word in chosen
        ]
        flags = [(missing_name(_safe(column)), column) for column in self.flagged_]
        pairs = numbers + words + flags
        self.names_out_ = np.array([name for name, _ in pairs], dtype=object)
        self.sources_ = [source for _, source in pairs]
        names = pd.Index(self.names_out_)
        if not names.is_unique:
            twice = names[names.duplicated()].unique().tolist()
            msg = f"columns {twice[:3]} would be made twice; rename the columns of the table"
            raise InputError(msg, code="duplicate_columns")


def _safe(name: str) -> str:
    """Return ``name`` without the characters that XGBoost refuses."""
    return name.translate(_SAFE)


def _is_number(dtype: Any) -> bool:
    """Say whether a column of ``dtype`` holds numbers, flags included."""
    return pd.api.types.is_numeric_dtype(dtype) and not isinstance(dtype, pd.CategoricalDtype)


def _numbers(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return columns of numbers as an array, NaN where missing."""
    try:
        return frame.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        wrong = [c for c in frame.columns if not _is_number(frame[c].dtype)]
        msg = f"columns {wrong[:3]} must hold numbers, as in the training table: {error}"
        raise InputError(msg, code="not_a_number") from error


def _medians(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of the finite values of each column; each has at least one."""
    finite = np.where(np.isfinite(numbers), numbers, np.nan)
    medians = np.median(finite, axis=0) if len(finite) else np.empty(0)
    gaps = np.isnan(medians)
    medians[gaps] = np.nanmedian(finite[:, gaps], axis=0) if gaps.any() else 0.0
    return medians


def _words(column: pd.Series) -> pd.Series:
    """Return a column as words, missing where it was; 2.0 and 2 are the word "2"."""

    def word(value: Any) -> str:
        is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
        return str(int(value)) if is_whole else str(value)

    missing = column.isna().to_numpy()
    values = [None if gap else word(v) for v, gap in zip(column, missing, strict=True)]
    return pd.Series(values, index=column.index, dtype=object)


def _gaps(column: pd.Series) -> NDArray[np.bool_]:
    """Say where a column has no value; an infinite number is none."""
    if _is_number(column.dtype):
        return ~np.isfinite(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return column.isna().to_numpy(dtype=bool)


def _vocabulary(words: pd.Series) -> tuple[list[str], str]:
    """Return the words that go out, and the most frequent one."""
    found, counts = np.unique(words.dropna().to_numpy(dtype=str), return_counts=True)
    chosen = found[1:] if len(found) == 2 else found
    return chosen.tolist(), str(found[counts.argmax()])
