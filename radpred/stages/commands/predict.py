"""New cases through a trained model: measured as it was, then answered one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, check_cases, clinical_of, to_frame
from radpred.config import StudySettings
from radpred.deploy import Predictor, load_predictor
from radpred.errors import InputError
from radpred.pipeline.measuring.pieces import first_modality
from radpred.stages.commands.dicom_reports import write_findings, write_lesions
from radpred.stages.commands.features import measured_cases
from radpred.stages.inputs.lesions import split_lesions
from radpred.stages.inputs.tables import tables_named, unlisted, with_tables
from radpred.stages.perturb import perturbed_table
from radpred.stages.segment import made
from radpred.stages.work.files import read_text_table
from radpred.table.bags import with_column

N_MOVERS = 3


@dataclass(frozen=True)
class Answers:
    """Predictions, one row a case that could be answered, a verdict for every row, and of what.

    ``reports`` are the DICOM reports that were written, ``guarantees`` the thresholds of the
    model's study with what they keep, in words.
    """

    table: pd.DataFrame
    verdicts: pd.DataFrame
    outcome: str
    reports: tuple[Path, ...] = ()
    guarantees: tuple[str, ...] = ()


def predict(
    model: Path,
    cases: Path,
    *,
    tables: Mapping[str, Path] | None = None,
    dicom: Path | None = None,
    perturb: bool = True,
    told: Callable[[int, int], None] | None = None,
) -> Answers:
    """Return the answers of a model for a table of new cases.

    The table has the columns of cases.csv and the model's clinical columns; a clinical value may
    be empty.

    Parameters
    ----------
    model : Path
        A ``model.radpred`` file.
    cases : Path
        The table.
    tables : mapping of str to Path, optional
        The file of each table of other features that the model takes, by its name.
    dicom : Path, optional
        A folder: where to write the lesion (SEG) and a report (SR) of each case whose image is
        DICOM.
    perturb : bool
        Whether each case is measured on perturbed masks too, where the model's study did so.
    told : callable, optional
        Called with the number of cases measured and of all cases.

    Raises
    ------
    BundleError
        The model cannot be opened.
    InputError
        The table lacks a column, or no row can be used.
    """
    predictor = load_predictor(model)
    study = predictor.bundle.study
    _refuse_report(study, dicom)
    given = tables_named(tables or {}, predictor.tables)
    frame = read_text_table(cases)
    usable, verdicts, later = _usable(frame, cases.parent, study, given)
    usable, of_sites = _of_sites(usable, predictor)
    with TemporaryDirectory(prefix="radpred_") as folder:
        if study.segmentation.method != "given":
            usable, later = _segmented(usable, study, Path(folder))
        measured, of_measuring = measured_cases(usable, study, told=told)
        answered = [case for case in usable if case.case_id in measured]
        drawn = [] if dicom is None else write_lesions(answered, study, dicom)
        again = perturbed_table(answered, study, told=told) if perturb else None
    later = of_sites | later | of_measuring
    if not measured:
        reasons = "; ".join(dict.fromkeys(f"{v.code}: {v.came}" for v in later.values()))
        msg = f"{cases}: no case can be predicted; {reasons or 'no row can be used'}"
        raise InputError(msg, code="no_cases")
    X = pd.DataFrame({case_id: m.values for case_id, m in measured.items()}).T.astype(float)
    clinical = clinical_of(frame, usable, study.outcome.clinical, like=_clinical_kinds(predictor))
    if study.habitats is not None:
        bags = {case_id: m.bag for case_id, m in measured.items() if m.bag is not None}
        X = with_column(X, bags, modality=first_modality(usable[0].images))
    X = _with_tables(X, usable, given, volume=study.volume_column).join(clinical)
    site = pd.Series({case.case_id: case.site for case in usable}, dtype=str)
    table = predictor.predict(X, site=site, variants=again).reset_index()
    explained = _explained(predictor, X, site, table)
    table["moved_by"] = [_movers(case["contributions"]) for case in explained]
    parts = [{f"shap:{c['name']}": c["shap"] for c in case["contributions"]} for case in explained]
    table = pd.concat([table, pd.DataFrame(parts, index=table.index)], axis=1)
    judged = to_frame([later.get(v.case_id, v) for v in verdicts])
    reports = write_findings(table, drawn, predictor)
    told_of = tuple(one.sentence for one in predictor.guarantees)
    return Answers(table, judged, _outcome(study), reports, told_of)


def _refuse_report(study: StudySettings, dicom: Path | None) -> None:
    """Refuse a DICOM report on an outcome that is not of two classes."""
    if dicom is not None and study.outcome.kind != "binary":
        msg = (
            f"{study.name} predicts an outcome of the kind {study.outcome.kind}, and DICOM reports "
            "hold the risk of an event; predict without --dicom"
        )
        raise InputError(msg)


def _outcome(study: StudySettings) -> str:
    """Return what is predicted, in words."""
    outcome = study.outcome
    if outcome.kind == "binary":
        return f"{outcome.column} = {outcome.positive}"
    return f"{outcome.column} in {outcome.unit}" if outcome.unit else outcome.column


def _explained(
    predictor: Predictor, X: pd.DataFrame, site: pd.Series, table: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return what moved the answer of each case: of classes, that for the likeliest one."""
    record = predictor.explain(X, site=site)
    if "facets" not in record:
        return list(record["cases"])
    facets = {facet["name"]: facet["cases"] for facet in record["facets"]}
    if not facets:
        return [{"contributions": []} for _ in table.index]
    asked = table["likeliest"] if "likeliest" in table else ["value"] * len(table)
    return [facets[name][place] for place, name in enumerate(asked)]


