"""Step `assemble`: shards become one table of features, one of patients, one of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from radpred import table
from radpred.cohort import Case, Verdict, refuse_any, to_frame
from radpred.config import StudySettings
from radpred.errors import InputError
from radpred.stages.inputs.outcomes import linked, outcome_columns, outcome_metadata
from radpred.stages.inputs.readers import joined_agreement
from radpred.stages.inputs.shards import planned, shard_cases
from radpred.stages.inputs.tables import hashes_of, with_tables
from radpred.stages.prepare import DEALT, dealt_by
from radpred.table import read_table, write_table
from radpred.table.store import read_metadata
from radpred.table.stream import cases_of, join_tables

NEAR_COPY = "near_copy"
_WEIGHT = {"accepted": 0, "noted": 1, "rejected": 2}


def assemble(study_json: Path, shards: Sequence[Path], features: Path) -> None:
    """Join the shards' tables beside ``features``: cohort, verdicts and what is known of regions.

    Raises
    ------
    InputError
        No case was measured, or those measured all have the same outcome.
    RejectedError
        A case was rejected, and the study is to stop there.
    """
    study = planned(study_json)
    out = features.parent
    verdicts = gravest_verdicts(out, shards)
    if study.rejected_cases == "stop":
        refuse_any(verdicts)
    write_table(verdicts, out / "verdicts.parquet", metadata={})
    measured = cases_of(shards)
    if not measured:
        msg = f"no case was measured; {_reasons(verdicts)}; see verdicts.parquet"
        raise InputError(msg, code="no_cases")
    cohort, facts = _cohort(_named(measured, out, shards), study)
    patients = cohort.set_index("case_id")["patient_id"]
    frame = pd.DataFrame({"case_id": measured})
    foreign, empty = with_tables(frame, study.tables, patients=patients, volume=study.volume_column)
    _write_beside(out, shards, empty, has_bags=study.habitats is not None)
    made = [out / "segment" / f"{path.stem}.agreement.parquet" for path in shards]
    joined_agreement(made, out / "agreement.parquet")
    write_table(cohort, out / "cohort.parquet", metadata=facts)
    metadata = read_metadata(shards[0])
    if study.tables:
        metadata = {**metadata, "tables": hashes_of(study)}
    beside = pa.Table.from_pandas(foreign.drop(columns="case_id"), preserve_index=False)
    join_tables(shards, features, metadata=metadata, beside=beside if study.tables else None)
    copies = to_frame(copy_notes(features, patients))
    if len(copies):
        told = gravest_verdicts(out, shards, notes=copies)
        write_table(told, out / "verdicts.parquet", metadata={})


def copy_notes(features: Path, patients: pd.Series) -> list[Verdict]:
    """Return a note on each case whose features all but repeat those of another patient's."""
    found = table.near_copies(features, patients)
    return [
        Verdict.noted(
            case,
            str(patients[case]),
            stage="assemble",
            code=NEAR_COPY,
            came=f"features as of {other} of patient {patients[other]}: {ratio:.2g} of "
            "the distance to the tenth nearest",
            wanted="each scan once, and one patient_id for all cases of a patient",
            todo="give both cases one patient_id, or leave one of them out",
        )
        for case, other, ratio in zip(found["case_id"], found["other"], found["ratio"], strict=True)
    ]


def _named(measured: Sequence[str], out: Path, shards: Sequence[Path]) -> list[Case]:
    """Return the cases that were measured, in order, without their files."""
    known: dict[str, Case] = {}
    for path in shards:
        for case in shard_cases(out / "shards" / f"{path.stem}.json"):
            known[case.case_id] = replace(case, images={}, masks={}, readers={})
    return [known[case_id] for case_id in measured]


def _cohort(cases: Sequence[Case], study: StudySettings) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the cohort, one row a case, and what its outcome is.

    It holds patient, outcome, site, clinical columns, the probability of the event where some
    labels are soft, and what deals the cases.
    """
    outcome, _ = linked(cases, study)
    cohort = outcome_columns(outcome)
    cohort["site"] = pd.Series({case.case_id: case.site for case in cases})
    dealt = dealt_by(study, cases)
    if dealt is not None:
        cohort[DEALT] = dealt
    joint = cohort.join(outcome.clinical).rename_axis("case_id").reset_index()
    return joint, outcome_metadata(outcome)


def _write_beside(
    out: Path, shards: Sequence[Path], empty: pd.DataFrame, *, has_bags: bool
) -> None:
    """Join what shards say beside their features, and why cells of foreign tables are empty."""
    more: dict[str, list[Path | pa.Table]] = {
        "reasons": [pa.Table.from_pandas(empty, preserve_index=False)] if len(empty) else [],
        "costs": [out / "segment" / f"{path.stem}.costs.parquet" for path in shards],
    }
    for kind in ("reasons", "regions", "sizes", "costs", *(("bags",) if has_bags else ())):
        own = [path.with_suffix(f".{kind}.parquet") for path in shards]
        join_tables([*own, *more.get(kind, [])], out / f"{kind}.parquet", metadata={})


def gravest_verdicts(
    out: Path, shards: Sequence[Path], *, notes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the gravest verdict on every row of the study, of equals ``notes`` or the first."""
    parts = [] if notes is None else [notes]
    parts.append(read_table(out / "cases" / "verdicts.parquet")[0])
    for path in shards:
        parts.append(read_table(out / "segment" / f"{path.stem}.verdicts.parquet")[0])
        parts.append(read_table(path.with_suffix(".verdicts.parquet"))[0])
    everything = pd.concat(parts, ignore_index=True)
    named = everything[everything["case_id"] != ""]
    weight = named["status"].map(_WEIGHT)
    first = weight.sort_values(ascending=False, kind="stable").index
    gravest = named.loc[first].drop_duplicates("case_id").sort_index()
    return pd.concat([gravest, everything[everything["case_id"] == ""]], ignore_index=True)


def _reasons(verdicts: pd.DataFrame) -> str:
    """Return the reasons for rejection, the most frequent first, with one case each."""
    rejected = verdicts[verdicts["status"] == "rejected"]
    return "; ".join(
        f"{code} ({len(group)} cases, first {group['case_id'].iloc[0]}: {group['came'].iloc[0]})"
        for code, group in sorted(rejected.groupby("code"), key=lambda item: -len(item[1]))
    )
