"""Numbers as a reader sees them: one way to write a value, its interval, and its absence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

NOT_AVAILABLE = "not available"
_NBSP = "\u00a0"
_MINUS = "\u2212"


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A value and the bounds of its 95 % interval; NaN where it could not be computed, and why."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    note: str = ""

    @property
    def is_known(self) -> bool:
        """Return whether there is a value at all."""
        return math.isfinite(self.value)

    @property
    def has_bounds(self) -> bool:
        """Return whether value and both bounds are there."""
        return self.is_known and math.isfinite(self.low) and math.isfinite(self.high)

    def excludes(self, reference: float) -> bool:
        """Return whether both bounds lie on the same side of ``reference``."""
        return self.has_bounds and not self.low <= reference <= self.high


def known(value: Any) -> TypeGuard[float]:
    """Return whether a number came: not None, not NaN, not text."""
    return isinstance(value, int | float) and math.isfinite(value)


def read_interval(given: Mapping[str, Any] | None) -> Interval:
    """Return an interval from ``{"value", "low", "high"}``, None or NaN where absent."""
    given = given or {}
    value, low, high = (
        float(given[key]) if known(given.get(key)) else math.nan for key in ("value", "low", "high")
    )
    return Interval(value=value, low=low, high=high, note=str(given.get("note") or ""))


def number(value: Any, *, digits: int = 2) -> str:
    """Return a number with fixed decimals and a true minus sign.

    Examples
    --------
    >>> number(0.7849)
    '0.78'
    >>> number(None)
    'not available'
    """
    if not known(value):
        return NOT_AVAILABLE
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", _MINUS)


def signed(value: Any, *, digits: int = 2) -> str:
    """Return a number that always shows its sign, as differences do."""
    text = number(value, digits=digits)
    is_positive = known(value) and float(text.replace(_MINUS, "-")) > 0
    return f"+{text}" if is_positive else text


def interval(given: Mapping[str, Any] | Interval | None, *, digits: int = 2) -> str:
    """Return a value with its interval.

    Examples
    --------
    >>> interval({"value": 0.78, "low": 0.7, "high": 0.86})
    '0.78 (0.70 to 0.86)'
    """
    ci = given if isinstance(given, Interval) else read_interval(given)
    if not ci.is_known:
        return NOT_AVAILABLE
    return f"{number(ci.value, digits=digits)} ({bounds(ci, digits=digits)})"


def bounds(ci: Interval, *, digits: int = 2) -> str:
    """Return the two bounds of an interval, or that there are none."""
    if not ci.has_bounds:
        return f"interval {NOT_AVAILABLE}"
    return f"{number(ci.low, digits=digits)} to {number(ci.high, digits=digits)}"


def share_interval(given: Mapping[str, Any] | None) -> str:
    """Return a share of 1 with its interval, in per cent."""
    ci = read_interval(given)
    if not ci.is_known:
        return NOT_AVAILABLE
    if not ci.has_bounds:
        return f"{percent(ci.value)} ({bounds(ci)})"
    return f"{percent(ci.value)} ({percent(ci.low)} to {percent(ci.high)})"


def percent(share: Any, *, digits: int = 0) -> str:
    """Return a share of 1 as per cent, the sign held to the number by a no-break space."""
    if not known(share):
        return NOT_AVAILABLE
    return f"{number(100 * share, digits=digits)}{_NBSP}%"


def counted(n: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "patient"), counted(51, "patient"), counted(2, "case of doubt", "cases of doubt")
    ('1 patient', '51 patients', '2 cases of doubt')
    """
    noun = singular if n == 1 else plural or f"{singular}s"
    return f"{grouped(n)} {noun}"


def grouped(n: int) -> str:
    """Return a whole number with its thousands set apart.

    Examples
    --------
    >>> grouped(1284)
    '1,284'
    """
    return f"{n:,}"


def listed(words: list[str]) -> str:
    """Return words joined as a sentence joins them.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