def _usable(
    frame: pd.DataFrame, folder: Path, study: StudySettings, tables: Mapping[str, Path]
) -> tuple[list[Case], list[Verdict], dict[str, Verdict]]:
    """Return the cases of a table, a verdict for every row, and those on cases of no table."""
    rows = check_cases(
        frame,
        folder=folder,
        method=study.segmentation.method,
        readers=study.readers.consensus,
        has_tables=bool(tables),
    )
    cases, verdicts = split_lesions(*rows, study)
    later = {verdict.case_id: verdict for verdict in unlisted(cases, tables)}
    return [case for case in cases if case.case_id not in later], verdicts, later


def _of_sites(cases: Sequence[Case], predictor: Predictor) -> tuple[list[Case], dict[str, Verdict]]:
    """Return the cases that can be harmonised, or need not be, and verdicts on new sites."""
    site = pd.Series({case.case_id: case.site for case in cases}, dtype=str)
    new = set(predictor.of_new_sites(site.index, site))
    found = {case.case_id: new_site(case, predictor) for case in cases if case.case_id in new}
    refused = {case_id for case_id, verdict in found.items() if verdict.status == "rejected"}
    return [case for case in cases if case.case_id not in refused], found


def new_site(case: Case, predictor: Predictor) -> Verdict:
    """Return the verdict on a case whose site the model has not learnt."""
    came = f"site {case.site!r} is none of those that the model was harmonised over"
    if predictor.bundle.study.learning.harmonise.new_site == "refuse":
        todo = "leave it out, or train with harmonise.new_site: pooled"
        error = InputError(f"{came}; {todo}", code="new_site")
        return Verdict.rejected(case.case_id, case.patient_id, stage="predict", error=error)
    return Verdict.noted(
        case.case_id,
        case.patient_id,
        stage="predict",
        code="new_site",
        came=came,
        wanted="a site of training; its features count as they are",
        todo="do not trust the risk before a few known outcomes of this site confirm it",
    )


def _with_tables(
    X: pd.DataFrame, cases: Sequence[Case], tables: Mapping[str, Path], *, volume: str | None
) -> pd.DataFrame:
    """Return the features of cases with the columns of foreign tables behind them."""
    patients = pd.Series({case.case_id: case.patient_id for case in cases}, dtype=str)
    frame = X.rename_axis("case_id").reset_index()
    return with_tables(frame, tables, patients=patients, volume=volume)[0].set_index("case_id")


def _movers(contributions: list[dict[str, Any]]) -> str:
    """Return the columns that moved a case most, with their direction."""
    largest = sorted(contributions, key=lambda c: -abs(c["shap"]))[:N_MOVERS]
    return "; ".join(f"{c['name']} {c['shap']:+.2f}" for c in largest)


def _clinical_kinds(predictor: Predictor) -> tuple[str, ...]:
    """Return the clinical columns that are numbers in the model."""
    reference = set(predictor.bundle.reference["column"])
    return tuple(c for c in predictor.columns if c.startswith("clinical__") and c in reference)


def _segmented(
    cases: Sequence[Case], study: StudySettings, folder: Path
) -> tuple[list[Case], dict[str, Verdict]]:
    """Return the cases whose lesion was found in its box, and the verdicts on the others."""
    found: list[Case] = []
    lost: dict[str, Verdict] = {}
    for case in cases:
        masks, verdicts = made(case, study, folder)
        lost |= {verdict.case_id: verdict for verdict in verdicts}
        found += [replace(case, masks=masks)] if masks else []
    return found, lost
