"""How well several readers agree, as a table of the report."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from radpred.report.parts.tables import Row
from radpred.report.words.numbers import NOT_AVAILABLE, number

MOST_READERS = 8  # more are told together
_CONSENSUS = "consensus"
_MEASURES = ("dice", "hd95_mm", "asd_mm", "kappa")
_QUALITIES = ("sensitivity", "specificity")  # that STAPLE alone finds


def reader_rows(agreement: pd.DataFrame | None) -> list[Row]:
    """Return how well readers agree with each other, and each of them with the consensus.

    Parameters
    ----------
    agreement : DataFrame or None
        ``first``, ``second`` and measures of agreement, one row a pair of a case; ``second`` is
        ``consensus`` where a reader is held against it.
    """
    if agreement is None or agreement.empty:
        return []
    known = agreement[list(_QUALITIES)].notna().any().any()
    measures = (*_MEASURES, *(_QUALITIES if known else ()))
    with_consensus = agreement["second"] == _CONSENSUS
    pairs, against = agreement[~with_consensus], agreement[with_consensus]
    rows = [_row("One reader and another", pairs, measures)] if len(pairs) else []
    readers = list(dict.fromkeys(against["first"]))
    if len(readers) > MOST_READERS:
        return [*rows, _row("A reader and the consensus", against, measures)]
    return [
        *rows,
        *(
            _row(f"{name} and the consensus", against[against["first"] == name], measures)
            for name in readers
        ),
    ]


def _row(name: str, pairs: pd.DataFrame, measures: Sequence[str]) -> Row:
    """Return the median of each measure, with the middle half of the pairs."""
    return Row(cells=(name, str(len(pairs)), *(_middle(pairs[m]) for m in measures)))


def _middle(values: pd.Series) -> str:
    """Return the median and the quartiles, or a dash where nothing is known."""
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    if not values.notna().any():
        return NOT_AVAILABLE
    return f"{number(middle)} ({number(low)} to {number(high)})"
