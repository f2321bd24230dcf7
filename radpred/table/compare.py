"""Two tables of features side by side: which values are equal, and which are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpred.errors import InputError
from radpred.table.columns import parse_name

TOLERANCE = 1e-6
# Rounding errors of values that ought to be 0, such as the mean of a filter's response, are far
# below this, and no feature lives there.
FLOOR = 1e-12
NO_CASE = "no_such_case"
NO_COLUMN = "no_such_column"

EQUAL = "equal"
DIFFERS = "differs"
ONLY_A = "only_a"
ONLY_B = "only_b"
NEITHER = "neither"

COLUMNS = (
    "case_id",
    "column",
    "a",
    "b",
    "relative_difference",
    "state",
    "reason_a",
    "reason_b",
)


def compare_tables(
    a: pd.DataFrame,
    b: pd.DataFrame,
    *,
    reasons_a: pd.DataFrame | None = None,
    reasons_b: pd.DataFrame | None = None,
    tolerance: float = TOLERANCE,
) -> pd.DataFrame:
    """Return one row for every feature of every case of two tables.

    Parameters
    ----------
    a, b : DataFrame
        ``case_id`` and features; columns that hold no numbers are left out.
    reasons_a, reasons_b : DataFrame, optional
        ``case_id``, ``column`` and ``reason`` of values that are missing.
    tolerance : float
        Two values are equal if they differ by no more than this part of the larger one, or by less
        than ``FLOOR``.

    Returns
    -------
    DataFrame
        ``case_id``, ``column``, the values ``a`` and ``b``, ``relative_difference`` (of the larger
        of the two; 0 below ``FLOOR``; NaN where one is missing), ``state`` (``equal``,
        ``differs``, ``only_a``, ``only_b`` or ``neither``), ``reason_a`` and ``reason_b``.

    Raises
    ------
    InputError
        A table has no ``case_id`` or names a case twice, or the two share no case or no column.

    Examples
    --------
    >>> table = pd.DataFrame({"case_id": ["p1"], "tumour__original_firstorder_Mean": [2.0]})
    >>> compare_tables(table, table)["state"].tolist()
    ['equal']
    """
    first, second = _numbers(a, "a"), _numbers(b, "b")
    _refuse_strangers("case", first.index, second.index)
    _refuse_strangers("column", first.columns, second.columns)
    cases = first.index.append(second.index.difference(first.index, sort=False))
    columns = first.columns.append(second.columns.difference(first.columns, sort=False))
    rows = pd.DataFrame(
        {
            "case_id": np.repeat(np.asarray(cases, dtype=object), len(columns)),
            "column": np.tile(np.asarray(columns, dtype=object), len(cases)),
        }
    )
    for side, table, reasons in (("a", first, reasons_a), ("b", second, reasons_b)):
        rows[side] = table.reindex(index=cases, columns=columns).to_numpy().ravel()
        rows[f"reason_{side}"] = _reasons(rows, table, reasons, side)
    rows["relative_difference"] = _relative(rows["a"].to_numpy(), rows["b"].to_numpy())
    rows["state"] = _states(rows, tolerance)
    return rows[list(COLUMNS)]


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for every image and family of a comparison, in order of appearance.

    Returns
    -------
    DataFrame
        ``image`` and ``family``; the number of values, and of those in each state; and of the value
        that differs most ``case_id``, ``column``, ``a``, ``b`` and ``relative_difference``.
    """
    places = {name: _place(name) for name in rows["column"].unique()}
    images = rows["column"].map({name: image for name, (image, _) in places.items()})
    families = rows["column"].map({name: family for name, (_, family) in places.items()})
    groups = rows.assign(image=images, family=families).groupby(["image", "family"], sort=False)
    return pd.DataFrame([_summary(part) for _, part in groups], columns=list(_SUMMARY))


_SUMMARY = (
    *("image", "family", "n", EQUAL, DIFFERS, ONLY_A, ONLY_B, NEITHER),
    *("case_id", "column", "a", "b", "relative_difference"),
)


