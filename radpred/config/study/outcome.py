"""What a study predicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from radpred.config._base import Settings


class OutcomeSettings(Settings):
    """What is to be predicted, and the clinical columns beside the images."""

    file: Path = Path("outcome.csv")
    by: Literal["patient", "case"] = Field(
        default="patient",
        description="Whose outcome a row is: a patient's, or a lesion's (case_id). Patients stay "
        "whole in the folds either way.",
    )
    column: str
    positive: str = Field(default="1", description="The value that counts as the event.")
    clinical: tuple[str, ...] = ()

    @field_validator("positive", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> str:
        return str(value)
