"""Every verdict before any work: tables and headers first, then each scan with its mask."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from radpred.cohort import Case, Verdict, refuse_any, to_frame
from radpred.config import StudySettings, read_study
from radpred.errors import RadpredWarning
from radpred.pipeline.measuring.look import Scene, header_notes, scenes, scenes_regardless
from radpred.stages.inputs.at_hand import at_hand, is_far
from radpred.stages.inputs.lesions import SPLIT
from radpred.stages.prepare import judge
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import write_bytes

if TYPE_CHECKING:
    from radpred.report.check import Picture

STAGE = "check"
PAGE = "check.html"
HEADERS, SCANS = "headers", "scans"

_MANY_PICTURES, _FEW_PIXELS, _PIXELS = 1000, 128, 200
_RULES = {
    "leave_out": "Rejected cases are left out, and the cohort goes on without them.",
    "stop": "This study stops at a rejected case: correct it, or take it out of the table.",
    "warn": "Rejected cases are left out, and the cohort goes on without them.",
}


@dataclass(frozen=True)
class Looked:
    """How far a check is: the pass, cases looked at and of all, and those rejected so far."""

    step: str
    done: int
    total: int
    n_rejected: int


Told = Callable[[Looked], None]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What became of every row of a study before any work.

    Parameters
    ----------
    study : StudySettings
        What was checked.
    verdicts : DataFrame
        One row a verdict, as of `radpred.cohort.to_frame`: at least one for every row of the table.
    pictures : dict of str to tuple of Picture
        Of every case that could be seen, by ``case_id``.
    is_fast : bool
        Whether only tables and headers were read.
    """

    study: StudySettings
    verdicts: pd.DataFrame
    pictures: dict[str, tuple[Picture, ...]] = field(default_factory=dict)
    is_fast: bool = False

    @property
    def n_rejected(self) -> int:
        """Return how many rows are rejected."""
        return int((self.verdicts["status"] == "rejected").sum())

    @property
    def is_usable(self) -> bool:
        """Tell whether any case is left."""
        of_cases = self.verdicts["case_id"] != ""
        return bool((of_cases & (self.verdicts["status"] != "rejected")).any())

    @property
    def exit_status(self) -> int:
        """Return 1 where the study's ``rejected_cases`` ends it here, else 0."""
        policy = self.study.rejected_cases
        if policy == "warn":
            return 0
        if policy == "stop" and self.n_rejected:
            return 1
        return 0 if self.is_usable else 1


def check(
    study_file: Path,
    *,
    is_fast: bool = False,
    has_pictures: bool = False,
    told: Told | None = None,
) -> Checked:
    """Return a verdict for every row of a study; nothing is measured.

    Tables and headers are read for all cases first. Only then are scans opened.

    Parameters
    ----------
    study_file : Path
        The study's YAML file.
    is_fast : bool
        Whether to end after tables and headers.
    has_pictures : bool
        Whether to picture each case.
    told : callable, optional
        Called after each case of either pass, `HEADERS` and `SCANS`, with how far it is.

    Raises
    ------
    InputError
        A table is missing, or cannot be used at all.
    SettingsError
        The study file cannot be used.
    """
    study = read_study(study_file)
    told = told or (lambda _: None)
    by_row = study.model_copy(update={"lesions": "given"}) if study.lesions in SPLIT else study
    cases, verdicts = judge(by_row)
    looked = _headers(cases, study, told)
    if is_fast:
        return Checked(study=study, verdicts=_joined(verdicts, looked), is_fast=True)
    if by_row is not study:  # a row may be several lesions, which masks alone tell
        cases, verdicts = judge(study)
    looked, pictures = _scans(cases, study, looked, told, has_pictures=has_pictures)
    return Checked(study=study, verdicts=_joined(verdicts, looked), pictures=pictures)


def refuse_rejected(study_file: Path, *, told: Told | None = None) -> None:
    """Check a study that is to stop at rejected cases, before any work; others go on as they are.

    Raises
    ------
    RejectedError
        ``rejected_cases``.
    """
    if read_study(study_file).rejected_cases == "stop":
        refuse_any(check(study_file, told=told).verdicts)


def write_page(checked: Checked, path: Path | None = None) -> Path:
    """Write what was checked as one HTML page, by default into the study's results; return where.

    Raises
    ------
    OSError
        The page cannot be written.
    """
    from radpred.report.check import check_page  # who only runs a study draws nothing

    study = checked.study
    path = path or study.out / PAGE
    page = check_page(
        checked.verdicts,
        pictures=checked.pictures,
        title=study.title or study.name,
        table=study.cases.name,
        rule=_RULES[study.rejected_cases],
        is_fast=checked.is_fast,
    )
    write_bytes(path, page.encode())
    return path


