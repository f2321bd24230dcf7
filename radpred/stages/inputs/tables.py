"""Tables of features that others made: read at the door, joined to what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from radpred.cohort import Case, Verdict
from radpred.config import StudySettings
from radpred.errors import InputError, LeakageError, SettingsError
from radpred.pipeline.measuring.measure import study_columns
from radpred.stages.work.files import read_text_table, sha256_of
from radpred.table import read_table
from radpred.table.bags import HABITATS
from radpred.table.columns import region_of
from radpred.table.external import (
    REASON_COLUMNS,
    external_features,
    joined,
    volume_name,
)

STAGE = "cases"


def read_external(path: Path, *, name: str, volume: str | None = None) -> pd.DataFrame:
    """Return a foreign table (.csv, or .parquet) as `external_features` does.

    Raises
    ------
    InputError
        The file cannot be read, or its rows or columns cannot be used.
    """
    if path.suffix == ".parquet":
        table = read_table(path)[0]
        named = [key for key in table.index.names if key]
        table = table.reset_index() if named else table
        return external_features(table, name=name, volume=volume)
    return external_features(read_text_table(path), name=name, volume=volume)


def with_tables(
    frame: pd.DataFrame,
    tables: Mapping[str, Path],
    *,
    patients: pd.Series,
    volume: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return features with the columns of foreign tables behind them, and why cells are empty.

    Parameters
    ----------
    frame : DataFrame
        With a column ``case_id``.
    tables : mapping of str to Path
        Files by the name of the table.
    patients : Series
        The patient of each case, by case.
    volume : str, optional
        The column of one of the tables that is the tumour's volume.
    """
    reasons = [pd.DataFrame(columns=list(REASON_COLUMNS), dtype=str)]
    for name, path in tables.items():
        external = read_external(Path(path), name=name, volume=volume)
        frame, why = joined(frame, external, patients=patients, name=name)
        reasons.append(why)
    return frame, pd.concat(reasons, ignore_index=True)


def n_columns_of(study: StudySettings, cases: Sequence[Case]) -> int:
    """Return how many columns the table of features will have, from settings and headers alone."""
    measured = () if cases[0].is_of_tables else study_columns(study, list(cases[0].images))
    return len(measured) + sum(_width(path) for path in study.tables.values())


def _width(path: Path) -> int:
    """Return how many columns a table has."""
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_columns)
    return len(pd.read_csv(path, nrows=0).columns)


def check_tables(study: StudySettings, cases: Sequence[Case]) -> list[Verdict]:
    """Refuse what cannot be had of foreign tables; return the verdicts on cases of none.

    Cases of tables alone that no table has a row of are rejected.

    Raises
    ------
    InputError
        A table cannot be read or fits no case.
    LeakageError
        A table holds a column that is called like the outcome.
    SettingsError
        ``learning.regions`` names what is neither a region nor a table, ``volume_column`` is not
        the column of one table, or cases of tables alone cannot have what is asked for.
    """
    if not cases:
        return []
    joint, verdicts = _told(cases, study.tables, volume=study.volume_column)
    _refuse_columns(study, joint.columns)
    _refuse_regions(study, cases)
    if not cases[0].is_of_tables:
        return []
    _refuse_images(study)
    return verdicts


def unlisted(cases: Sequence[Case], tables: Mapping[str, Path]) -> list[Verdict]:
    """Return the verdicts on cases of tables alone that none of the tables has a row of."""
    if not cases or not cases[0].is_of_tables:
        return []
    return _told(cases, tables)[1]


def _told(
    cases: Sequence[Case], tables: Mapping[str, Path], *, volume: str | None = None
) -> tuple[pd.DataFrame, list[Verdict]]:
    """Return what tables tell of cases, and the verdicts on those that none of them knows."""
    patients = pd.Series({case.case_id: case.patient_id for case in cases}, dtype=str)
    frame = pd.DataFrame({"case_id": patients.index})
    joint, reasons = with_tables(frame, tables, patients=patients, volume=volume)
    lacking = reasons.loc[reasons["reason"] == "not_in_table", "case_id"].value_counts()
    absent = set(lacking.index[lacking == joint.shape[1] - 1])
    return joint, [_no_row(case, tables) for case in cases if case.case_id in absent]


