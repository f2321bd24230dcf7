"""The table of outcomes: what happened to whom, and what else is known, joined by patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from radpred.cohort._cells import as_text, require_columns
from radpred.cohort.case import Case
from radpred.cohort.outcomes.answers import (
    Answers,
    answers_of,
    class_notes,
    doubt_notes,
    lost,
    refuse_no_contrast,
)
from radpred.cohort.outcomes.clinical import clinical_of, conflicts, refuse_leaks
from radpred.cohort.outcomes.end_point import STAGE, EndPoint, OutcomeKind
from radpred.cohort.outcomes.scale import Doubt, Scale, scale_of
from radpred.cohort.verdict import Verdict

__all__ = ["BINARY", "Outcome", "clinical_of", "link_outcome", "small_classes"]

BINARY = EndPoint(kind="binary")


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What happened to each case's patient, all indexed by ``case_id`` in the cases' order.

    Parameters
    ----------
    y : Series of int or float
        Of a binary outcome 1 where the patient had the event, else 0; of classes the code of the
        class; of a continuous outcome its value. Where nobody is sure, the likelier of the two
        (the event where both are as likely), which only deals patients into folds.
    clinical : DataFrame
        Columns ``clinical__<column>``: float where every value in the file is a number, else
        text; NaN where missing.
    groups : Series of str
        The patient of each case.
    kind : {"binary", "multiclass", "continuous"}
        Of what kind it is.
    classes : tuple of str
        What the codes stand for, as the file spells it.
    unit : str
        Of a continuous outcome.
    event_probability : Series of float, optional
        Where some labels are soft: the probability of the event of every case, 0 or 1 where
        somebody is sure. Other cases train, with weights, and judge no model.
    """

    y: pd.Series
    clinical: pd.DataFrame
    groups: pd.Series
    kind: OutcomeKind = "binary"
    classes: tuple[str, ...] = ()
    unit: str = ""
    event_probability: pd.Series | None = None

    @property
    def is_certain(self) -> pd.Series:
        """Return for each case whether somebody is sure, so that it may judge models."""
        if self.event_probability is None:
            return pd.Series(data=True, index=self.y.index, name="is_certain")
        return self.event_probability.isin([0.0, 1.0]).rename("is_certain")


def link_outcome(
    cases: Sequence[Case],
    frame: pd.DataFrame,
    *,
    column: str,
    positive: str = "1",
    clinical: Sequence[str] = (),
    by: str = "patient",
    end_point: EndPoint = BINARY,
) -> tuple[Outcome, list[Verdict]]:
    """Return the outcome of every case that has one, and verdicts on what does not fit.

    Patients are matched by ``patient_id``, exactly and as text, white space around it aside.
    Values of the outcome are compared as text, except that two numbers are the same when they
    are equal: ``1`` is ``1.0``. A cell that is empty, NA, NaN, nan or ? holds no value, unless
    the value is declared uncertain.

    Parameters
    ----------
    cases : sequence of Case
        Lesions; all of a patient get the patient's outcome.
    frame : DataFrame
        All cells text; ``patient_id``, ``column`` and the clinical columns. A patient may have
        several rows if they agree: in the class, or in the number, or in being uncertain.
    column : str
        The outcome; a binary one has exactly two distinct values, uncertain ones aside.
    positive : str
        The value that is the event of a binary outcome.
    clinical : sequence of str
        Columns to take along.
    by : {"patient", "case"}
        Whose outcome and clinical values a row holds: with ``case``, those of one ``case_id``, and
        no ``patient_id`` is needed. ``groups`` are the patients either way.
    end_point : EndPoint
        What kind of outcome it is, and how its values are read; by default binary.

    Returns
    -------
    Outcome
        Of the cases that have one.
    list of Verdict
        Rejected: cases with ``no_outcome``, ``unlabelled_outcome``, ``conflicting_outcome``,
        ``uncertain_outcome`` or ``bad_probability``; of an ``unknown_class``; where a number is
        wanted, with ``outcome_not_number`` or ``outcome_not_finite``.
        Noted: cases with ``uncertain_outcome`` that are used; with ``conflicting_clinical``
        values, which count as missing; patients without a case (``orphan_outcome``), rows without
        a patient (``missing_id``), ids with ``white_space`` around them and a
        ``class_without_case``, none of which has a ``case_id``.

    Raises
    ------
    InputError
        A column is missing, the values do not make such an outcome (``not_binary``,
        ``positive_not_found``, ``kind_unclear``, ``class_not_found``), or the linked cases all
        have the same one.
    LeakageError
        The outcome or the patient's id is named as a clinical column.
    """
    if by == "case":
        given = {"positive": positive, "end_point": end_point}
        return _by_case(cases, frame, column=column, clinical=clinical, **given)
    text = as_text(frame)
    chances = end_point.uncertain.column if end_point.uncertain else ""
    outcomes = [column, chances] if chances else [column]
    require_columns(text, ["patient_id", *outcomes, *clinical], table="outcome")
    refuse_leaks(clinical, outcomes=outcomes)
    written = list(text["patient_id"])
    text["patient_id"] = [patient.strip() for patient in written]
    scale = scale_of(list(text[column]), column=column, positive=positive, end_point=end_point)
    answers = answers_of(text, column=column, scale=scale, chances=chances)
    judged = {case.case_id: lost(case, answers, column=column, scale=scale) for case in cases}
    kept = [case for case in cases if judged[case.case_id] is None]
    empty = _empty_classes(kept, answers, scale)
    known = scale.without(empty)
    refuse_no_contrast(kept, cases=cases, answers=answers, column=column, scale=known)
    outcome = replace(
        _outcome(kept, answers, scale=known, unit=end_point.unit),
        clinical=clinical_of(text, kept, clinical),
    )
    notes = [
        *doubt_notes(kept, answers, column=column),
        *conflicts(text, kept, clinical),
        *(class_notes(scale, empty, column=column) if kept else ()),
        *_orphans(text, cases),
        *_row_notes(written),
    ]
    return outcome, [*(verdict for verdict in judged.values() if verdict), *notes]


