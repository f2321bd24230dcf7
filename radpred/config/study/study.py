"""A whole study: its sections together, and the file that holds them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, field_validator, model_validator

from radpred.config._base import Settings, checked
from radpred.config._yaml import read_yaml
from radpred.config.cluster import ClusterSettings
from radpred.config.conventions import without_convention
from radpred.config.extraction import ExtractionSettings
from radpred.config.study.fusion import refuse_absent
from radpred.config.study.habitats import HabitatSettings
from radpred.config.study.learning import LearningSettings
from radpred.config.study.limits import LimitSettings
from radpred.config.study.other_outcomes import refuse_unfit
from radpred.config.study.outcome import OutcomeSettings
from radpred.config.study.perturbation import PerturbationSettings, StabilitySettings
from radpred.config.study.readers import ReaderSettings
from radpred.config.study.regions import RegionSettings
from radpred.config.study.report import ReportSettings
from radpred.config.study.segmentation import SegmentationSettings
from radpred.errors import SettingsError

RejectedCases = Literal["leave_out", "stop", "warn"]
_TABLE = re.compile(r"[A-Za-z0-9.-]+(_[A-Za-z0-9.-]+)*")
_REGION = re.compile(r"(tumour|ring|rim|control|habitats?|clinical|missing)(_|$)")
Lesions = Literal["given", "rows", "merge", "components", "largest"]


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
    readers: ReaderSettings = ReaderSettings()
    regions: RegionSettings = RegionSettings()
    habitats: HabitatSettings | None = None
    perturbation: PerturbationSettings | None = None
    stability: StabilitySettings | None = None
    tables: dict[str, Path] = Field(
        default={},
        description="Tables of other features by name, one row a case (case_id) or a patient "
        "(patient_id): embeddings, say. They enter the models beside the images.",
    )
    volume_column: str | None = Field(
        default=None,
        min_length=1,
        description="The column of one of these tables that is the tumour's volume: what models "
        "are held against where no image is measured.",
    )
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
    cases_per_shard: PositiveInt | None = Field(
        default=None,
        description="How many cases one job measures, about: 50 by default, or more, so that a "
        "cohort never comes in more than 250 shards. The first run in a folder fixes the number "
        "of shards.",
    )
    limits: LimitSettings = LimitSettings()
    device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto",
        description="What measures cases: a graphics card where one is, the CPU, or a card or "
        "nothing. No value depends on it, and no case is measured again for it.",
    )
    cluster: ClusterSettings = ClusterSettings()
    scratch: str = Field(
        default="",
        description="A folder on the machine that measures, $TMPDIR for one: scans and masks are "
        "copied there before they are read. No value depends on it.",
    )

    @field_validator("tables")
    @classmethod
    def _tables_are_no_regions(cls, tables: dict[str, Path]) -> dict[str, Path]:
        for name in tables:
            if not _TABLE.fullmatch(name) or _REGION.match(name):
                msg = (
                    f"a table cannot be called {name!r}: use letters, digits, '-', '.' and single "
                    "'_' between them, and no name of a region, such as deep"
                )
                raise ValueError(msg)
        return tables

    @model_validator(mode="after")
    def _volume_is_of_a_table(self) -> StudySettings:
        if self.volume_column is not None and not self.tables:
            msg = (
                f"volume_column is {self.volume_column!r}, a column of one of tables, and there "
                "are none; name the table, or leave volume_column out"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _modalities_are_valid(self) -> StudySettings:
        for modality in self.modalities:
            self.extraction_of(modality)
        return self

    @model_validator(mode="after")
    def _stability_has_something_to_repeat(self) -> StudySettings:
        over = None if self.stability is None else self.stability.over
        if over == "perturbations" and self.perturbation is None:
            msg = "stability over perturbations needs a section perturbation; add one"
            raise ValueError(msg)
        if over == "readers" and self.readers.consensus == "refused":
            msg = (
                "stability over readers needs readers.consensus: a study trains on one mask a "
                "case; set it to majority or staple"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _readers_draw_one_lesion(self) -> StudySettings:
        if self.readers.consensus == "refused":
            return self
        if self.segmentation.method != "given":
            msg = (
                f"readers.consensus asks for masks of readers, segmentation.method "
                f"{self.segmentation.method} makes masks of its own; keep one of the two"
            )
            raise ValueError(msg)
        if self.segmentation.redrawn_dice is not None:
            msg = (
                "segmentation.redrawn_dice draws given masks anew, and readers.consensus makes "
                "others of them; keep one of the two"
            )
            raise ValueError(msg)
        if self.lesions in ("rows", "components"):
            msg = (
                f"lesions: {self.lesions} splits masks, and parts of several readers' masks do "
                "not belong together by themselves; give each lesion rows of its own"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _groups_are_clinical(self) -> StudySettings:
        group = self.learning.conformal.group
        if group is not None and group not in self.outcome.clinical:
            msg = (
                f"learning.conformal.group is {group!r}, and outcome.clinical holds "
                f"{list(self.outcome.clinical)}; name one of these, or add it there"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _blocks_are_there(self) -> StudySettings:
        refuse_absent(self.learning.blocks, tables=self.tables, clinical=self.outcome.clinical)
        return self

    @model_validator(mode="after")
    def _covariates_are_clinical(self) -> StudySettings:
        covariates = self.learning.harmonise.covariates
        if not covariates:
            return self
        # Only here, for it loads the libraries of models.
        from radpred.model.preparation.covariates import refuse_outcome

        refuse_outcome(covariates, outcome=self.outcome.column)
        absent = [name for name in covariates if name not in self.outcome.clinical]
        if absent:
            msg = (
                f"learning.harmonise.covariates name {absent}, and outcome.clinical holds "
                f"{list(self.outcome.clinical)}; name some of these, or add them there"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _design_suits_the_rest(self) -> StudySettings:
        design = self.learning.design
        if design.kind == "bootstrap" and self.has_variants:
            msg = (
                "design bootstrap draws cases more than once, and copies have no variants; leave "
                "perturbation and stability out, or choose another design"
            )
            raise ValueError(msg)
        if design.column is not None and design.column in self.outcome.clinical:
            msg = (
                f"the column {design.column!r} deals the cases by design {design.kind}, and would "
                "enter the models as a clinical one, too; keep one of the two"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _learning_suits_the_outcome(self) -> StudySettings:
        refuse_unfit(self.outcome, self.learning)
        return self

    @property
    def has_variants(self) -> bool:
        """Tell whether cases are measured on more masks than the one that a study trains on."""
        return self.perturbation is not None or self.stability is not None

    @property
    def repeats_over(self) -> str:
        """Return what stability is judged over, or nothing where it is not judged."""
        return "" if self.stability is None else self.stability.over

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
        """Return the settings without the folders, card and queues of where they ran."""
        outcome = self.outcome.model_copy(update={"file": Path(self.outcome.file.name)})
        paths = {"cases": Path(self.cases.name), "out": Path(self.out.name), "outcome": outcome}
        paths["tables"] = {name: Path(path.name) for name, path in self.tables.items()}
        here = {"device": "auto", "cluster": ClusterSettings(), "scratch": ""}
        return self.model_copy(update={**paths, **here})


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
    return study_in(read_yaml(path), source=str(path), folder=path.resolve().parent)


def study_in(given: Any, *, source: str, folder: Path) -> StudySettings:
    """Return ``given`` as settings, their paths seen from ``folder``.

    Raises
    ------
    SettingsError
        It holds a setting that cannot be used; ``source`` says where it came from.
    """
    return _anchored(checked(StudySettings, given, source=source), folder)


def _anchored(study: StudySettings, folder: Path) -> StudySettings:
    """Return ``study`` with its paths seen from ``folder``."""
    outcome = study.outcome.model_copy(update={"file": folder / study.outcome.file})
    paths = {"cases": folder / study.cases, "out": folder / study.out, "outcome": outcome}
    paths["tables"] = {name: folder / path for name, path in study.tables.items()}
    return study.model_copy(update=paths)