def _refuse_columns(study: StudySettings, columns: Iterable[str]) -> None:
    """Refuse a volume that no table or several tables hold, and an outcome that enters models."""
    columns = list(columns)
    volumes = {volume_name(name) for name in study.tables}.intersection(columns)
    if study.volume_column is not None and len(volumes) != 1:
        msg = (
            f"volume_column: {len(volumes)} of the tables {', '.join(study.tables)} hold a column "
            f"{study.volume_column!r}, wanted is one; correct the name, or rename the other"
        )
        raise SettingsError(msg)
    outcome = re.sub(r"[^A-Za-z0-9]", "", study.outcome.column)
    found = [name for name in columns if name.endswith(f"__table_external_{outcome}")]
    if found:
        msg = (
            f"a table holds a column {study.outcome.column!r}, as the outcome is called, and the "
            f"models would be told the answer as {found[0]}; take it out of the table"
        )
        raise LeakageError(msg)


def _refuse_images(study: StudySettings) -> None:
    """Refuse what cases of tables alone cannot have."""
    asked = {
        "habitats": study.habitats is not None,
        "perturbation": study.perturbation is not None,
        "stability": study.stability is not None,
        "readers.consensus": study.readers.consensus != "refused",
        "segmentation.redrawn_dice": study.segmentation.redrawn_dice is not None,
    }
    wrong = [name for name, is_asked in asked.items() if is_asked]
    if wrong:
        msg = (
            f"{', '.join(wrong)}: needs images and masks, and the cases table names none; add "
            "columns image and mask, or leave these settings out"
        )
        raise SettingsError(msg)


def _no_row(case: Case, tables: Mapping[str, Path]) -> Verdict:
    """Return the verdict on a case of tables alone that none of them knows."""
    return Verdict(
        case.case_id,
        case.patient_id,
        STAGE,
        "rejected",
        "no_row",
        came=f"no row in {', '.join(tables)}",
        wanted="a row of the case or its patient in one of the tables at least",
        todo="add the row, or take the case out",
    )


def _refuse_regions(study: StudySettings, cases: Sequence[Case]) -> None:
    """Refuse regions to learn from that nothing fills."""
    columns = study_columns(study, tuple(cases[0].images))
    known = [*dict.fromkeys(map(region_of, columns)), *study.tables]
    known += ["clinical"] if study.outcome.clinical else []
    if study.habitats is not None:
        known.append(HABITATS)
    absent = [region for region in study.learning.regions or () if region not in known]
    if absent:
        msg = (
            f"learning.regions: nothing is called {', '.join(absent)}; this study measures "
            f"{', '.join(known)}; name some of these, or add the ring or the table"
        )
        raise SettingsError(msg)


def hashes_of(study: StudySettings) -> dict[str, str]:
    """Return the SHA-256 of each foreign table of a study, by its name."""
    return {name: sha256_of(path) for name, path in study.tables.items()}


def tables_named(given: Mapping[str, Path], wanted: tuple[str, ...]) -> dict[str, Path]:
    """Return the files of the tables that a model takes, in the model's order.

    Raises
    ------
    InputError
        A table that the model takes is not given, or one is given that it does not know.
    """
    absent = [name for name in wanted if name not in given]
    foreign = [name for name in given if name not in wanted]
    if absent or foreign:
        what = f"lacks {', '.join(absent)}" if absent else f"does not know {', '.join(foreign)}"
        known = ", ".join(wanted) or "none"
        msg = f"the model {what}; tables that it takes: {known}; give each with --table NAME=FILE"
        raise InputError(msg, code="bad_input")
    return {name: given[name] for name in wanted}
