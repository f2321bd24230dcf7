"""Learn from the past, test on what came later."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from radpred.cohort.designs.design import Design, Part, design_of
from radpred.cohort.designs.labels import OutcomeKind, labels_of, patients_of
from radpred.errors import InputError, LeakageError, SettingsError

Straddling = Literal["later", "refuse"]
Dates = NDArray[np.datetime64]


def by_date(
    y: ArrayLike,
    groups: ArrayLike,
    dates: ArrayLike,
    *,
    cut: object = None,
    share: float = 0.7,
    straddling: Straddling = "later",
    kind: OutcomeKind | None = None,
) -> Design:
    """Return one split: rows before ``cut`` are learnt from, rows at or after it are tested.

    Parameters
    ----------
    y, groups : array of shape (n,)
        Outcome and patient of each row.
    dates : array of shape (n,)
        Dates, or text as ISO 8601 writes them (2020-03-01, 20200301).
    cut : date or str, optional
        The first date that is tested. By default it is found from ``share``.
    share : float
        About what share of the patients to learn from, by each one's last date. Patients of one
        date stay together, so it can be less; the label of the split holds the date.
    straddling : str
        A patient with rows on both sides is tested as a whole (``later``), or the split is
        refused (``refuse``).
    kind : str, optional
        As in `repeated_k_fold`.

    Raises
    ------
    InputError
        Dates that cannot be read, a side without rows, or either side without an outcome.
    LeakageError
        Patients on both sides that are to be refused.

    Warns
    -----
    RadpredWarning
        How many patients lie on both sides, and were moved to the later one.
    """
    if straddling not in get_args(Straddling) or not 0 < share < 1:
        msg = (
            f"straddling {straddling!r}, share {share}: wanted are one of "
            f"{', '.join(get_args(Straddling))}, and a share between 0 and 1"
        )
        raise SettingsError(msg)
    labels = labels_of(y, kind)
    patients = patients_of(groups, len(labels.values))
    days = _days(dates, n_rows=len(patients))
    last = _last_of_patient(days, patients)
    first = _first_tested(last, patients, share) if cut is None else _day(cut)
    is_tested = last >= first
    moved = np.unique(patients[is_tested & (days < first)])
    _refuse_straddling(moved, first, straddling=straddling)
    part = Part(
        0, 0, np.flatnonzero(~is_tested), np.flatnonzero(is_tested), label=f"from {_text(first)}"
    )
    _refuse_untestable(part, lacking=labels.lacking(part.test), days=days)
    notes = [
        f"{len(moved)} patients have rows on both sides of {_text(first)}, first {name}: all "
        "their rows are tested"
        for name in moved[:1]
    ]
    return design_of("by_date", [part], labels=labels, patients=patients, notes=notes)


def _days(dates: ArrayLike, *, n_rows: int) -> Dates:
    """Return the date of each row, or refuse what is none."""
    given = np.asarray(dates)
    if given.shape != (n_rows,) or given.dtype.kind in "iufb" or pd.isna(given).any():
        msg = (
            f"{n_rows} rows need one date each, got shape {given.shape} of {given.dtype} with "
            f"{int(pd.isna(given).sum())} missing; give dates, or text as 2020-03-01"
        )
        raise InputError(msg, code="bad_date")
    try:
        return pd.to_datetime(pd.Series(given), format="ISO8601").to_numpy("datetime64[us]")
    except (ValueError, TypeError) as error:
        msg = f"a date cannot be read ({error}); write all of them as 2020-03-01"
        raise InputError(msg, code="bad_date") from error


def _day(cut: object) -> np.datetime64:
    """Return one date."""
    return _days(np.array([cut]), n_rows=1)[0]


def _text(day: np.datetime64) -> str:
    """Return a date as text, without the time where that is midnight."""
    return str(pd.Timestamp(day)).removesuffix(" 00:00:00")


def _last_of_patient(days: Dates, patients: NDArray[np.str_]) -> Dates:
    """Return the last date of each row's patient, shape (n,)."""
    return pd.Series(days).groupby(patients).transform("max").to_numpy("datetime64[us]")


def _first_tested(last: Dates, patients: NDArray[np.str_], share: float) -> np.datetime64:
    """Return the date from which on patients are tested."""
    _, one_row = np.unique(patients, return_index=True)
    ordered = np.sort(last[one_row])
    if ordered[0] == ordered[-1]:
        msg = (
            f"all {len(ordered)} patients have the same last date, {_text(ordered[0])}; wanted are "
            "at least two; choose another design"
        )
        raise InputError(msg, code="empty_fold")
    place = min(max(round(share * len(ordered)), 1), len(ordered) - 1)
    first = ordered[place]
    return first if first > ordered[0] else ordered[ordered > ordered[0]][0]


def _refuse_straddling(
    moved: NDArray[np.str_], first: np.datetime64, *, straddling: Straddling
) -> None:
    """Refuse patients on both sides, where they are to be refused."""
    if straddling == "refuse" and len(moved):
        msg = (
            f"{len(moved)} patients have rows before and from {_text(first)} on, first "
            f"{moved[:3].tolist()}; leave rows out, choose another date, or straddling='later'"
        )
        raise LeakageError(msg)


def _refuse_untestable(part: Part, *, lacking: tuple[str, ...], days: Dates) -> None:
    """Refuse a later side that is empty or lacks an outcome."""
    if not len(part.test) or not len(part.train):
        msg = (
            f"{len(part.train)} rows to learn from and {len(part.test)} {part.label}: dates run "
            f"from {_text(days.min())} to {_text(days.max())}; choose a date in between"
        )
        raise InputError(msg, code="empty_fold")
    if lacking:
        msg = (
            f"none of the {len(part.test)} rows {part.label} has {', '.join(lacking)}; choose an "
            "earlier date, or another design"
        )
        raise InputError(msg, code="too_few_events")