def unexplained(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that make two tables differ.

    These are values that differ, and values that are missing in one table without a reason. That
    a case or a column is in one table alone is a reason.
    """
    gaps = (rows["state"] == ONLY_A) & (rows["reason_b"] == "")
    gaps |= (rows["state"] == ONLY_B) & (rows["reason_a"] == "")
    return rows[(rows["state"] == DIFFERS) | gaps]


def _refuse_strangers(what: str, ours: pd.Index, theirs: pd.Index) -> None:
    """Raise if two tables have nothing of one name."""
    if not len(ours.intersection(theirs)):
        msg = (
            f"the tables share no {what}: a has {_some(ours)}, b has {_some(theirs)}; compare "
            "tables of the same cases and settings"
        )
        raise InputError(msg, code="nothing_shared")


def _numbers(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the columns of numbers, by case."""
    if "case_id" in table.columns:
        table = table.set_index("case_id")
    elif table.index.name != "case_id":
        msg = f"table {name} has no column case_id; its columns are {_some(table.columns)}"
        raise InputError(msg, code="missing_column")
    table = table.set_axis(table.index.astype(str))
    twice = table.index[table.index.duplicated()]
    if len(twice):
        msg = f"table {name} holds case {twice[0]} twice; give every case once"
        raise InputError(msg, code="duplicate_case")
    return table.select_dtypes("number").astype(float)


def _reasons(
    rows: pd.DataFrame, table: pd.DataFrame, reasons: pd.DataFrame | None, side: str
) -> pd.Series:
    """Return why each value of a table is missing, as far as it is known."""
    known: dict[tuple[str, str], str] = {}
    if reasons is not None:
        names = zip(reasons["case_id"].astype(str), reasons["column"], strict=True)
        known = dict(zip(names, reasons["reason"], strict=True))
    keys = zip(rows["case_id"], rows["column"], strict=True)
    found = pd.Series([known.get(key, "") for key in keys], index=rows.index, dtype=object)
    found[~rows["column"].isin(table.columns)] = NO_COLUMN
    found[~rows["case_id"].isin(table.index) & (found == "")] = NO_CASE
    return found.where(rows[side].isna(), "")


def _relative(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return how far values lie apart, as a part of the larger one."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        apart = np.abs(a - b)
        relative = apart / np.maximum(np.abs(a), np.abs(b))
    relative[np.isinf(apart)] = np.inf
    relative[(a == b) | (apart < FLOOR)] = 0.0
    return relative


def _states(rows: pd.DataFrame, tolerance: float) -> np.ndarray:
    """Return how each pair of values stands."""
    no_a, no_b = rows["a"].isna(), rows["b"].isna()
    states = [no_a & no_b, no_b, no_a, rows["relative_difference"] <= tolerance]
    return np.select(states, [NEITHER, ONLY_A, ONLY_B, EQUAL], default=DIFFERS)


def _summary(part: pd.DataFrame) -> dict[str, Any]:
    """Return the counts of one image and family, and the value that differs most."""
    counts = part["state"].value_counts()
    row = {"image": part["image"].iloc[0], "family": part["family"].iloc[0], "n": len(part)}
    row |= {s: int(counts.get(s, 0)) for s in (EQUAL, DIFFERS, ONLY_A, ONLY_B, NEITHER)}
    ranked = part.sort_values("relative_difference", ascending=False, kind="stable")
    names = ("case_id", "column", "a", "b", "relative_difference")
    if pd.notna(ranked["relative_difference"].iloc[0]):
        row |= {name: ranked[name].iloc[0] for name in names}
    return row


def _place(name: str) -> tuple[str, str]:
    """Return image and family of a column; of one that is no feature's, neither."""
    try:
        column = parse_name(name)
    except InputError:
        return "", "other"
    return column.image, column.family


def _some(names: Sequence[Any] | pd.Index) -> str:
    """Return the first few of names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (", ".join(map(str, names[:3])) or "none") + more
