"""Settings of a study: what `radpred init` writes and `radpred run` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from radpred.config._base import Settings, checked
from radpred.config._yaml import read_yaml
from radpred.config.conventions import without_convention
from radpred.config.extraction import ExtractionSettings
from radpred.errors import SettingsError

ModelName = Literal["elastic_net", "svm", "random_forest", "xgboost"]
RejectedCases = Literal["leave_out", "stop", "warn"]
Lesions = Literal["given", "rows", "merge", "components", "largest"]
PRESETS = {"quick": 1, "standard": 5, "paper": 20}


class OutcomeSettings(Settings):
    """What is to be predicted, and the clinical columns beside the images."""

    file: Path = Path("outcome.csv")
    column: str
    positive: str = Field(default="1", description="The value that counts as the event.")
    clinical: tuple[str, ...] = ()

    @field_validator("positive", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> str:
        return str(value)


class SegmentationSettings(Settings):
    """Where masks come from: given, or made inside each case's box."""

    method: Literal["given", "otsu", "fcm", "gmm", "knn"] = "given"


class RegionSettings(Settings):
    """Which regions are measured: the tumour, and shells around it."""

    rings_mm: tuple[PositiveFloat, ...] = Field(
        default=(), description="Outer distances of peritumoral rings from the surface, in mm."
    )
    rings: Literal["cumulative", "disjoint"] = "cumulative"


class LearningSettings(Settings):
    """How models are fitted and judged; everything happens inside folds by patient."""

    models: tuple[ModelName, ...] = ("elastic_net", "svm", "random_forest", "xgboost")
    preset: Literal["quick", "standard", "paper"] = "standard"
    repeats: PositiveInt | None = Field(default=None, description="Overrides the preset's.")
    outer_folds: Annotated[int, Field(ge=2)] = 5
    inner_folds: Annotated[int, Field(ge=2)] = 5
    seed: Annotated[int, Field(ge=0)] = 0
    correlation_limit: Annotated[float, Field(gt=0, le=1)] = 0.9
    n_features: tuple[PositiveInt, ...] = (5, 10, 20)
    confidence_levels: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.8, 0.9, 0.95)
    bootstrap_draws: Annotated[int, Field(ge=100)] = 1000

    @property
    def n_repeats(self) -> int:
        """Return how often the outer folds are drawn anew."""
        return self.repeats or PRESETS[self.preset]


class ReportSettings(Settings):
    """How the report looks; nothing here changes a number."""

    accent: str = "#0f5c7a"
    threshold_range: tuple[float, float] = (0.05, 0.8)
    n_waterfalls: PositiveInt = 12


class StudySettings(Settings):
    """A whole study; paths are relative to the study file."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    title: str = ""
    cases: Path = Path("cases.csv")
    out: Path = Path("results")
    outcome: OutcomeSettings
    segmentation: SegmentationSettings = SegmentationSettings()
    lesions: Lesions = Field(
        default="given",
        description="What a mask of several lesions is: refused unless mask_label names one; a row "
        "for each label, or for each connected part; all of it as one; or its largest part.",
    )
    regions: RegionSettings = RegionSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    modalities: dict[str, dict[str, Any]] = Field(
        default={}, description="Extraction settings that differ for one image column."
    )
    learning: LearningSettings = LearningSettings()
    report: ReportSettings = ReportSettings()
    rejected_cases: RejectedCases = Field(
        default="leave_out",
        description="What a rejected case does: the cohort goes on without it, and fails if none "
        "is left; `check` and `run` stop before any work; or `check` never fails for cases.",
    )
    cases_per_shard: PositiveInt = 50
    device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto",
        description="What measures cases: a graphics card where one is, the CPU, or a card or "
        "nothing. No value depends on it, and no case is measured again for it.",
    )

    @model_validator(mode="after")
    def _modalities_are_valid(self) -> StudySettings:
        for modality in self.modalities:
            self.extraction_of(modality)
        return self

    def extraction_of(self, modality: str) -> ExtractionSettings:
        """Return the extraction settings of one image column (``pet`` of ``image_pet``)."""
        changed = dict(self.modalities.get(modality, {}))
        if not changed:
            return self.extraction
        base = self.extraction.model_dump()
        if "convention" in changed:
            base = without_convention(base)
        if "bin_count" in changed:
            base["bin_width"] = None
        elif "bin_width" in changed:
            base["bin_count"] = None
        return checked(ExtractionSettings, {**base, **changed}, source=f"modalities.{modality}")

    def portable(self) -> StudySettings:
        """Return the settings without the folders, and the card, of the machine they ran on."""
        outcome = self.outcome.model_copy(update={"file": Path(self.outcome.file.name)})
        paths = {"cases": Path(self.cases.name), "out": Path(self.out.name), "outcome": outcome}
        return self.model_copy(update={**paths, "device": "auto"})


def read_study(path: str | Path) -> StudySettings:
    """Return the settings in a study file, its paths made absolute.

    Raises
    ------
    SettingsError
        The file is missing, is not YAML, or holds a setting that cannot be used.
    """
    path = Path(path)
    if not path.is_file():
        msg = f"{path}: no such study file; `radpred init` writes one"
        raise SettingsError(msg)
    study = checked(StudySettings, read_yaml(path), source=str(path))
    return _anchored(study, path.resolve().parent)


def _anchored(study: StudySettings, folder: Path) -> StudySettings:
    """Return ``study`` with its paths seen from ``folder``."""
    outcome = study.outcome.model_copy(update={"file": folder / study.outcome.file})
    paths = {"cases": folder / study.cases, "out": folder / study.out, "outcome": outcome}
    return study.model_copy(update=paths)
