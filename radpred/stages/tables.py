"""Tables of features that others made: read at the door, joined to what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.errors import InputError, SettingsError
from radpred.pipeline.measure import study_columns
from radpred.stages.files import read_text_table, sha256_of
from radpred.table import read_table
from radpred.table.bags import HABITATS
from radpred.table.columns import region_of
from radpred.table.external import REASON_COLUMNS, external_features, joined


def read_external(path: Path, *, name: str) -> pd.DataFrame:
    """Return a foreign table (.csv, or .parquet) as `external_features` does.

    Raises
    ------
    InputError
        The file cannot be read, or its rows or columns cannot be used.
    """
    if path.suffix == ".parquet":
        table = read_table(path)[0]
        named = [key for key in table.index.names if key]
        return external_features(table.reset_index() if named else table, name=name)
    return external_features(read_text_table(path), name=name)


def with_tables(
    frame: pd.DataFrame, tables: Mapping[str, Path], *, patients: pd.Series
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
    """
    reasons = [pd.DataFrame(columns=list(REASON_COLUMNS), dtype=str)]
    for name, path in tables.items():
        external = read_external(Path(path), name=name)
        frame, why = joined(frame, external, patients=patients, name=name)
        reasons.append(why)
    return frame, pd.concat(reasons, ignore_index=True)


def check_tables(study: StudySettings, cases: Sequence[Case]) -> None:
    """Refuse foreign tables that cannot be joined, and regions to learn from that nothing fills.

    Raises
    ------
    InputError
        A table cannot be read or fits no case.
    SettingsError
        ``learning.regions`` names what is neither a region nor a table.
    """
    if not cases:
        return
    patients = pd.Series({case.case_id: case.patient_id for case in cases}, dtype=str)
    with_tables(pd.DataFrame({"case_id": patients.index}), study.tables, patients=patients)
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