def small_classes(outcome: Outcome, *, n_folds: int) -> list[Verdict]:
    """Return a note for each class with fewer patients than folds, by name.

    Patients of whose outcome nobody is sure do not count: they judge no model.
    """
    if outcome.kind == "continuous":
        return []
    sure = outcome.is_certain
    held = outcome.groups[sure].groupby(outcome.y[sure]).nunique()
    counts = [(name, int(held.get(code, 0))) for code, name in enumerate(outcome.classes)]
    return [
        Verdict.noted(
            "",
            "",
            stage=STAGE,
            code="small_class",
            came=f"the class {name} has {n} patients",
            wanted=f"a patient of every class in each of {n_folds} folds",
            todo=f"merge the class into another, use {max(n, 2)} folds, or collect more patients",
        )
        for name, n in counts
        if n < n_folds
    ]


def _by_case(
    cases: Sequence[Case],
    frame: pd.DataFrame,
    *,
    column: str,
    clinical: Sequence[str],
    **given: Any,
) -> tuple[Outcome, list[Verdict]]:
    """Return what `link_outcome` does where each lesion has an outcome: as of so many patients."""
    text = as_text(frame)
    require_columns(text, ["case_id", column, *clinical], table="outcome")
    patients = {case.case_id: case.patient_id for case in cases}
    alone = [replace(case, patient_id=case.retest_of or case.case_id) for case in cases]
    rows = text.assign(patient_id=text["case_id"])
    outcome, verdicts = link_outcome(alone, rows, column=column, clinical=clinical, **given)
    groups = pd.Series(patients, dtype=str).reindex(outcome.groups.index).rename("patient_id")
    named = [replace(v, patient_id=patients.get(v.case_id, v.patient_id)) for v in verdicts]
    return replace(outcome, groups=groups), named


def _empty_classes(kept: Sequence[Case], answers: Answers, scale: Scale) -> list[str | float]:
    """Return the classes, of more than two, that no linked case has."""
    if scale.kind != "multiclass":
        return []
    had = {answer for case in kept for answer in answers[case.patient_id]}
    return [key for key in scale.classes if key not in had]


def _outcome(kept: Sequence[Case], answers: Answers, *, scale: Scale, unit: str) -> Outcome:
    """Return the outcomes of ``kept``, each of whose patients has one answer; nothing clinical."""
    said = [next(iter(answers[case.patient_id])) for case in kept]
    index = pd.Index([case.case_id for case in kept], name="case_id", dtype=str)
    dtype = float if scale.kind == "continuous" else int
    y = pd.Series([scale.value(a) for a in said], index=index, name="y", dtype=float).astype(dtype)
    chance = y.astype(float).rename("event_probability")
    for place, answer in enumerate(said):
        if isinstance(answer, Doubt) and answer.chance is not None:
            chance.iloc[place] = answer.chance
    is_soft = scale.kind == "binary" and not chance.isin([0.0, 1.0]).all()
    return Outcome(
        y=y,
        clinical=pd.DataFrame(index=index),
        groups=pd.Series([c.patient_id for c in kept], index=index, name="patient_id", dtype=str),
        kind=scale.kind,
        classes=scale.names,
        unit=unit,
        event_probability=chance if is_soft else None,
    )


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
