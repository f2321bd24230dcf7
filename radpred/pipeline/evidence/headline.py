"""What is read out of the evidence first, where there is much of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

PREFERRED_LEVEL = 0.9


def headline_level(conformal: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the level that the report speaks of: 90 % where it was asked for, else the nearest."""
    levels = sorted({row["level"] for row in conformal})
    return min(levels, key=lambda level: abs(level - PREFERRED_LEVEL), default=None)


def shown_threshold(
    study: Mapping[str, Any], *, threshold_range: tuple[float, float]
) -> float | None:
    """Return the threshold that is read out: the share of events, held inside the range."""
    n_cases, n_events = study.get("n_cases"), study.get("n_events")
    if not n_cases or n_events is None:
        return None
    return float(np.clip(n_events / n_cases, *threshold_range))
