"""A study from one table that holds everything: its features, its outcome, who is who."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from radpred.config.template import tables_template
from radpred.errors import InputError
from radpred.stages.work.files import read_text_table, write_bytes
from radpred.table import read_table, write_table
from radpred.table.external import KEYS, external_features

CASES, OUTCOME, FEATURES = "cases.csv", "outcome.csv", "features.parquet"


def write_table_study(
    path: Path,
    table: Path,
    *,
    column: str,
    clinical: Sequence[str] = (),
    positive: str = "1",
    kind: str = "binary",
    force: bool = False,
) -> list[Path]:
    """Write a study file with the tables that it names, and return where all of them are.

    The outcome and the clinical columns go into a table of their own, so that none of them is
    among the features; columns whose cells are no numbers are left out of these, too.

    Parameters
    ----------
    path : Path
        Of the study file; the tables stand beside it.
    table : Path
        ``.csv`` or ``.parquet``, a row a patient (``patient_id``) or a case (``case_id``, and
        ``patient_id`` where patients have several); else its first column says who is who.
    column : str
        The outcome.
    clinical : sequence of str
        Other columns that are no features.
    positive : str
        The value of the outcome that counts as the event.
    kind : {"binary", "multiclass", "continuous"}
        Of what kind the outcome is.
    force : bool
        Whether files that are there may be overwritten.

    Raises
    ------
    InputError
        The table cannot be read or used, or a file is there.
    """
    files = [path, *(path.with_name(name) for name in (CASES, OUTCOME, FEATURES))]
    there = [one for one in files if one.exists()]
    if there and not force:
        msg = f"{there[0]} exists; choose another folder, or --force to overwrite it"
        raise InputError(msg)
    frame = read_table(table)[0] if table.suffix == ".parquet" else read_text_table(table)
    _refuse_without(frame, [column, *clinical], table=table)
    people = _people(frame)
    features = _features(frame, without=[column, *clinical]).assign(case_id=people["case_id"])
    external_features(features, name="radiomics")
    outcome = pd.concat([people, frame[[column, *clinical]]], axis=1)
    write_bytes(files[1], people.to_csv(index=False).encode())
    write_bytes(files[2], outcome.to_csv(index=False).encode())
    write_table(features, files[3], metadata={})
    text = tables_template(
        name=path.resolve().parent.name.replace(" ", "_") or "study",
        cases=CASES,
        outcome_file=OUTCOME,
        by="patient" if people["patient_id"].is_unique else "case",
        column=column,
        positive=positive,
        kind=kind,
        table=FEATURES,
        clinical=clinical,
    )
    write_bytes(path, text.encode())
    return files


def _refuse_without(frame: pd.DataFrame, wanted: Sequence[str], *, table: Path) -> None:
    """Refuse a table that lacks a column."""
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        first = ", ".join(map(str, frame.columns[:5]))
        msg = f"{table}: no column {', '.join(absent)}; its columns are {first}, ...; correct it"
        raise InputError(msg, code="missing_column")


def _people(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``case_id`` and ``patient_id`` of each row, from what tells either."""
    own = [frame[key].astype(str) for key in KEYS if key in frame.columns]
    own = own or [frame.iloc[:, 0].astype(str)]
    return pd.DataFrame({"case_id": own[0], "patient_id": own[-1]})


def _features(frame: pd.DataFrame, *, without: Sequence[str]) -> pd.DataFrame:
    """Return the columns of numbers that are neither ids nor ``without``."""
    ids = [key for key in KEYS if key in frame.columns] or [frame.columns[0]]
    rest = frame.drop(columns=[*without, *ids], errors="ignore")
    return rest[[name for name in rest.columns if _is_numbers(rest[name])]]


def _is_numbers(values: pd.Series) -> bool:
    """Tell whether a column holds numbers and gaps only, and a number at least."""
    try:
        found = external_features(pd.DataFrame({"case_id": values.index, "x": values}), name="x")
    except InputError:
        return False
    return bool(found.notna().any(axis=None))
