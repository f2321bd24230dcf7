"""Evidence on several classes, or on a number, from what the steps of a study wrote."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.config import StudySettings
from radpred.errors import RadpredWarning
from radpred.pipeline.evidence.others import evaluate_classes, evaluate_number
from radpred.pipeline.learning.others.facts import EndPointFacts
from radpred.stages.judging.judged import design_facts


def judged_other(
    study: StudySettings,
    predictions: pd.DataFrame,
    people: pd.DataFrame,
    *,
    end_point: EndPointFacts,
    facts: Mapping[str, Any],
    selected: Mapping[str, Any],
    final: Path,
) -> dict[str, Any]:
    """Return the evaluation of a study whose outcome is not of two classes.

    Parameters
    ----------
    study : StudySettings
        What was asked.
    predictions : DataFrame
        Held-out predictions of all models, ``selected`` among them.
    people : DataFrame
        As in `radpred.stages.judging.judged.design_facts`.
    end_point : EndPointFacts
        Kind, classes and unit.
    facts, selected : mapping
        As in `radpred.pipeline.evidence.evaluate.evaluate_study`.
    final : Path
        The final model.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadpredWarning)  # training told it
        design = design_facts(study, people, final, end_point=end_point)
    given: dict[str, Any] = {
        "study": {**facts, **_counts(people, end_point)},
        "design": design,
        "selected": selected,
        "bootstrap_draws": study.learning.bootstrap_draws,
        "seed": study.learning.seed,
    }
    if end_point.kind == "multiclass":
        return evaluate_classes(predictions, classes=end_point.classes, **given)
    return evaluate_number(predictions, unit=end_point.unit, **given)


def _counts(people: pd.DataFrame, end_point: EndPointFacts) -> dict[str, Any]:
    """Return how many cases and patients each class has."""
    if end_point.kind != "multiclass":
        return {}
    by_code = people.groupby(people["y"].astype(int))["patient_id"]
    cases, patients = by_code.count(), by_code.nunique()
    return {
        "per_class": [
            {
                "class": name,
                "n_cases": int(cases.get(code, 0)),
                "n_patients": int(patients.get(code, 0)),
            }
            for code, name in enumerate(end_point.classes)
        ]
    }
