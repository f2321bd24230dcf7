"""Arithmetic on answers: times and ratios of rows, how well values agree, how costs grow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from benchmarks.plan import COUNTERPART, Cell
from benchmarks.store import Answers

TOLERANCE = 1e-6
Row = tuple[str, bool, int | None]  # case, filters, bin width


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Processor seconds of a call.

    Parameters
    ----------
    seconds : float
        The median of warm calls.
    is_first : bool
        It is of the first call: that one alone took the time that a cell is given.
    is_bound : bool
        The call was stopped after so long.
    """

    seconds: float
    is_first: bool = False
    is_bound: bool = False


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A row measured by radpred and by a peer."""

    row: Row
    ours: Taken
    theirs: Taken

    @property
    def ratio(self) -> float:
        """Return how many times as long the peer takes; at least, where it was stopped."""
        return self.theirs.seconds / self.ours.seconds


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far radpred's values lie from a peer's.

    Parameters
    ----------
    n : int
        Values that the peer has, and radpred should have.
    n_beyond : int
        Of these, those that differ by more than the tolerance, relative to the peer's, or that
        only one of the two has.
    worst : float
        The largest relative difference; infinite where only one has a value.
    worst_name : str
        Where it is.
    """

    n: int
    n_beyond: int
    worst: float
    worst_name: str


def taken(answer: Mapping[str, Any]) -> Taken | None:
    """Return the processor time of a cell, or None where it has none."""
    if "over_s" in answer:
        return Taken(seconds=answer["over_s"], is_bound=True)
    if "first" not in answer:
        return None
    calls = answer.get("calls")
    if calls:
        return Taken(seconds=median(call["cpu_s"] for call in calls))
    return Taken(seconds=answer["first"]["cpu_s"], is_first=True)


def comparisons(
    answers: Answers, peer: str, rows: Sequence[Row], *, kind: str = "warm"
) -> list[Comparison]:
    """Return the rows that both a peer and its counterpart have measured, in order."""
    found = []
    for row in rows:
        cell = cell_of(row, peer, kind)
        theirs = taken(answers.of(cell))
        ours = taken(answers.of(replace(cell, engine=COUNTERPART[peer])))
        if ours and theirs and not ours.is_bound:
            found.append(Comparison(row=row, ours=ours, theirs=theirs))
    return found


def cell_of(row: Row, engine: str, kind: str = "warm") -> Cell:
    """Return the cell of an engine in a row."""
    case, filters, bin_width = row
    return Cell(kind=kind, engine=engine, case=case, filters=filters, bin_width=bin_width)


def agreement(
    ours: Mapping[str, float], theirs: Mapping[str, float], *, tolerance: float = TOLERANCE
) -> Agreement:
    """Compare values by name; what only one has counts as differing without end."""
    apart = {name: _apart(ours.get(name, math.nan), value) for name, value in theirs.items()}
    worst_name = max(apart, key=lambda name: apart[name], default="")
    return Agreement(
        n=len(apart),
        n_beyond=sum(difference > tolerance for difference in apart.values()),
        worst=apart.get(worst_name, 0.0),
        worst_name=worst_name,
    )


def _apart(ours: float, theirs: float) -> float:
    """Return how far two values are apart, relative to the second."""
    if ours == theirs or (math.isnan(ours) and math.isnan(theirs)):
        return 0.0
    if not (math.isfinite(ours) and math.isfinite(theirs)) or theirs == 0:
        return math.inf
    return abs(ours - theirs) / abs(theirs)


def growth(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the exponent with which cost grows, by least squares on logarithms; 1 is linear.

    Examples
    --------
    >>> round(growth([10, 100, 1000], [2, 20, 200]), 6)
    1.0
    """
    x, y = ([math.log(value) for value in values] for values in (sizes, seconds))
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    shared = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    return shared / sum((a - middle_x) ** 2 for a in x)
