"""Predictions as DICOM: for each case whose image is DICOM its lesion as SEG, its risk as SR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from radpred.cohort import Case, Verdict
from radpred.config import StudySettings
from radpred.deploy import Predictor
from radpred.errors import warn
from radpred.io.dicom.drawings.seg import write_segmentation
from radpred.io.dicom.scans.series import is_dicom_source
from radpred.io.dicom.sr import Finding, write_report
from radpred.pipeline.lesions.drawn import image_of, tumour_of
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import file_name_of


@dataclass(frozen=True, kw_only=True)
class DrawnCase:
    """A case whose lesion was written: on what series, where, and how large it is."""

    case: Case
    image_source: str
    segmentation: Path
    volume_mm3: float


def write_lesions(cases: Sequence[Case], study: StudySettings, folder: Path) -> list[DrawnCase]:
    """Write the lesion of each case whose image is DICOM, on the first such image.

    A case that cannot be written is said aloud, and ends none of the others.
    """
    written = []
    for case in cases:
        series = {m: path for m, path in case.images.items() if path and is_dicom_source(path)}
        if not series:
            continue
        modality, source = next(iter(series.items()))
        work = partial(_write_lesion, case, study, modality, source, folder)
        found = attempt(case, work, stage="predict")
        if isinstance(found, Verdict):
            warn(f"{case.case_id}: its lesion was not written as DICOM; {found.came}")
        else:
            written.append(found)
    return written


def write_findings(
    table: pd.DataFrame, drawn: Sequence[DrawnCase], predictor: Predictor
) -> tuple[Path, ...]:
    """Write a report on each case that was drawn, beside its lesion, and return their paths.

    Parameters
    ----------
    table : DataFrame
        As `Predictor.predict` gives it, with a column ``case_id``.
    drawn : sequence of DrawnCase
        As `write_lesions` gives them.
    predictor : Predictor
        What predicted.
    """
    paths = []
    for written in drawn:
        answer = table[table["case_id"] == written.case.case_id].iloc[0]
        work = partial(_write_finding, _finding(answer, written, predictor), written)
        found = attempt(written.case, work, stage="predict")
        if isinstance(found, Verdict):
            warn(f"{written.case.case_id}: no DICOM report; {found.came}")
        else:
            paths.append(found)
    return tuple(paths)


def _write_lesion(
    case: Case, study: StudySettings, modality: str, source: str, folder: Path
) -> DrawnCase:
    """Write the lesion of one case."""
    tumour = tumour_of(case, study, modality, image_of(case, study, modality))
    method = study.segmentation.method
    path = folder / file_name_of(case.case_id) / "segmentation.dcm"
    write_segmentation(tumour, source, path, method="" if method == "given" else method)
    return DrawnCase(
        case=case, image_source=source, segmentation=path, volume_mm3=tumour.volume_mm3
    )


def _write_finding(finding: Finding, written: DrawnCase) -> Path:
    """Write the report on one case."""
    path = written.segmentation.with_name("report.dcm")
    write_report(finding, written.image_source, path, segmentation=written.segmentation)
    return path


def _finding(answer: pd.Series, written: DrawnCase, predictor: Predictor) -> Finding:
    """Return what a model says of a case as a report holds it."""
    study = predictor.bundle.study
    outcome = f"{study.outcome.column} = {study.outcome.positive}"
    return Finding(
        name=written.case.case_id,
        outcome=outcome,
        risk=float(answer["probability"]),
        classes=(f"not {outcome}", outcome),
        sets={
            level: [int(number) for number in str(answer[f"set_{100 * level:g}"]).split()]
            for level in predictor.levels
        },
        volume_mm3=written.volume_mm3,
        model=study.name,
        remarks=tuple(filter(None, str(answer["warnings"]).split("; "))),
    )
