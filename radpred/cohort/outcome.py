"""The table of outcomes: who had the event, and what else is known, joined by patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from radpred.cohort._cells import as_text, is_missing, number_in, require_columns
from radpred.cohort.case import Case
from radpred.cohort.verdict import Verdict
from radpred.errors import InputError, LeakageError, warn
from radpred.table.columns import clinical_name

STAGE = "outcome"
_N_NAMED = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What happened to each case's patient, all indexed by ``case_id`` in the cases' order.

    Parameters
    ----------
    y : Series of int
        1 where the patient had the event, else 0.
    clinical : DataFrame
        Columns ``clinical__<column>``: float where every value in the file is a number, else
        text; NaN where missing.
    groups : Series of str
        The patient of each case.
    """

    y: pd.Series
    clinical: pd.DataFrame
    groups: pd.Series


def link_outcome(
    cases: Sequence[Case],
    frame: pd.DataFrame,
    *,
    column: str,
    positive: str,
    clinical: Sequence[str] = (),
    by: str = "patient",
) -> tuple[Outcome, list[Verdict]]:
    """Return the outcome of every case that has one, and verdicts on what does not fit.

    Patients are matched by ``patient_id``, exactly and as text, white space around it aside.
    Values of the outcome are compared as text, except that two numbers are the same when they
    are equal: ``1`` is ``1.0``. A cell that is empty, NA, NaN, nan or ? holds no value.

    Parameters
    ----------
    cases : sequence of Case
        Lesions; all of a patient get the patient's outcome.
    frame : DataFrame
        All cells text; ``patient_id``, ``column`` and the clinical columns. A patient may have
        several rows if they agree.
    column : str
        The outcome: exactly two distinct values.
    positive : str
        The value that is the event.
    clinical : sequence of str
        Columns to take along.
    by : {"patient", "case"}
        Whose outcome and clinical values a row holds: with ``case``, those of one ``case_id``, and
        no ``patient_id`` is needed. ``groups`` are the patients either way.

    Returns
    -------
    Outcome
        Of the cases that have one.
    list of Verdict
        Rejected: cases with ``no_outcome``, ``unlabelled_outcome`` or ``conflicting_outcome``.
        Noted: cases with ``conflicting_clinical`` values, which count as missing; patients
        without a case (``orphan_outcome``), rows without a patient (``missing_id``) and ids
        with ``white_space`` around them, none of which has a ``case_id``.

    Raises
    ------
    InputError
        A column is missing, the outcome has not exactly two values or not ``positive`` among
        them, or the linked cases all have the same one.
    LeakageError
        The outcome or the patient's id is named as a clinical column.
    """
    if by == "case":
        return _by_case(cases, frame, column=column, positive=positive, clinical=clinical)
    text = as_text(frame)
    require_columns(text, ["patient_id", column, *clinical], table="outcome")
    _refuse_leaks(clinical, column=column)
    written = list(text["patient_id"])
    text["patient_id"] = [patient.strip() for patient in written]
    event = _event_value(list(text[column]), column=column, positive=positive)
    answers = _answers(text, column=column)
    lost = {case.case_id: verdict for case in cases if (verdict := _lost(case, answers, column))}
    kept = [case for case in cases if case.case_id not in lost]
    y = [int(event in answers[case.patient_id]) for case in kept]
    _refuse_one_class(y, cases=cases, answers=answers, column=column)
    index = pd.Index([case.case_id for case in kept], name="case_id", dtype=str)
    outcome = Outcome(
        y=pd.Series(y, index=index, name="y", dtype=int),
        clinical=clinical_of(text, kept, clinical),
        groups=pd.Series([c.patient_id for c in kept], index=index, name="patient_id", dtype=str),
    )
    notes = [*_orphans(text, cases), *_row_notes(written)]
    return outcome, [*lost.values(), *_conflicts(text, kept, clinical), *notes]


def _by_case(
    cases: Sequence[Case],
    frame: pd.DataFrame,
    *,
    column: str,
    positive: str,
    clinical: Sequence[str],
) -> tuple[Outcome, list[Verdict]]:
    """Return what `link_outcome` does where each lesion has an outcome: as of so many patients."""
    text = as_text(frame)
    require_columns(text, ["case_id", column, *clinical], table="outcome")
    patients = {case.case_id: case.patient_id for case in cases}
    alone = [replace(case, patient_id=case.retest_of or case.case_id) for case in cases]
    rows = text.assign(patient_id=text["case_id"])
    outcome, verdicts = link_outcome(
        alone, rows, column=column, positive=positive, clinical=clinical
    )
    groups = pd.Series(patients, dtype=str).reindex(outcome.groups.index).rename("patient_id")
    named = [replace(v, patient_id=patients.get(v.case_id, v.patient_id)) for v in verdicts]
    return replace(outcome, groups=groups), named


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


def _refuse_leaks(clinical: Sequence[str], *, column: str) -> None:
    """Refuse clinical columns that are the answer or the person."""
    leaks = [name for name in clinical if name in (column, "patient_id")]
    if leaks:
        msg = (
            f"{', '.join(leaks)} is the outcome or the patient's id, wanted are clinical columns "
            "known before the outcome; take it out of the clinical columns"
        )
        raise LeakageError(msg)


def _key(cell: str) -> str | float:
    """Return what a value is compared by: a number's value, else the text."""
    number = number_in(cell)
    return cell.strip() if number is None else number


