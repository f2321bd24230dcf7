"""Tables of shards to one table: the same columns always, every case once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from radpred.errors import InputError

ID = "case_id"
_N_NAMED = 5


def assemble(shards: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all shards in order, with the columns of the first.

    Shards are taken one at a time and may come from a generator; each must have exactly the
    same set of columns, in any order. A column is of one type in the result: numbers stay
    numbers, and a shard in which it holds nothing has no say.

    Parameters
    ----------
    shards : iterable of DataFrame
        Cases named by a column or an index ``case_id``. Rows are numbered anew unless
        ``case_id`` is the index.

    Returns
    -------
    DataFrame
        Empty and without columns when there are no shards.

    Raises
    ------
    InputError
        A shard has other columns (``other_columns``), or a case comes twice
        (``duplicate_case``), by name.
    """
    parts: list[pd.DataFrame] = []
    seen: set[str] = set()
    for number, shard in enumerate(shards, start=1):
        columns = list(parts[0].columns) if parts else list(dict.fromkeys(shard.columns))
        refuse_other_columns(list(shard.columns), columns, number=number)
        refuse_repeats(_cases(shard), seen, number=number)
        parts.append(shard[columns])
    if not parts:
        return pd.DataFrame()
    is_named = all(part.index.name == ID for part in parts)
    return pd.concat(_of_one_type(parts), ignore_index=not is_named)


def refuse_other_columns(found: Sequence[str], columns: Sequence[str], *, number: int) -> None:
    """Refuse a shard whose columns are not those of the first.

    Raises
    ------
    InputError
        ``other_columns``, with the first of them.
    """
    there, known = set(found), set(columns)
    absent = [name for name in columns if name not in there]
    foreign = [name for name in found if name not in known]
    foreign += [name for name, n in Counter(found).items() for _ in range(n - 1)]
    if absent or foreign:
        msg = (
            f"shard {number} lacks {_named(absent)} and has besides {_named(foreign)}; wanted are "
            f"the {len(columns)} columns of shard 1, each once; extract both with the same settings"
        )
        raise InputError(msg, code="other_columns")


def _named(columns: Sequence[str]) -> str:
    """Return the first of ``columns`` by name, and how many more there are."""
    if not columns:
        return "no column"
    more = f" and {len(columns) - _N_NAMED} more" if len(columns) > _N_NAMED else ""
    return ", ".join(columns[:_N_NAMED]) + more


def _cases(shard: pd.DataFrame) -> list[str]:
    """Return the cases of a shard, none where it does not name them."""
    if shard.index.name == ID:
        return list(shard.index)
    return list(shard[ID]) if ID in shard.columns else []


def refuse_repeats(cases: Iterable[str], seen: set[str], *, number: int) -> None:
    """Refuse a case that came before, and remember those of a shard in ``seen``.

    Raises
    ------
    InputError
        ``duplicate_case``, with its name.
    """
    for case in cases:
        if case in seen:
            msg = (
                f"shard {number} holds case {case} again, wanted is every case once; "
                "give each shard cases of its own"
            )
            raise InputError(msg, code="duplicate_case")
        seen.add(case)


def _of_one_type(parts: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return ``parts`` with each column of one type, decided by the shards that hold values."""
    changed: dict[str, Any] = {}
    for name in parts[0].columns:
        if len({part[name].dtype for part in parts}) == 1:
            continue
        held = {part[name].dtype for part in parts if part[name].notna().any()}
        if all(dtype.kind in "iuf" for dtype in held):
            changed[name] = "float64"
        elif len(held) == 1 and "b" not in {dtype.kind for dtype in held}:
            changed[name] = next(iter(held))
        else:
            changed[name] = "object"
    return [part.astype(changed) for part in parts]
