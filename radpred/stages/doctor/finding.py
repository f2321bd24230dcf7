"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "note", "problem"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at: how it stands, what was found, and what to do."""

    topic: str
    verdict: Verdict = "ok"
    found: str
    todo: str = ""
