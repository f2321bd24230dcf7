"""Evidence as JSON types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from radpred.evaluate import Interval


def plain(value: Any) -> Any:
    """Return ``value`` as JSON types: what is not a finite number is None."""
    if isinstance(value, Interval):
        ends = {"value": value.value, "low": value.low, "high": value.high}
        return plain(ends | ({"note": value.note} if value.note else {}))
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
