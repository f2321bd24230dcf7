"""The outcome of a study's cases, read as its settings say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, link_outcome
from radpred.cohort.outcome import Outcome, small_classes
from radpred.config import StudySettings
from radpred.pipeline.learning.others.facts import CHANCE
from radpred.stages.work.files import read_text_table


def linked(cases: Sequence[Case], study: StudySettings) -> tuple[Outcome, list[Verdict]]:
    """Return the outcome of every case of a study that has one, and verdicts on the others.

    Raises
    ------
    InputError
        The table cannot be used; see `radpred.cohort.link_outcome`.
    """
    settings = study.outcome
    outcome, verdicts = link_outcome(
        cases,
        read_text_table(settings.file),
        column=settings.column,
        positive=settings.positive,
        clinical=settings.clinical,
        by=settings.by,
        end_point=settings.end_point,
    )
    if outcome.kind == "multiclass" and study.learning.design.kind == "folds":
        verdicts = [*verdicts, *small_classes(outcome, n_folds=study.learning.outer_folds)]
    return outcome, verdicts


def outcome_columns(outcome: Outcome) -> pd.DataFrame:
    """Return what the table of the cohort holds of an outcome, by case."""
    table = pd.DataFrame({"patient_id": outcome.groups, "y": outcome.y})
    if outcome.event_probability is not None:
        table[CHANCE] = outcome.event_probability
    return table


def outcome_metadata(outcome: Outcome) -> dict[str, Any]:
    """Return what stands beside the table of the cohort: kind, classes and unit."""
    return {"kind": outcome.kind, "classes": list(outcome.classes), "unit": outcome.unit}