def _event_value(cells: Sequence[str], *, column: str, positive: str) -> str | float:
    """Return the key of the event among exactly two values, or refuse the column."""
    counts = Counter(_key(cell) for cell in cells if not is_missing(cell))
    found = ", ".join(f"{value!r} ({n}x)" for value, n in counts.most_common(_N_NAMED))
    more = f" and {len(counts) - _N_NAMED} more" if len(counts) > _N_NAMED else ""
    if len(counts) != 2:
        msg = (
            f"the outcome column {column} has {len(counts)} distinct values: {found or 'none'}"
            f"{more}; wanted are exactly two, the event and its absence; recode the column"
        )
        raise InputError(msg, code="not_binary")
    if _key(positive) not in counts:
        msg = (
            f"the outcome column {column} has the values {found}; wanted is the event "
            f"{positive!r} among them; name the event as the file spells it"
        )
        raise InputError(msg, code="positive_not_found")
    return _key(positive)


def _answers(text: pd.DataFrame, *, column: str) -> dict[str, set[str | float]]:
    """Return the distinct outcome values of each patient."""
    answers: dict[str, set[str | float]] = {}
    for patient, cell in zip(text["patient_id"], text[column], strict=True):
        values = answers.setdefault(patient, set())
        if not is_missing(cell):
            values.add(_key(cell))
    answers.pop("", None)
    return answers


def _lost(case: Case, answers: Mapping[str, set[str | float]], column: str) -> Verdict | None:
    """Return the verdict on a case that has no clear outcome, None if it has."""
    values = answers.get(case.patient_id)
    wanted = f"one value of {column} for patient {case.patient_id}"
    if values is None:
        found = ("no_outcome", "the outcome table has no such patient_id")
        todo = "add the patient's row, or spell the id as the cases table does, zeros included"
    elif not values:
        found = ("unlabelled_outcome", f"{column} is empty")
        todo = "fill in the outcome, or leave the case out"
    elif len(values) > 1:
        spelt = " and ".join(sorted(map(repr, values)))
        found = ("conflicting_outcome", f"the patient's rows say {spelt}")
        todo = "correct the rows so that they agree"
    else:
        return None
    return Verdict(case.case_id, case.patient_id, STAGE, "rejected", *found, wanted, todo)


def _refuse_one_class(
    y: Sequence[int],
    *,
    cases: Sequence[Case],
    answers: Mapping[str, set[str | float]],
    column: str,
) -> None:
    """Refuse linked cases that nothing can be learned from."""
    if not cases or 0 < sum(y) < len(y):
        return
    if not y:
        ours = ", ".join(sorted({case.patient_id for case in cases})[:3])
        theirs = ", ".join(sorted(answers)[:3]) or "(none)"
        msg = (
            f"no case has an outcome: patient_id is {ours} ... among the cases and {theirs} ... "
            f"among the outcomes; wanted are the same ids; spell them alike in both tables"
        )
        raise InputError(msg, code="no_outcome")
    msg = (
        f"all {len(y)} cases with an outcome {'have' if y[0] else 'lack'} the event in {column}; "
        "wanted are cases with and without it; check the outcome, or add cases"
    )
    raise InputError(msg, code="one_class")


def _is_numeric(cells: pd.Series) -> bool:
    """Say whether every value is a number."""
    return all(number_in(cell) is not None for cell in cells if not is_missing(cell))


def _by_patient(
    cells: pd.Series, patients: Sequence[str], *, is_number: bool, name: str
) -> dict[str, str | float]:
    """Return the value of each patient that has exactly one."""
    found: dict[str, dict[str | float, str | float]] = {}
    strange = []
    for patient, cell in zip(patients, cells, strict=True):
        value = number_in(cell) if is_number else cell.strip()
        if is_missing(cell):
            continue
        if value is None:
            strange.append(f"{cell!r} ({patient})")
        else:
            found.setdefault(patient, {}).setdefault(_key(cell), value)
    if strange:
        warn(f"{name}: {', '.join(strange[:3])} is not a number and counts as missing")
    return {patient: next(iter(v.values())) for patient, v in found.items() if len(v) == 1}


def _conflicts(text: pd.DataFrame, cases: Sequence[Case], clinical: Sequence[str]) -> list[Verdict]:
    """Return a note for every case whose patient has two values in a clinical column."""
    values: dict[str, dict[str, set[str | float]]] = {}
    for name in dict.fromkeys(clinical):
        for patient, cell in zip(text["patient_id"], text[name], strict=True):
            if not is_missing(cell):
                values.setdefault(patient, {}).setdefault(name, set()).add(_key(cell))
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


def _orphans(text: pd.DataFrame, cases: Sequence[Case]) -> list[Verdict]:
    """Return a note for every patient without a case."""
    known = {case.patient_id for case in cases}
    return [
        Verdict.noted(
            "",
            patient,
            stage=STAGE,
            code="orphan_outcome",
            came="the patient has an outcome and no case",
            wanted="a case for every patient that is to be used",
            todo="nothing, if the patient is left out on purpose; else spell the ids alike",
        )
        for patient in dict.fromkeys(text["patient_id"])
        if patient and patient not in known
    ]


def _row_notes(written: Sequence[str]) -> list[Verdict]:
    """Return a note for every row whose patient_id is empty, or has white space around it."""
    notes = []
    for number, patient in enumerate(written, start=1):
        if not patient.strip():
            code, came = "missing_id", f"row {number} of the outcome table has no patient_id"
            wanted, todo = "a patient_id in every row", "fill it in, or remove the row"
        elif patient != patient.strip():
            code, came = "white_space", f"row {number} of the outcome table has {patient!r}"
            wanted = "ids without white space around them"
            todo = "nothing: it was taken off; clean the table to lose this note"
        else:
            continue
        notes.append(
            Verdict.noted(
                "", patient.strip(), stage=STAGE, code=code, came=came, wanted=wanted, todo=todo
            )
        )
    return notes
