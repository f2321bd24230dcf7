"""The values that parameters may take: axes, each on its own, and the spaces that they span."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from radpred.errors import SettingsError

Params: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One of some values.

    Attributes
    ----------
    values : tuple
        Plain values, the simplest first.
    """

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.values:
            msg = "an axis without values came; give at least one value, or leave the axis out"
            raise SettingsError(msg)


@dataclass(frozen=True)
class Real:
    """A number between two others.

    Attributes
    ----------
    low, high : float
        The ends, which may be taken.
    log : bool
        Whether equal ratios are as likely as each other, rather than equal differences.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        _check_ends(self)


@dataclass(frozen=True)
class Whole:
    """A whole number between two others.

    Attributes
    ----------
    low, high : int
        The ends, which may be taken.
    log : bool
        As in `Real`.
    """

    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        _check_ends(self)


Axis: TypeAlias = Choice | Real | Whole
Space: TypeAlias = Mapping[str, Axis]


def choices(grid: Mapping[str, Sequence[Any]]) -> dict[str, Axis]:
    """Return the space of the points of a grid: from each name, the values it may take."""
    return {name: Choice(tuple(values)) for name, values in grid.items()}


def n_points(space: Space) -> int | None:
    """Return how many points a space has, or nothing where an axis is a range."""
    count = 1
    for axis in space.values():
        if not isinstance(axis, Choice):
            return None
        count *= len(axis.values)
    return count


def _check_ends(axis: Real | Whole) -> None:
    """Raise where the ends of a range are not a range."""
    if axis.low > axis.high or (axis.log and axis.low <= 0):
        msg = f"{axis}: low must not be above high, and above 0 on a log axis; change the ends"
        raise SettingsError(msg)
