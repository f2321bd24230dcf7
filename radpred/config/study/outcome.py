"""What a study predicts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from radpred.cohort.outcomes import EndPoint, Policy, Uncertain
from radpred.config._base import Settings
from radpred.errors import SettingsError

Kind = Literal["binary", "multiclass", "continuous"]
_ORDINAL = (
    "kind: ordinal is not built: no model here knows that classes have an order; choose "
    "multiclass, which treats them as if they had none, continuous, which takes grades as numbers "
    "with equal steps, or merge them into two by 'merge' and predict whether a grade is reached"
)


class UncertainSettings(Settings):
    """Values of the outcome of which nobody is sure, and what they count as."""

    values: tuple[str, ...] = Field(
        min_length=1, description="As the file spells them; such as unknown, ? or 3."
    )
    policy: Policy = Field(
        default="drop",
        description="drop: the case is left out; zero, one: it counts as without, or with, the "
        "event; soft: it is learnt from as both, by its probability, and judges no model.",
    )
    probability: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(
        default={}, description="With soft: the probability of the event of a value; else 0.5."
    )
    column: str = Field(
        default="", description="With soft: a column of the outcome's file with the probability."
    )

    @field_validator("values", mode="before")
    @classmethod
    def _as_written(cls, given: Any) -> Any:
        return _texts(given)


class OutcomeSettings(Settings):
    """What is to be predicted, and the clinical columns beside the images."""

    file: Path = Path("outcome.csv")
    by: Literal["patient", "case"] = Field(
        default="patient",
        description="Whose outcome a row is: a patient's, or a lesion's (case_id). Patients stay "
        "whole in the folds either way.",
    )
    column: str
    kind: Kind = Field(
        default="binary",
        description="Two values, of which one is the event; more classes; or a number.",
    )
    positive: str = Field(default="1", description="The value that counts as the event.")
    classes: tuple[str, ...] = Field(
        default=(),
        description="With multiclass: the classes in their order; cases with another value are "
        "left out. Without it all values, in numerical or alphabetical order.",
    )
    merge: dict[str, tuple[str, ...]] = Field(
        default={}, description="Classes that are made of several values, such as high: [4, 5]."
    )
    unit: str = Field(default="", description="With continuous: the unit of the number.")
    uncertain: UncertainSettings | None = Field(
        default=None, description="Values of which nobody is sure, and what they count as."
    )
    clinical: tuple[str, ...] = ()

    @field_validator("kind", mode="before")
    @classmethod
    def _not_ordinal(cls, value: Any) -> Any:
        if value == "ordinal":
            raise ValueError(_ORDINAL)
        return value

    @field_validator("positive", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> str:
        return str(value)

    @field_validator("classes", mode="before")
    @classmethod
    def _classes_as_written(cls, value: Any) -> Any:
        return _texts(value)

    @field_validator("merge", mode="before")
    @classmethod
    def _merged_as_written(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {str(name): _texts(values) for name, values in value.items()}

    @model_validator(mode="after")
    def _goes_together(self) -> OutcomeSettings:
        try:
            self.end_point  # noqa: B018 - making it checks it
        except SettingsError as error:
            raise ValueError(str(error)) from error
        if self.kind != "binary" and self.positive != "1":
            msg = (
                f"positive is {self.positive!r}, the event of a binary outcome, and kind is "
                f"{self.kind}; leave positive out"
            )
            raise ValueError(msg)
        return self

    @property
    def end_point(self) -> EndPoint:
        """Return how the values of the outcome are read."""
        given = self.uncertain
        uncertain = None
        if given is not None:
            uncertain = Uncertain(
                values=given.values,
                policy=given.policy,
                probability=given.probability,
                column=given.column,
            )
        return EndPoint(
            kind=self.kind,
            classes=self.classes,
            merge=self.merge,
            unit=self.unit,
            uncertain=uncertain,
        )


def _texts(given: Any) -> Any:
    """Return each of several values as text, as the file spells it."""
    if isinstance(given, list | tuple):
        return tuple(str(value) for value in given)
    return given
