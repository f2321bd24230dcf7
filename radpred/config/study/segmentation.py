"""Where masks come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from radpred.config._base import Settings


class SegmentationSettings(Settings):
    """Where masks come from: given, or made from each case's box, point or extreme points."""

    method: Literal["given", "otsu", "fcm", "gmm", "knn", "random_walker", "ellipsoid"] = "given"
    box_margin: NonNegativeFloat = Field(
        default=0.2,
        description="How much larger than its lesion a box is drawn at each end, as a part of the "
        "lesion's length: 0 is a box that touches it.",
    )
    largest_mm: PositiveFloat = Field(
        default=60.0, description="How long a lesion can be that only a point marks."
    )
    largest_part: bool = Field(
        default=True,
        description="Keep of what was found the connected part that holds most of the prompt's "
        "middle; done first.",
    )
    fill_holes: bool = Field(default=True, description="Add what the lesion encloses; done second.")
    smooth_mm: NonNegativeFloat = Field(
        default=0.0,
        description="Round the surface by a Gaussian of this standard deviation; done last, and "
        "with largest_part one part is kept again.",
    )
    redrawn_dice: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="Given masks are drawn anew once, as unlike as this: what do worse masks cost?",
    )

    @model_validator(mode="after")
    def _only_given_masks_are_redrawn(self) -> SegmentationSettings:
        if self.redrawn_dice is not None and self.method != "given":
            msg = (
                f"redrawn_dice draws given masks anew, and method {self.method} makes masks of its "
                "own; keep one of the two"
            )
            raise ValueError(msg)
        return self
