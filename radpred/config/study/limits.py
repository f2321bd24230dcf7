"""What one case may take before it is given up, so that it takes no other with it."""

from __future__ import annotations

from pydantic import Field, PositiveFloat, PositiveInt

from radpred.config._base import Settings


class LimitSettings(Settings):
    """Limits of one case in one step; no value depends on them, and none is measured again."""

    seconds_per_case: PositiveFloat = Field(
        default=3600.0,
        description="A case that takes longer in a step (segment, extract, perturb) is ended, and "
        "rejected as timed_out.",
    )
    memory_mb_per_case: PositiveInt | None = Field(
        default=None,
        description="A case whose process holds more is ended, and rejected as out_of_memory. By "
        "default it may hold what the job, or else the machine, has. Watched on Linux alone.",
    )
