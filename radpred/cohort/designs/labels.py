"""What an outcome is made of, and what a part of its rows lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from radpred.cohort.outcomes.kinds import OutcomeKind, kind_of
from radpred.errors import InputError, SettingsError


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """An outcome as designs see it.

    Attributes
    ----------
    kind : {"binary", "multiclass", "continuous"}
        Of what kind it is.
    values : ndarray of shape (n,)
        The class of each row, counted from 0, or a continuous outcome's value.
    names : tuple of str
        The classes in that order; empty for a continuous outcome.
    """

    kind: OutcomeKind
    values: NDArray[np.generic]
    names: tuple[str, ...] = ()

    def lacking(self, rows: NDArray[np.intp]) -> tuple[str, ...]:
        """Return the classes without any of ``rows``; for a continuous outcome, if it varies."""
        present = np.unique(self.values[rows])
        if self.kind == "continuous":
            return () if len(present) > 1 else ("two different values",)
        return tuple(name for code, name in enumerate(self.names) if code not in present)

    def patients_of(self, patients: NDArray[np.generic]) -> NDArray[np.intp]:
        """Return how many patients have a row of each class, shape (classes,)."""
        return np.array(
            [len(np.unique(patients[self.values == code])) for code in range(len(self.names))],
            dtype=np.intp,
        )

    def counts(self, patients: NDArray[np.str_]) -> str:
        """Say how many rows and patients each class, or the cohort, has."""
        if self.kind == "continuous":
            return f"{len(patients)} rows of {len(np.unique(patients))} patients"
        held = self.patients_of(patients)
        return ", ".join(
            f"{int((self.values == code).sum())} rows of {held[code]} patients with outcome {name}"
            for code, name in enumerate(self.names)
        )


def labels_of(y: ArrayLike, kind: OutcomeKind | None = None) -> Labels:
    """Return the outcome of each row, its kind found from the values unless given.

    How it is found says `radpred.cohort.outcomes.kinds.kind_of`.

    Parameters
    ----------
    y : array of shape (n,)
        Numbers or words. Of times to an event give the event indicator.
    kind : {"binary", "multiclass", "continuous"}, optional
        To be sure.

    Raises
    ------
    SettingsError
        There is no such kind.
    InputError
        Missing values, a single value, or more classes than the kind, or sense, allows.
    """
    if kind is not None and kind not in get_args(OutcomeKind):
        msg = f"outcome kind {kind!r}: unknown; choose one of {', '.join(get_args(OutcomeKind))}"
        raise SettingsError(msg)
    values = np.asarray(y)
    if values.ndim != 1 or pd.isna(values).any():
        msg = (
            f"every row needs one outcome, got shape {values.shape} with "
            f"{int(pd.isna(values).sum())} missing; leave out rows without outcome"
        )
        raise InputError(msg, code="bad_outcome")
    found = _different(values)
    _refuse_count(len(found), len(values), kind=kind)
    kind = kind or _kind_of(found)
    if kind == "continuous":
        return Labels(kind=kind, values=_numbers(values))
    codes = np.searchsorted(found, values).astype(np.intp)
    return Labels(kind=kind, values=codes, names=tuple(str(value) for value in found))


def patients_of(groups: ArrayLike, n_rows: int) -> NDArray[np.str_]:
    """Return the patient of each row as text, or refuse gaps.

    Raises
    ------
    InputError
        Not one patient a row.
    """
    return names_of(groups, n_rows, what="patient")


def names_of(values: ArrayLike, n_rows: int, *, what: str) -> NDArray[np.str_]:
    """Return one name a row as text, or refuse gaps."""
    given = np.asarray(values)
    if given.shape != (n_rows,) or pd.isna(given).any():
        gaps = int(pd.isna(given).sum())
        msg = (
            f"{n_rows} rows need one {what} each, got shape {given.shape} with {gaps} missing; "
            f"give every row its {what}, or leave the row out"
        )
        raise InputError(msg, code="unmatched_cases")
    return given.astype(str)


def _different(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return the different values in order, or refuse what has none."""
    try:
        return np.unique(values)
    except TypeError as error:
        msg = f"outcomes mix words and numbers ({error}); write all of them in one way"
        raise InputError(msg, code="bad_outcome") from error


def _numbers(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return a continuous outcome's values, or refuse what is no finite number."""
    try:
        numbers = values.astype(np.float64)
    except (ValueError, TypeError) as error:
        msg = f"a continuous outcome needs numbers ({error}); recode it, or say another kind"
        raise InputError(msg, code="bad_outcome") from error
    if not np.isfinite(numbers).all():
        msg = f"{int((~np.isfinite(numbers)).sum())} continuous outcomes are infinite; correct them"
        raise InputError(msg, code="bad_outcome")
    return numbers


def _refuse_count(n_found: int, n_rows: int, *, kind: OutcomeKind | None) -> None:
    """Refuse an outcome with too few or too many different values."""
    if n_found < 2:
        msg = f"all {n_rows} rows have the same outcome; wanted are at least two different ones"
        raise InputError(msg, code="one_class")
    if kind == "binary" and n_found > 2:
        msg = f"a binary outcome has two values, got {n_found}; recode it, or say another kind"
        raise InputError(msg, code="bad_outcome")


def _kind_of(found: NDArray[np.generic]) -> OutcomeKind:
    """Return the kind of an outcome with these different values."""
    told = f"the outcome has {len(found)} different values"
    return kind_of(found.tolist(), has_codes=True, told=told)
