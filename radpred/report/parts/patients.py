"""Answers for single cases: each one's out-of-fold result, and which ones are shown in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from radpred.report.words.names import OutcomeWords, plain_name
from radpred.report.words.numbers import listed

_NEEDED = ("case_id", "model", "y", "probability", "repeat")


@dataclass(frozen=True, kw_only=True)
class ChosenCase:
    """A case that is shown in full, and why it was chosen."""

    case_id: str
    reason: str


def out_of_fold(
    predictions: pd.DataFrame, *, level: float | None, model: str = "selected"
) -> pd.DataFrame:
    """Return one row a case: its out-of-fold risk over the repeats, and its usual answer.

    Parameters
    ----------
    predictions : DataFrame
        Long table with ``case_id``, ``patient_id``, ``model``, ``repeat``, ``y``,
        ``probability`` and, for answers, ``p_0`` and ``p_1``.
    level : float or None
        The level of the prediction sets, such as 0.9: a class is in the set where its p-value
        is above ``1 - level``.
    model : str
        Whose predictions to take.

    Returns
    -------
    DataFrame
        By ``case_id``: ``patient_id``, ``site``, ``y``, ``risk`` (mean over the repeats),
        ``lowest``, ``highest``, ``answer`` (``"0"``, ``"1"``, ``"both"``, ``"none"``, the one
        given most often, or ``""``), ``agreement`` (share of repeats that gave it).
    """
    rows = predictions
    if rows.empty or not set(_NEEDED) <= set(rows.columns):
        return pd.DataFrame(columns=["patient_id", "site", "y", "risk", "answer"])
    rows = rows[rows["model"] == model].assign(answer=lambda frame: _answers(frame, level))
    for column in ("patient_id", "site"):
        if column not in rows:
            rows[column] = ""
    cases = rows.groupby("case_id", sort=True)
    table = cases.agg(
        patient_id=("patient_id", "first"),
        site=("site", "first"),
        y=("y", "first"),
        risk=("probability", "mean"),
        lowest=("probability", "min"),
        highest=("probability", "max"),
        n_repeats=("repeat", "nunique"),
    )
    usual = cases["answer"].agg(lambda given: given.mode().iloc[0])
    same = rows["answer"] == rows["case_id"].map(usual)
    return table.assign(answer=usual, agreement=same.groupby(rows["case_id"]).mean())


def cohort_counts(cases: pd.DataFrame) -> dict[str, int]:
    """Return how many cases and patients there are, and how many of each had the event.

    A patient with several cases counts as one with the event if any of them had it.
    """
    if cases.empty:
        return {}
    patients = cases["y"].groupby(cases["patient_id"]).max()
    return {
        "n_cases": len(cases),
        "n_patients": len(patients),
        "n_events": int(cases["y"].sum()),
        "n_event_patients": int(patients.sum()),
    }


def _answers(rows: pd.DataFrame, level: float | None) -> np.ndarray:
    """Return the answer of each row: which classes are in its prediction set."""
    if level is None or not {"p_0", "p_1"} <= set(rows.columns):
        return np.full(len(rows), "")
    # 1 - 0.9 is a rounding error below 0.1, and a p-value may be exactly 0.1.
    inside = rows[["p_0", "p_1"]].to_numpy(dtype=float) > round(1 - level, 12)
    names = np.array([["none", "1"], ["0", "both"]])
    return np.asarray(names[inside[:, 0].astype(int), inside[:, 1].astype(int)])


def chosen_cases(cases: pd.DataFrame, *, n: int) -> list[ChosenCase]:
    """Return ``n`` cases to show: highest and lowest risks, open answers, and wrong ones.

    The four kinds take turns, so that each has about a quarter; a case is shown once.
    """
    taken: dict[str, str] = {}
    queues = _queues(cases)
    order = {reason: list(ids) for reason, ids in queues.items()}
    while len(taken) < n and any(order.values()):
        for reason, ids in order.items():
            while ids and ids[0] in taken:
                ids.pop(0)
            if ids and len(taken) < n:
                taken[ids.pop(0)] = reason
    chosen = [ChosenCase(case_id=case, reason=reason) for case, reason in taken.items()]
    return sorted(chosen, key=lambda case: list(queues).index(case.reason))


def _queues(cases: pd.DataFrame) -> dict[str, list[str]]:
    """Return the cases by reason, the clearest example first."""
    if cases.empty:
        return {}
    error = (cases["risk"] - cases["y"]).abs()
    is_single = cases["answer"].isin(["0", "1"])
    is_wrong = is_single & (cases["answer"] != cases["y"].astype(int).astype(str))
    is_open = cases["answer"].isin(["both", "none"])
    doubt = (cases["risk"] - 0.5).abs()
    wrong = error[is_wrong] if is_wrong.any() else error[error > 0.5]
    unsure = doubt[is_open] if is_open.any() else doubt
    return {
        "Highest risk": _ids(cases["risk"].sort_values(ascending=False)),
        "Lowest risk": _ids(cases["risk"].sort_values()),
        "Most uncertain": _ids(unsure.sort_values()),
        "Wrong": _ids(wrong.sort_values(ascending=False)),
    }


def _ids(ordered: pd.Series) -> list[str]:
    """Return the cases of an ordered column."""
    return [str(case) for case in ordered.index]


def answer_words(answer: str, words: OutcomeWords) -> str:
    """Return a prediction set in words."""
    named = {
        "0": words.absent,
        "1": words.present,
        "both": "could be either",
        "none": "typical of neither",
    }
    return named.get(answer, "not available")


def moved_by(contributions: Sequence[Mapping[str, Any]], *, n: int = 2) -> str:
    """Return in one or two sentences what raised and what lowered a risk most."""
    ordered = sorted(contributions, key=lambda part: -abs(part["shap"]))
    raised = [_named(part) for part in ordered if part["shap"] > 0][:n]
    lowered = [_named(part) for part in ordered if part["shap"] < 0][:n]
    sentences = []
    if raised:
        sentences.append(f"Raised most by {listed(raised)}.")
    if lowered:
        sentences.append(f"Lowered most by {listed(lowered)}.")
    return " ".join(sentences) or "No feature moved this risk."


def _named(part: Mapping[str, Any]) -> str:
    """Return a feature inside a sentence: what and where, its first letter small."""
    name = plain_name(part["name"])
    what = name.what if name.what[:2].isupper() else name.what[:1].lower() + name.what[1:]
    return f"{what} ({name.where})" if name.where else what
