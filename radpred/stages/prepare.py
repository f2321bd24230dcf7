"""From a study file to its plan: every row judged, the rest dealt to shards."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpred.cohort import (
    Case,
    Verdict,
    check_cases,
    counted_readers,
    refuse_any,
    to_frame,
)
from radpred.cohort.outcomes.beside import column_beside
from radpred.config import StudySettings, read_study
from radpred.config.engines import require_engine
from radpred.errors import InputError
from radpred.pipeline.measuring.pieces import check_maps, first_modality
from radpred.stages.inputs.at_hand import is_far, without_absent
from radpred.stages.inputs.lesions import split_lesions
from radpred.stages.inputs.outcomes import linked
from radpred.stages.inputs.shards import as_lines, sources_of, state_file, state_of
from radpred.stages.inputs.sites import refuse_no_sites
from radpred.stages.inputs.tables import check_tables, n_columns_of
from radpred.stages.work.files import as_json, read_json, read_text_table, write_if_changed
from radpred.stages.work.pool.again import renew_limited
from radpred.table import write_table

DEALT = "dealt_by"  # the column of the cohort with the date or set of a case
FEWEST_CASES, MOST_SHARDS = 50, 250  # of a study that does not say how many cases a shard has


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run will do: where, with which settings, over which shards."""

    out: Path
    settings: StudySettings
    shards: tuple[str, ...]
    n_cases: int
    verdicts: tuple[Verdict, ...]


def judge(study: StudySettings) -> tuple[list[Case], list[Verdict]]:
    """Return the cases of a study that can be used, and a verdict for every row.

    Raises
    ------
    InputError
        A table is missing or lacks a column; or the storage of files does not answer.
    SettingsError
        PyRadiomics is asked for, and not installed; or habitats need a map that is not made; or
        a study of tables alone asks for what only images have.
    """
    require_engine([study.extraction, *map(study.extraction_of, study.modalities)])
    rows, of_rows = check_cases(
        read_text_table(study.cases),
        folder=study.cases.parent,
        method=study.segmentation.method,
        readers=study.readers.consensus,
        has_tables=bool(study.tables),
        has_storage=True,
    )
    rows, of_rows = without_absent(rows, of_rows)
    kept_lesions = study.out / "cases" / "lesions.json"
    cases, verdicts = split_lesions(rows, of_rows, study, kept=kept_lesions)
    if study.habitats is not None and cases and not cases[0].is_of_tables:
        check_maps(study.habitats, study.extraction_of(first_modality(cases[0].images)))
    outcome = study.outcome
    _, about_outcome = linked([case for case in cases if not case.retest_of], study)
    rejected = {v.case_id for v in about_outcome if v.status == "rejected"}
    kept = [case for case in cases if not rejected & {case.case_id, case.retest_of}]
    about_tables = check_tables(study, kept)
    rejected |= {verdict.case_id for verdict in about_tables}
    kept = [case for case in kept if case.case_id not in rejected]
    dealt_by(study, kept)
    refuse_no_sites(study, kept)
    listed = {
        v.patient_id if outcome.by == "patient" else v.case_id for v in verdicts
    }  # a patient whose rows are rejected is no orphan
    about_outcome = [
        v for v in about_outcome if v.code != "orphan_outcome" or v.patient_id not in listed
    ]
    first = [v for v in verdicts if v.case_id not in rejected or v.status != "accepted"]
    return kept, [*first, *about_outcome, *about_tables, *counted_readers(kept)]


def dealt_by(study: StudySettings, cases: Sequence[Case]) -> pd.Series | None:
    """Return the date or set of each case, or None where the design goes by neither.

    Raises
    ------
    InputError
        The column is missing, or a case has no value there.
    """
    column = study.learning.design.column
    if column is None:
        return None
    own = [case for case in cases if not case.retest_of]
    frame = read_text_table(study.outcome.file)
    return column_beside(own, frame, column=column, by=study.outcome.by)


def prepare(study_file: str | Path) -> Plan:
    """Judge the rows of a study and write its shards; files that stay the same keep their time.

    A case's shard is a hash of its patient, so lesions of one patient stay together, and the
    number of shards stays as the first run set it: ten new cases touch at most ten shards.
    """
    study = read_study(study_file)
    cases, verdicts = judge(study)
    if study.rejected_cases == "stop":
        refuse_any(to_frame(verdicts))
    if not cases:
        reasons = sorted({f"{v.code}: {v.wanted}" for v in verdicts if v.status == "rejected"})
        msg = f"{study.cases}: no case can be used; " + "; ".join(reasons[:3])
        raise InputError(msg, code="no_cases")
    n_shards = _number_of_shards(study, cases)
    dealt: dict[str, list[Case]] = {f"{i:04d}": [] for i in range(n_shards)}
    for case in cases:
        dealt[f"{zlib.crc32(case.patient_id.encode()) % n_shards:04d}"].append(case)
    used = {name: members for name, members in dealt.items() if members}
    for name, members in used.items():
        write_if_changed(study.out / "shards" / f"{name}.json", as_lines(members))
        write_if_changed(state_file(study.out, name), state_of(sources_of(members)))
    summary = {
        "n_shards": n_shards,
        "shards": list(used),
        "n_cases": len(cases),
        "n_columns": n_columns_of(study, cases),
        "has_objects": any(map(is_far, cases)),
    }
    write_if_changed(study.out / "shards" / "shards.json", as_json(summary))
    write_if_changed(study.out / "study.json", as_json(study.model_dump(mode="json")))
    renew_limited(study.out, study.limits)
    write_table(to_frame(verdicts), study.out / "cases" / "verdicts.parquet", metadata={})
    return Plan(
        out=study.out,
        settings=study,
        shards=tuple(used),
        n_cases=sum(not case.retest_of for case in cases),
        verdicts=tuple(verdicts),
    )


def redirected(study_file: Path, out: Path) -> Path:
    """Return a copy of a study file, in the folder ``out``, that keeps its results there."""
    study = read_study(study_file).model_copy(update={"out": out.resolve()})
    copy = study.out / "study.yaml"
    write_if_changed(copy, as_json(study.model_dump(mode="json")))
    return copy


def _number_of_shards(study: StudySettings, cases: Sequence[Case]) -> int:
    """Return how many shards there are: as before, or by the study's shard size.

    Without one a shard has fifty cases, or as many as leave 250 shards: each is a job or more,
    and schedulers take hundreds of those at once.

    One is enough for cases of tables alone, of which nothing is measured.
    """
    before = study.out / "shards" / "shards.json"
    if before.is_file():
        return int(read_json(before)["n_shards"])
    n_measured = sum(not case.is_of_tables for case in cases)
    size = study.cases_per_shard or max(FEWEST_CASES, math.ceil(n_measured / MOST_SHARDS))
    return max(1, math.ceil(n_measured / size))
