"""What a table is worth before any model: gaps, constants and infinities, column by column."""

from __future__ import annotations

import numpy as np
import pandas as pd


def quality(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each column of ``frame``, in order, indexed by ``column``.

    Returns
    -------
    DataFrame
        ``n_missing`` and ``missing_share`` of all rows; ``n_infinite``; ``n_distinct`` values
        and ``distinct_share`` of the rows that hold one; ``largest_share``: the share of those
        rows that hold the most frequent value; ``is_constant``: fewer than two distinct values.
        A share of no rows is NaN.

    Examples
    --------
    >>> int(quality(pd.DataFrame({"a": [1.0, 1.0, None]})).loc["a", "n_missing"])
    1
    """
    rows = [_of_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    index = pd.Index([str(name) for name in frame.columns], name="column", dtype=str)
    return pd.DataFrame(rows, index=index, columns=list(_TYPES)).astype(_TYPES)


_TYPES = {
    "n_missing": int,
    "missing_share": float,
    "n_infinite": int,
    "n_distinct": int,
    "distinct_share": float,
    "largest_share": float,
    "is_constant": bool,
}


def _of_column(values: pd.Series) -> dict[str, float]:
    """Return the counts and shares of one column."""
    held = values.dropna()
    counts = held.value_counts()
    is_float = pd.api.types.is_float_dtype(held)
    n_missing = len(values) - len(held)
    return {
        "n_missing": n_missing,
        "missing_share": _share(n_missing, len(values)),
        "n_infinite": int(np.isinf(held.to_numpy(dtype=float)).sum()) if is_float else 0,
        "n_distinct": len(counts),
        "distinct_share": _share(len(counts), len(held)),
        "largest_share": _share(int(counts.max()) if len(counts) else 0, len(held)),
        "is_constant": len(counts) < 2,
    }


def _share(part: int, whole: int) -> float:
    """Return ``part`` of ``whole``, NaN of nothing."""
    return part / whole if whole else float("nan")
