"""How cells of a text table are read: ids as they stand, numbers when all are, gaps by name."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence

import pandas as pd

from radpred.errors import InputError

MISSING = frozenset({"", "NA", "NaN", "nan", "?"})
_N_NAMED = 30
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with every cell as text, "" where pandas holds no value."""
    columns = [str(name) for name in frame.columns]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        msg = f"the table has several columns called {', '.join(twice)}; rename all but one"
        raise InputError(msg, code="bad_column")
    cells = {
        name: ["" if pd.isna(cell) else str(cell) for cell in frame.iloc[:, place]]
        for place, name in enumerate(columns)
    }
    return pd.DataFrame(cells, columns=columns, dtype=object)


def require_columns(frame: pd.DataFrame, wanted: Sequence[str], *, table: str) -> None:
    """Refuse a table that lacks a column, with the nearest names among those it has.

    Raises
    ------
    InputError
        Code ``missing_column``: what is wanted, what is there, what may have been meant.
    """
    there = [str(name) for name in frame.columns]
    absent = [name for name in wanted if name not in there]
    if absent:
        raise missing_column(" and ".join(absent), there, near=absent, table=table)


def missing_column(
    wanted: str, there: Sequence[str], *, near: Iterable[str], table: str
) -> InputError:
    """Return the error that says a table lacks a column, with near matches to ``near``."""
    matches = [match for name in near for match in near_matches(name, there)]
    hint = f"did you mean {' or '.join(map(repr, dict.fromkeys(matches)))}? " if matches else ""
    msg = (
        f"the {table} table has the columns {_listed(there)}; wanted is {wanted}; "
        f"{hint}name the column exactly"
    )
    return InputError(msg, code="missing_column")


def near_matches(name: str, there: Sequence[str]) -> list[str]:
    """Return the columns spelled most like ``name``, capitals and white space aside."""
    folded = {column.casefold().strip(): column for column in there}
    if name.casefold() in folded:
        return [folded[name.casefold()]]
    return [folded[match] for match in difflib.get_close_matches(name.casefold(), folded, n=2)]


def _listed(columns: Sequence[str]) -> str:
    """Return the first columns by name, and how many more there are."""
    more = f" and {len(columns) - _N_NAMED} more" if len(columns) > _N_NAMED else ""
    return (", ".join(columns[:_N_NAMED]) or "(none)") + more


def is_missing(cell: str) -> bool:
    """Say whether a cell holds no value: empty, NA, NaN, nan or ?."""
    return cell.strip() in MISSING


def number_in(cell: str) -> float | None:
    """Return the finite number that a cell spells with ASCII digits and a point, or None.

    Examples
    --------
    >>> number_in(" 1.0 "), number_in("1e3"), number_in("1,5"), number_in("0x1"), number_in("inf")
    (1.0, 1000.0, None, None, None)
    """
    cell = cell.strip()
    if not _NUMBER.fullmatch(cell):
        return None
    value = float(cell)
    return value if math.isfinite(value) else None