def _headers(cases: Sequence[Case], study: StudySettings, told: Told) -> dict[str, Verdict]:
    """Return what the headers of each case tell."""
    looked: dict[str, Verdict] = {}
    n_rejected = 0
    for count, case in enumerate(cases, start=1):
        # To read a header of an object is to fetch all of it: the second pass does so once.
        header = partial(header_notes, case, study)
        notes: Verdict | tuple[str, ...] = ()
        if not is_far(case):
            notes = attempt(case, header, stage=STAGE)
        looked[case.case_id] = _verdict(case, notes)
        n_rejected += looked[case.case_id].status == "rejected"
        told(Looked(HEADERS, count, len(cases), n_rejected))
    return looked


def _scans(
    cases: Sequence[Case],
    study: StudySettings,
    before: Mapping[str, Verdict],
    told: Told,
    *,
    has_pictures: bool,
) -> tuple[dict[str, Verdict], dict[str, tuple[Picture, ...]]]:
    """Return the verdict on each case with its scans opened, and pictures of it."""
    n_pictures = sum(len(case.images) for case in cases)
    n_view = _FEW_PIXELS if n_pictures > _MANY_PICTURES else _PIXELS
    looked: dict[str, Verdict] = {}
    pictures: dict[str, tuple[Picture, ...]] = {}
    n_rejected = 0
    for count, case in enumerate(cases, start=1):
        verdict, found = _seen(
            case, study, before.get(case.case_id), n_view=n_view if has_pictures else 0
        )
        looked[case.case_id], pictures[case.case_id] = verdict, found
        n_rejected += verdict.status == "rejected"
        told(Looked(SCANS, count, len(cases), n_rejected))
    return looked, pictures


def _seen(
    case: Case, study: StudySettings, before: Verdict | None, *, n_view: int
) -> tuple[Verdict, tuple[Picture, ...]]:
    """Return the verdict on a case whose scans are opened, and its pictures where there are any."""
    found: list[Picture] = []

    def look() -> list[str]:
        notes: list[str] = []
        with at_hand([case]) as (here,):
            for scene in scenes(here, study):
                notes += scene.notes
                found.extend(_pictured(case, scene, n_view))
        return notes

    verdict = before
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadpredWarning)  # the verdict says the same
        if verdict is None or verdict.status != "rejected":
            verdict = _verdict(case, attempt(case, look, stage=STAGE))
        if verdict.status == "rejected" and n_view:
            found = _regardless(case, study, n_view)
    return verdict, tuple(found)


def _regardless(case: Case, study: StudySettings, n_view: int) -> list[Picture]:
    """Return pictures of what can be seen of a rejected case."""

    def look() -> list[Picture]:
        with at_hand([case]) as (here,):
            seen = scenes_regardless(here, study)
            return [shown for scene in seen for shown in _pictured(case, scene, n_view)]

    found = attempt(case, look, stage=STAGE)
    return [] if isinstance(found, Verdict) else found


def _pictured(case: Case, scene: Scene, n_view: int) -> list[Picture]:
    """Return the picture of a scene; none where none is wanted, or where it cannot be drawn."""
    if not n_view:
        return []
    from radpred.report.check import picture

    drawn = attempt(
        case,
        lambda: picture(
            scene.image,
            scene.regions,
            modality=scene.modality,
            remark=scene.remark,
            n_view=n_view,
        ),
        stage=STAGE,
    )
    return [] if isinstance(drawn, Verdict) else [drawn]


def _verdict(case: Case, notes: Verdict | Sequence[str]) -> Verdict:
    """Return a verdict as it is, or that on a case of which there are notes, or none."""
    if isinstance(notes, Verdict):
        return notes
    if not notes:
        return Verdict.accepted(case.case_id, case.patient_id, stage=STAGE)
    return Verdict.noted(
        case.case_id,
        case.patient_id,
        stage=STAGE,
        code="mended",
        came="; ".join(dict.fromkeys(notes)),
        todo="look at the case if the note surprises you",
    )


def _joined(rows: Sequence[Verdict], looked: Mapping[str, Verdict]) -> pd.DataFrame:
    """Return the verdicts on rows with those on their files: the graver one, or both notes."""
    found: list[Verdict] = []
    said: set[str] = set()
    for row in rows:
        later = looked.get(row.case_id)
        if later is None or row.status == "rejected" or row.case_id in said:
            found.append(row)
            continue
        said.add(row.case_id)
        if row.status == "noted" and later.status == "noted":
            found.append(row)
        found.append(row if later.status == "accepted" else later)
    return to_frame(found)
