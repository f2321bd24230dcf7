"""How masks may be wrong, and which features bear it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt, model_validator

from radpred.config._base import Settings

# What draws a case anew; one of them at least must be set.
MOVES = ("translation_mm", "rotation_degrees", "growth_mm", "contour", "noise", "wanted_dice")


class PerturbationSettings(Settings):
    """How each case is drawn anew; seeded by its id, so that its company changes nothing."""

    variants: PositiveInt = Field(
        default=10, description="How often each case is drawn anew, beside as it was given."
    )
    translation_mm: NonNegativeFloat = 0.0
    rotation_degrees: NonNegativeFloat = 0.0
    growth_mm: NonNegativeFloat = 0.0
    contour: bool = False
    noise: NonNegativeFloat = 0.0
    wanted_dice: Annotated[float, Field(gt=0, lt=1)] | None = None
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _something_moves(self) -> PerturbationSettings:
        if not any(getattr(self, name) for name in MOVES):
            msg = f"nothing moves, so that all variants are equal; set one of {', '.join(MOVES)}"
            raise ValueError(msg)
        beside = [n for n in MOVES[:4] if self.wanted_dice is not None and getattr(self, n)]
        if beside:
            msg = f"wanted_dice stands alone; take it out, or {', '.join(beside)}"
            raise ValueError(msg)
        return self


class StabilitySettings(Settings):
    """Which features a model may see: those that repeat; judged inside folds."""

    over: Literal["perturbations", "readers", "retest"] = Field(
        default="perturbations",
        description="What repeats a measurement: masks drawn anew, the masks of several readers, "
        "or second scans, which are rows of the cases file with the column retest_of.",
    )
    statistic: Literal["icc_1_1", "icc_2_1", "icc_3_1", "pearson", "concordance"] = "icc_2_1"
    minimum: Annotated[float, Field(ge=-1, le=1)] = 0.75
    bound: Literal["estimate", "lower"] = Field(
        default="estimate", description="What must reach the minimum: lower is of a 95 % interval."
    )
