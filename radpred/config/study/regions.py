"""Which regions are measured."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat, PositiveFloat, model_validator

from radpred.config._base import Settings


def _in_order(window: tuple[float, float]) -> tuple[float, float]:
    """Return a window whose ends are in order; NaN is none."""
    if not window[0] < window[1]:
        msg = f"a window from {window[0]:g} to {window[1]:g}; wanted the lower end first"
        raise ValueError(msg)
    return window


Window = Annotated[tuple[float, float], AfterValidator(_in_order)]


class RegionSettings(Settings):
    """Which regions are measured: the tumour, shells around and inside it, and controls."""

    rings_mm: tuple[PositiveFloat, ...] = Field(
        default=(), description="Outer distances of peritumoral rings from the surface, in mm."
    )
    rings: Literal["cumulative", "disjoint"] = Field(
        default="cumulative",
        description="Whether rings, and rims, begin at the surface or where the one before ends.",
    )
    tumour_with_ring: bool = Field(
        default=False,
        description="Measure the tumour together with what lies within each of rings_mm, too.",
    )
    rim_mm: tuple[PositiveFloat, ...] = Field(
        default=(), description="Depths of inner rims below the surface, in mm."
    )
    core: bool = Field(
        default=False, description="Measure what the deepest rim leaves of the tumour, too."
    )
    controls: tuple[Literal["mirrored", "distant"], ...] = Field(
        default=(),
        description="The shape of the tumour elsewhere: on the other side of the organ (or of the "
        "image), or at the nearest place that is clear of lesions.",
    )
    control_distance_mm: NonNegativeFloat = Field(
        default=10.0, description="How far controls stay from every lesion, in mm."
    )
    window: Window | dict[str, Window] | None = Field(
        default=None,
        description="Lowest and highest intensity of what rings and controls may hold, in the unit "
        "of the scan, so that air and bone leave them; or a window for each image column by name. "
        "The tumour is never cut.",
    )

    @model_validator(mode="after")
    def _parts_have_a_whole(self) -> RegionSettings:
        if self.tumour_with_ring and not self.rings_mm:
            msg = "tumour_with_ring needs rings_mm; say how far out"
            raise ValueError(msg)
        if self.core and not self.rim_mm:
            msg = "core needs rim_mm; say how deep the rim is"
            raise ValueError(msg)
        return self

    @property
    def has_surroundings(self) -> bool:
        """Tell whether any region lies outside the tumour, so that its organ matters."""
        return bool(self.rings_mm or self.controls)

    def window_of(self, modality: str) -> tuple[float, float] | None:
        """Return the intensity window of one image column (``pet`` of ``image_pet``)."""
        return self.window.get(modality) if isinstance(self.window, dict) else self.window
