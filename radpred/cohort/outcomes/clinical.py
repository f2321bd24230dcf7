"""What else is known of a patient, one row a case."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from radpred.cohort._cells import as_text, is_missing, number_in, require_columns
from radpred.cohort.case import Case
from radpred.cohort.outcomes.end_point import STAGE, Label, key_of
from radpred.cohort.verdict import Verdict
from radpred.errors import LeakageError, warn
from radpred.table.columns import clinical_name


def clinical_of(
    frame: pd.DataFrame,
    cases: Sequence[Case],
    clinical: Sequence[str],
    *,
    like: Collection[str] | None = None,
) -> pd.DataFrame:
    """Return the clinical columns of ``cases``, one row a case, indexed by ``case_id``.

    A patient's rows may each hold part of the values; two different ones count as missing.

    Parameters
    ----------
    frame : DataFrame
        All cells text; ``patient_id`` and the clinical columns.
    cases : sequence of Case
        Whose values to return; a patient without a row gets missing values.
    clinical : sequence of str
        Columns to take.
    like : collection of str, optional
        Names ``clinical__<column>`` that are numbers, all others being text; for new patients,
        who must be read as those that a model was trained on. By default a column is numbers
        when every value in ``frame`` is one.

    Raises
    ------
    InputError
        A column is missing.
    """
    text = as_text(frame)
    require_columns(text, ["patient_id", *clinical], table="patients")
    patients = [patient.strip() for patient in text["patient_id"]]
    index = pd.Index([case.case_id for case in cases], name="case_id", dtype=str)
    columns = {}
    for name in dict.fromkeys(clinical):
        is_number = _is_numeric(text[name]) if like is None else clinical_name(name) in like
        values = _by_patient(text[name], patients, is_number=is_number, name=name)
        cells = [values.get(case.patient_id, np.nan) for case in cases]
        columns[clinical_name(name)] = pd.Series(
            cells, index=index, dtype=float if is_number else object
        )
    return pd.DataFrame(columns, index=index)


def refuse_leaks(clinical: Sequence[str], *, outcomes: Sequence[str]) -> None:
    """Refuse clinical columns that are the answer or the person.

    Raises
    ------
    LeakageError
        With their names.
    """
    leaks = [name for name in clinical if name in (*outcomes, "patient_id")]
    if leaks:
        msg = (
            f"{', '.join(leaks)} is the outcome or the patient's id, wanted are clinical columns "
            "known before the outcome; take it out of the clinical columns"
        )
        raise LeakageError(msg)


def conflicts(text: pd.DataFrame, cases: Sequence[Case], clinical: Sequence[str]) -> list[Verdict]:
    """Return a note for every case whose patient has two values in a clinical column."""
    values: dict[str, dict[str, set[Label]]] = {}
    for name in dict.fromkeys(clinical):
        for patient, cell in zip(text["patient_id"], text[name], strict=True):
            if not is_missing(cell):
                values.setdefault(patient, {}).setdefault(name, set()).add(key_of(cell))
    notes = []
    for case in cases:
        torn = [name for name, v in values.get(case.patient_id, {}).items() if len(v) > 1]
        if torn:
            notes.append(
                Verdict.noted(
                    case.case_id,
                    case.patient_id,
                    stage=STAGE,
                    code="conflicting_clinical",
                    came=f"the patient's rows disagree in {', '.join(torn)}",
                    wanted="one value for each patient",
                    todo="correct the rows; until then these values count as missing",
                )
            )
    return notes


def _is_numeric(cells: pd.Series) -> bool:
    """Say whether every value is a number."""
    return all(number_in(cell) is not None for cell in cells if not is_missing(cell))


def _by_patient(
    cells: pd.Series, patients: Sequence[str], *, is_number: bool, name: str
) -> dict[str, Label]:
    """Return the value of each patient that has exactly one."""
    found: dict[str, dict[Label, Label]] = {}
    strange = []
    for patient, cell in zip(patients, cells, strict=True):
        value = number_in(cell) if is_number else cell.strip()
        if is_missing(cell):
            continue
        if value is None:
            strange.append(f"{cell!r} ({patient})")
        else:
            found.setdefault(patient, {}).setdefault(key_of(cell), value)
    if strange:
        warn(f"{name}: {', '.join(strange[:3])} is not a number and counts as missing")
    return {patient: next(iter(v.values())) for patient, v in found.items() if len(v) == 1}
