"""What several readers' masks of one lesion become."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from radpred.config._base import Settings


class ReaderSettings(Settings):
    """What rows of the cases file that differ in the column ``reader`` become."""

    consensus: Literal["refused", "staple", "majority"] = Field(
        default="refused",
        description="What masks of one lesion by several readers become: a rejected case, the "
        "voxels that most readers marked, or those that STAPLE finds likelier than not.",
    )
    ties: Literal["background", "foreground"] = Field(
        default="background",
        description="With majority: what a voxel becomes that exactly half of the readers marked.",
    )
