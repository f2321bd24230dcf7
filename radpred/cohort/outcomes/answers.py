"""What the rows of each patient say together, and the verdicts on those that say nothing clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from radpred.cohort.case import Case
from radpred.cohort.outcomes.end_point import STAGE
from radpred.cohort.outcomes.scale import Answer, Doubt, Scale, Stray, is_infinite
from radpred.cohort.verdict import Verdict
from radpred.errors import InputError

Answers = Mapping[str, set[Answer]]


def answers_of(
    text: pd.DataFrame, *, column: str, scale: Scale, chances: str = ""
) -> dict[str, set[Answer]]:
    """Return the distinct answers of each patient; none where all its cells are empty.

    Parameters
    ----------
    text : DataFrame
        All cells text; ``patient_id`` without white space around it, and ``column``.
    column : str
        The outcome.
    scale : Scale
        How it is read.
    chances : str
        The column of probabilities of uncertain outcomes, if there is one.
    """
    answers: dict[str, set[Answer]] = {}
    beside = text[chances] if chances else [""] * len(text)
    for patient, cell, chance in zip(text["patient_id"], text[column], beside, strict=True):
        values = answers.setdefault(patient, set())
        answer = scale.answer(cell, chance)
        if answer is not None:
            values.add(answer)
    answers.pop("", None)
    return answers


def lost(case: Case, answers: Answers, *, column: str, scale: Scale) -> Verdict | None:
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
        spelt = " and ".join(sorted(map(_said, values)))
        found = ("conflicting_outcome", f"the patient's rows say {spelt}")
        todo = "correct the rows so that they agree"
    else:
        (answer,) = values
        return _unfit(case, answer, column=column, scale=scale)
    return Verdict(case.case_id, case.patient_id, STAGE, "rejected", *found, wanted, todo)


def _said(answer: Answer) -> str:
    """Return an answer as a verdict shows it."""
    if isinstance(answer, Doubt):
        return f"{answer.said!r} (uncertain)"
    return repr(answer.said) if isinstance(answer, Stray) else repr(answer)


def _unfit(case: Case, answer: Answer, *, column: str, scale: Scale) -> Verdict | None:
    """Return the verdict on the one answer of a case, None if it is of use."""
    if isinstance(answer, Doubt) and answer.chance is None:
        found = ("uncertain_outcome", f"{column} is {answer.said!r}, which was declared uncertain")
        wanted, todo = (
            "a value that somebody is sure of",
            "nothing, or choose a policy other than drop",
        )
    elif not isinstance(answer, Stray):
        return None
    elif answer.is_chance:
        found = ("bad_probability", f"the probability of an uncertain outcome is {answer.said!r}")
        wanted = "a number between 0 and 1, and neither of them"
        todo = "correct it, or write the outcome that somebody is sure of"
    elif scale.kind != "continuous":
        found = ("unknown_class", f"{column} is {answer.said!r}")
        wanted = f"one of the classes {', '.join(scale.names)}"
        todo = "correct the value, or declare it as a class, merged or uncertain"
    elif is_infinite(answer.said):
        found = ("outcome_not_finite", f"{column} is {answer.said!r}")
        wanted, todo = "a finite number", "fill in the number, or leave the cell empty"
    else:
        found = ("outcome_not_number", f"{column} is {answer.said!r}")
        wanted = "a number with a decimal point, without its unit"
        todo = "correct the value, or leave the cell empty"
    return Verdict(case.case_id, case.patient_id, STAGE, "rejected", *found, wanted, todo)


def doubt_notes(cases: Sequence[Case], answers: Answers, *, column: str) -> list[Verdict]:
    """Return a note for each case that is used although nobody is sure of its outcome."""
    notes = []
    for case in cases:
        (answer,) = answers[case.patient_id]
        if not isinstance(answer, Doubt):
            continue
        how = _use(answer.chance or 0.0)
        notes.append(
            Verdict.noted(
                case.case_id,
                case.patient_id,
                stage=STAGE,
                code="uncertain_outcome",
                came=f"{column} is {answer.said!r}, which was declared uncertain: {how}",
                wanted="a value that somebody is sure of",
                todo="nothing, or choose another policy for uncertain labels",
            )
        )
    return notes


def _use(p: float) -> str:
    """Say what becomes of a case whose probability of the event is ``p``."""
    if p in (0.0, 1.0):
        return f"it counts as {'one with' if p else 'one without'} the event wherever it is used"
    return (
        f"it enters training with weight {p:g} for the event and {1 - p:g} against it, and judges "
        "no model"
    )


def class_notes(scale: Scale, empty: Sequence[str | float], *, column: str) -> list[Verdict]:
    """Return a note for each class that the file holds and no case has."""
    return [
        Verdict.noted(
            "",
            "",
            stage=STAGE,
            code="class_without_case",
            came=f"no case has the class {scale.spelt[key]} of {column}",
            wanted="cases of every class that is to be told apart",
            todo="add cases, or merge the class into another; it is left out",
        )
        for key in empty
    ]


def refuse_no_contrast(
    kept: Sequence[Case], *, cases: Sequence[Case], answers: Answers, column: str, scale: Scale
) -> None:
    """Refuse linked cases that nothing can be learned from.

    Parameters
    ----------
    kept : sequence of Case
        Those with one answer of use.
    cases : sequence of Case
        All of them.
    answers, column, scale
        What they were linked by.

    Raises
    ------
    InputError
        ``no_outcome``: no case has any. ``one_class``: all that somebody is sure of are the same.
    """
    said = [answer for case in kept for answer in answers[case.patient_id]]
    sure = [scale.value(a) for a in said if not isinstance(a, Doubt) or a.chance in (0.0, 1.0)]
    if not cases or len(set(sure)) > 1:
        return
    if not kept:
        ours = ", ".join(sorted({case.patient_id for case in cases})[:3])
        theirs = ", ".join(sorted(answers)[:3]) or "(none)"
        msg = (
            f"no case has an outcome: patient_id is {ours} ... among the cases and {theirs} ... "
            f"among the outcomes; wanted are the same ids; spell them alike in both tables"
        )
        raise InputError(msg, code="no_outcome")
    has, wanted = _shared(sure, scale)
    msg = (
        f"all {len(sure)} cases with an outcome {has} in {column}; "
        f"wanted are cases {wanted}; check the outcome, or add cases"
    )
    raise InputError(msg, code="one_class")


def _shared(sure: Sequence[float], scale: Scale) -> tuple[str, str]:
    """Return what all cases have, and what is wanted in its place."""
    if scale.kind == "binary":
        if not sure:
            return "are uncertain", "with and without the event that somebody is sure of"
        return f"{'have' if sure[0] else 'lack'} the event", "with and without it"
    value = sure[0] if scale.kind == "continuous" else scale.names[int(sure[0])]
    return f"have {value!r}", "with at least two different values"
