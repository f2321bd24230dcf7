"""Rows that fit together: a table, its outcomes and its patients, in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Checked rows, ordered by case, so that the order of a file cannot change a fit.

    Attributes
    ----------
    X : DataFrame
        Indexed by case, unique, ascending.
    y : ndarray of int
        0 or 1.
    groups : ndarray of str
        The patient of each row.
    """

    X: pd.DataFrame
    y: NDArray[np.intp]
    groups: NDArray[np.str_]


def cohort_of(X: pd.DataFrame, y: ArrayLike | pd.Series, groups: ArrayLike | pd.Series) -> Cohort:
    """Return the rows ordered by case; a Series is matched by index, an array by position.

    Raises
    ------
    InputError
        Case or column names that occur twice, a case without outcome or patient, an outcome
        other than 0 and 1.
    """
    for axis, names in (("cases", X.index), ("columns", X.columns)):
        if not names.is_unique:
            twice = names[names.duplicated()].unique().tolist()
            msg = f"{len(twice)} {axis} occur twice, first {twice[:3]}; give each its own name"
            raise InputError(msg, code="duplicates")
    order = np.argsort(X.index.to_numpy(dtype=str), kind="stable")
    labels = _matched(y, X.index, what="outcome")[order]
    patients = _matched(groups, X.index, what="patient")[order].astype(str)
    if not np.isin(labels, (0, 1)).all():
        odd = sorted(set(labels.tolist()) - {0, 1})
        msg = f"the outcome must be 0 or 1, got also {odd[:3]}; state which value is the event"
        raise InputError(msg, code="bad_outcome")
    return Cohort(X=X.iloc[order].copy(), y=labels.astype(np.intp), groups=patients)


def _matched(values: ArrayLike | pd.Series, index: pd.Index, *, what: str) -> NDArray[np.generic]:
    """Return ``values`` in the order of ``index``."""
    if isinstance(values, pd.Series):
        absent = index.difference(values.index)
        if len(absent):
            msg = f"{len(absent)} cases have no {what}, first {absent[:3].tolist()}"
            raise InputError(msg, code="unmatched_cases")
        values = values.loc[index]
    matched = np.asarray(values)
    if matched.shape != (len(index),) or pd.isna(matched).any():
        msg = f"{len(index)} cases need one {what} each, got shape {matched.shape} or gaps"
        raise InputError(msg, code="unmatched_cases")
    return matched
