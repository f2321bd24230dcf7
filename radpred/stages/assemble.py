"""Step `assemble`: shards become one table of features, one of patients, one of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, refuse_any
from radpred.config import StudySettings
from radpred.errors import InputError
from radpred.stages.inputs.outcomes import linked, outcome_columns, outcome_metadata
from radpred.stages.inputs.readers import joined_agreement
from radpred.stages.inputs.tables import hashes_of, with_tables
from radpred.stages.prepare import DEALT, dealt_by, planned, shard_cases
from radpred.table import assemble as joined
from radpred.table import read_table, write_table

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
    tables = (read_table(path)[0] for path in shards)
    metadata = read_table(shards[0])[1]
    frame = joined(table for table in tables if len(table))
    verdicts = gravest_verdicts(out, shards)
    if study.rejected_cases == "stop":
        refuse_any(verdicts)
    write_table(verdicts, out / "verdicts.parquet", metadata={})
    if frame.empty:
        msg = f"no case was measured; {_reasons(verdicts)}; see verdicts.parquet"
        raise InputError(msg, code="no_cases")
    cases = {
        case.case_id: case
        for path in shards
        for case in shard_cases(out / "shards" / f"{path.stem}.json")
    }
    cohort, told = _cohort([cases[case_id] for case_id in frame["case_id"]], study)
    patients = cohort.set_index("case_id")["patient_id"]
    frame, empty = with_tables(frame, study.tables, patients=patients, volume=study.volume_column)
    of_habitats = () if study.habitats is None else ("bags",)
    _write_beside(out, shards, empty, of_habitats)
    made = [out / "segment" / f"{path.stem}.agreement.parquet" for path in shards]
    joined_agreement(made, out / "agreement.parquet")
    write_table(cohort, out / "cohort.parquet", metadata=told)
    if study.tables:
        metadata = {**metadata, "tables": hashes_of(study)}
    write_table(frame, features, metadata=metadata)


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
    out: Path, shards: Sequence[Path], empty: pd.DataFrame, more: Sequence[str]
) -> None:
    """Join what shards say beside their features, and why cells of foreign tables are empty."""
    for kind in ("reasons", "regions", "sizes", "costs", *more):
        parts = [read_table(path.with_suffix(f".{kind}.parquet"))[0] for path in shards]
        parts += [empty] if kind == "reasons" and len(empty) else []
        write_table(pd.concat(parts, ignore_index=True), out / f"{kind}.parquet", metadata={})


def gravest_verdicts(out: Path, shards: Sequence[Path]) -> pd.DataFrame:
    """Return the gravest verdict on every row of the study, the first of equals."""
    parts = [read_table(out / "cases" / "verdicts.parquet")[0]]
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
