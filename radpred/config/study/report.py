"""How a report looks."""

from __future__ import annotations

from pydantic import PositiveInt

from radpred.config._base import Settings


class ReportSettings(Settings):
    """How the report looks; nothing here changes a number."""

    accent: str = "#0f5c7a"
    threshold_range: tuple[float, float] = (0.05, 0.8)
    n_waterfalls: PositiveInt = 12
