"""Every verdict before any work: the tables' rows, then each image with its mask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from radpred.cohort import Case, Verdict, to_frame
from radpred.config import StudySettings, read_study
from radpred.io import read_image
from radpred.pipeline.measure import tumour_of
from radpred.segment import box_mask
from radpred.stages.attempt import attempt
from radpred.stages.prepare import judge


def check(study_file: Path, *, told: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Return a verdict for every row of a study, its images opened but nothing measured.

    Parameters
    ----------
    study_file : Path
        The study's YAML file.
    told : callable, optional
        Called with the number of cases looked at and of all cases.
    """
    study = read_study(study_file)
    cases, verdicts = judge(study)
    looked: dict[str, Verdict] = {}
    for count, case in enumerate(cases, start=1):
        looked[case.case_id] = _look(case, study)
        if told is not None:
            told(count, len(cases))
    graver = [_graver(v, looked.get(v.case_id)) for v in verdicts]
    return to_frame(graver)


def _look(case: Case, study: StudySettings) -> Verdict:
    """Return the verdict on one case's images and masks."""
    notes = attempt(case, lambda: _notes(case, study), stage="check")
    if isinstance(notes, Verdict):
        return notes
    if not notes:
        return Verdict.accepted(case.case_id, case.patient_id, stage="check")
    return Verdict.noted(
        case.case_id,
        case.patient_id,
        stage="check",
        code="mended",
        came="; ".join(dict.fromkeys(notes)),
        wanted="",
        todo="look at the case if the note surprises you",
    )


def _notes(case: Case, study: StudySettings) -> list[str]:
    """Return what had to be mended to bring a case's images and masks together."""
    notes: list[str] = []
    for modality, path in case.images.items():
        image = read_image(path)
        if study.segmentation.method == "given":
            notes += tumour_of(case, study, modality, image).steps
        elif case.box is not None:
            box_mask(image.grid, case.box)
    return notes


def _graver(first: Verdict, second: Verdict | None) -> Verdict:
    """Return the graver of two verdicts on a case, the first of equals."""
    order = ("accepted", "noted", "rejected")
    if second is None or order.index(second.status) <= order.index(first.status):
        return first
    return second
