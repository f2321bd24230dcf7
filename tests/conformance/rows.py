"""One published value, and what radpred makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Status = Literal["pass", "fail", "untested", "not standardised"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A published value beside radpred's.

    Parameters
    ----------
    source : str
        Who published it.
    part : str
        Of which configuration, filter or case.
    group : str
        The family of features, or the kind of filter.
    tag : str
        Its name there; with source and part it names the row.
    convention : str
        Whose values radpred was set to.
    status : str
        ``pass``, ``fail``; ``untested`` where radpred has no such value; ``not standardised`` where
        none was agreed on.
    note : str
        How far off it is, or why there is none.
    """

    source: str
    part: str
    group: str
    tag: str
    convention: str
    status: Status
    note: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what names the row."""
        return self.source, self.part, self.tag, self.convention


def judged(found: float | None, value: str, tolerance: str) -> tuple[Status, str]:
    """Return whether a value is within tolerance of a published one, and how far off it is.

    Published values have three digits: half of the last is allowed beside the tolerance.
    """
    if not value:
        return "not standardised", ""
    if found is None:
        return "untested", "radpred has no such value"
    wanted = float(value)
    rounding = 10.0 ** (math.floor(math.log10(abs(wanted))) - 2) / 2 if wanted else 0.0
    allowed = (float(tolerance or 0) + rounding) * (1 + 1e-9)
    is_near = abs(found - wanted) <= allowed
    return ("pass", "") if is_near else ("fail", f"{found:.4g}, not {wanted:g} within {tolerance}")
