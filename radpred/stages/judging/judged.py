"""What each design lets one say of its predictions: whole evidence, parts, or bootstrap draws."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort.designs import Design
from radpred.config import StudySettings
from radpred.errors import RadpredWarning
from radpred.evaluate.designs import metrics_by_part
from radpred.model.rows import Cohort, cohort_of
from radpred.pipeline.evidence.blocks import without_lacking, worth_of_blocks
from radpred.pipeline.evidence.chance import corrected_by_folds
from radpred.pipeline.evidence.comparison import added_by_imaging, comparison_of, operating_points
from radpred.pipeline.evidence.evaluate import evaluate_study
from radpred.pipeline.evidence.headline import shown_threshold
from radpred.pipeline.evidence.optimism import evaluate_draws
from radpred.pipeline.evidence.plain import plain
from radpred.pipeline.learning.designs import ONE_TEST_SET, calibration_rows, design_of, facts_of
from radpred.pipeline.learning.others.facts import BINARY, EndPointFacts
from radpred.pipeline.learning.selected import SELECTED
from radpred.stages.judging.external import openings
from radpred.stages.prepare import DEALT
from radpred.stages.train import apparent_beside
from radpred.table import read_table

BY_PART = ("sites", *ONE_TEST_SET)


def design_facts(
    study: StudySettings,
    people: pd.DataFrame,
    final: Path,
    *,
    end_point: EndPointFacts = BINARY,
) -> dict[str, Any]:
    """Return how the study was judged, as a report tells it.

    Parameters
    ----------
    study : StudySettings
        What was asked.
    people : DataFrame
        The cohort by case: ``patient_id``, ``y``, ``site``, and what deals the cases.
    final : Path
        The final model.
    end_point : EndPointFacts
        Of what kind the outcome is.
    """
    learning = study.learning
    facts = {
        "outer_folds": learning.outer_folds,
        "inner_folds": learning.inner_folds,
        "repeats": learning.n_repeats,
        "seed": learning.seed,
        "bootstrap_draws": learning.bootstrap_draws,
        "confidence_levels": list(learning.confidence_levels),
        "kind": learning.design.kind,
    }
    kind = learning.design.kind
    if kind == "folds":
        return facts
    if kind == "bootstrap":
        return facts | {"draws": learning.design.draws}
    cohort, design = _dealt(study, people, end_point=end_point)
    facts |= facts_of(design, cohort) | {"column": learning.design.column}
    return facts | ({"external": openings(study.out, final)} if kind == "external" else {})


def judged(
    study: StudySettings,
    predictions: pd.DataFrame,
    people: pd.DataFrame,
    *,
    facts: Mapping[str, Any],
    selected: Mapping[str, Any],
    final: Path,
) -> dict[str, Any]:
    """Return the evaluation of a study by whatever design it has.

    Parameters
    ----------
    study : StudySettings
        What was asked.
    predictions : DataFrame
        Held-out predictions of all models, ``selected`` among them.
    people : DataFrame
        As in `design_facts`.
    facts, selected : mapping
        As in `radpred.pipeline.evidence.evaluate.evaluate_study`.
    final : Path
        The final model.
    """
    given = {"study": facts, "design": design_facts(study, people, final), "selected": selected}
    kind, learning = study.learning.design.kind, study.learning
    if kind == "bootstrap":
        return evaluate_draws(predictions, read_table(apparent_beside(final))[0], **given)
    cohort, design = _dealt(study, people)
    evaluation = evaluate_study(
        without_lacking(predictions),
        **given,
        threshold_range=study.report.threshold_range,
        bootstrap_draws=learning.bootstrap_draws,
        seed=learning.seed,
        is_ranked=kind != "patients",
        calibration_rows=None if kind == "folds" else calibration_rows(design, cohort),
    )
    if kind in BY_PART:
        own = predictions[predictions["model"] == SELECTED]
        evaluation["parts"] = plain(metrics_by_part(own, design).to_dict("records"))
    return evaluation if kind == "patients" else evaluation | _beside(study, predictions, facts)


def _beside(
    study: StudySettings, predictions: pd.DataFrame, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return all models in one table, what imaging adds, and thresholds by need."""
    learning = study.learning
    cases = predictions.drop_duplicates("case_id")
    counts = {**facts, "n_cases": len(cases), "n_events": int(cases["y"].sum())}
    at = shown_threshold(counts, threshold_range=study.report.threshold_range)
    thresholds = [] if at is None else [at]
    n_draws, seed, needs = learning.bootstrap_draws, learning.seed, learning.operating.needs
    given = {"n_draws": n_draws, "seed": seed}
    shown = without_lacking(predictions)
    is_of_folds = learning.design.kind == "folds"
    return {
        "comparison": comparison_of(shown, thresholds=thresholds, **given),
        "added": added_by_imaging(shown, thresholds=thresholds, **given),
        "operating": operating_points(shown, needs, seed=seed),
        **({"repeated": corrected_by_folds(shown)} if is_of_folds else {}),
        **({"blocks": worth_of_blocks(predictions, **given)} if learning.blocks else {}),
    }


def _dealt(
    study: StudySettings, people: pd.DataFrame, *, end_point: EndPointFacts = BINARY
) -> tuple[Cohort, Design]:
    """Return the cohort without its features, and its splits as training saw them."""
    cohort = cohort_of(
        people[[]],
        people["y"],
        people["patient_id"],
        kind=end_point.kind,
        classes=end_point.classes,
    )
    by = people["site"] if study.learning.design.kind == "sites" else people.get(DEALT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadpredWarning)  # training told it
        return cohort, design_of(cohort, study.learning, dealt_by=by)
