"""Sub-regions of a tumour that look alike."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, field_validator

from radpred.config._base import Settings

# The settings of habitats that bags depend on; the others are those of learning.
BAGGING = ("maps", "supervoxels", "most_voxels")


class HabitatSettings(Settings):
    """Sub-regions found by clustering what voxels look like; learnt inside folds only."""

    method: Literal["kmeans", "gmm"] = "kmeans"
    n: Annotated[int, Field(ge=2, le=10)] = 3
    maps: tuple[str, ...] = Field(
        default=("original",),
        min_length=1,
        description="What voxels are described by: the scan (original) and responses of filters "
        "that the extraction makes, by name. Habitats are numbered by the first.",
    )
    scaling: Literal["cohort", "case"] = Field(
        default="cohort",
        description="Maps on one scale for all, or each tumour's voxels by their own mean and "
        "standard deviation, where intensities have no unit.",
    )
    supervoxels: PositiveInt | None = Field(
        default=None, description="About so many supervoxels of a tumour instead of its voxels."
    )
    most_voxels: PositiveInt = Field(
        default=2000, description="A tumour of more voxels is cut into so many supervoxels."
    )
    seed: Annotated[int, Field(ge=0)] = 0

    @field_validator("maps")
    @classmethod
    def _maps_differ(cls, maps: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(maps)) < len(maps):
            msg = f"{', '.join(maps)}: a map is named twice; name it once"
            raise ValueError(msg)
        return maps
