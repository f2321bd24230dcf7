"""Who is learnt from and who is tested, and where one would act."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from radpred.config._base import Settings

DesignKind = Literal["folds", "sites", "patients", "bootstrap", "date", "external"]
_OF_KIND = {
    "date": ("date_column", "cut", "share"),
    "external": ("external_column", "external_value"),
    "bootstrap": ("draws",),
}
DRAWS_A_JOB = 20


class DesignSettings(Settings):
    """Who is learnt from and who is tested; patients stay whole in all of them."""

    kind: DesignKind = Field(
        default="folds",
        description="Folds drawn anew; each site in turn; each patient in turn; bootstrap draws of "
        "patients, for .632+; later patients by those before them; or a set that is set apart.",
    )
    date_column: str | None = Field(
        default=None, min_length=1, description="With date: a column of the outcome file."
    )
    cut: str | None = Field(
        default=None,
        description="With date: the first day that is tested, as 2020-03-01; found from share "
        "without it.",
    )
    share: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.7, description="With date: about what share of the patients to learn from."
    )
    external_column: str | None = Field(
        default=None, min_length=1, description="With external: a column of the outcome file."
    )
    external_value: str = Field(
        default="1", description="With external: what stands there for cases to be tested."
    )
    draws: Annotated[int, Field(ge=20)] = Field(
        default=100, description="With bootstrap: how many draws; 100 or more to rely on."
    )

    @field_validator("cut", "external_value", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        """YAML reads 1 as a number, and 2020-03-01 as a day."""
        return value if value is None else str(value)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> DesignSettings:
        wanted = {"date": "date_column", "external": "external_column"}.get(self.kind)
        if wanted is not None and getattr(self, wanted) is None:
            msg = f"design {self.kind} needs {wanted}, a column of the outcome file; name it"
            raise ValueError(msg)
        own = _OF_KIND.get(self.kind, ())
        foreign = [name for names in _OF_KIND.values() for name in names if name not in own]
        idle = sorted(self.model_fields_set.intersection(foreign))
        if idle and any(getattr(self, n) != type(self).model_fields[n].default for n in idle):
            msg = f"design {self.kind} takes no {', '.join(idle)}; leave them out, or change kind"
            raise ValueError(msg)
        return self

    @property
    def column(self) -> str | None:
        """Return the column of the outcome file that deals the cases, if any does."""
        return self.date_column if self.kind == "date" else self.external_column

    def repeats(self, of_folds: int) -> int:
        """Return in how many parts the work comes: repeats of folds, jobs of draws, or one."""
        if self.kind == "bootstrap":
            return -(-self.draws // DRAWS_A_JOB)
        return of_folds if self.kind == "folds" else 1


class OperatingSettings(Settings):
    """What a threshold on the risk must reach: chosen on some folds, judged on the others."""

    sensitivity: Annotated[float | None, Field(gt=0, le=1)] = None
    specificity: Annotated[float | None, Field(gt=0, le=1)] = None
    ppv: Annotated[float | None, Field(gt=0, le=1)] = None
    npv: Annotated[float | None, Field(gt=0, le=1)] = None
    harm_odds: Annotated[float | None, Field(gt=0)] = Field(
        default=None, description="How many needless actions weigh as much as one missed event."
    )

    @property
    def needs(self) -> dict[str, float]:
        """Return what is wanted, by its name."""
        return {name: wanted for name, wanted in self.model_dump().items() if wanted is not None}
