"""The report on several classes, or on a number, as one HTML text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radpred.report.environment import environment
from radpred.report.figures import dark_palette, light_palette
from radpred.report.others import parts, words
from radpred.report.parts import sections
from radpred.report.parts.sections import Study
from radpred.report.words.methods import settings_yaml
from radpred.report.words.numbers import percent


def render_other(
    *,
    evaluation: Mapping[str, Any],
    explanation: Mapping[str, Any],
    verdicts: pd.DataFrame,
    predictions: pd.DataFrame,
    settings: Mapping[str, Any],
    versions: Mapping[str, str],
    accent: str = "#0f5c7a",
    **given: Any,
) -> str:
    """Return the report of a study whose outcome is not of two classes.

    Parameters
    ----------
    evaluation : mapping
        What `radpred.pipeline.evidence.others` writes to ``evaluation.json``.
    explanation : mapping
        What `radpred.explain.others` writes to ``explanation.json``.
    verdicts, predictions, settings, versions, accent
        As in `radpred.report.render_report`.
    **given
        More of `radpred.report.parts.sections.Study`: pictures, rings, readers, habitats.

    Raises
    ------
    SettingsError
        When ``accent`` is not a colour.
    """
    study = Study(
        evaluation=evaluation,
        explanation=explanation or {},
        verdicts=verdicts,
        predictions=predictions,
        settings=settings,
        colours=light_palette(accent),
        threshold_range=(0.05, 0.8),
        n_waterfalls=0,
        **given,
    )
    cases = parts.answers_by_case(predictions)
    return (
        environment()
        .get_template("other.html.j2")
        .render(
            light=study.colours.variables(),
            dark=dark_palette(accent).variables(),
            title=study.title,
            kind=evaluation["kind"],
            words=study.words,
            study=study.study,
            facts=_facts(study),
            level=percent(study.level) if study.level else "",
            answer=parts.answer_part(study),
            cases=sections.cases_section(study),
            performance=parts.performance_part(study, cases),
            uncertainty=parts.uncertainty_part(study),
            explanation=parts.explanation_part(study),
            predictions=parts.predictions_part(study, cases),
            left_out=evaluation["left_out"],
            methods=words.methods(evaluation, settings),
            settings=settings_yaml(settings),
            versions=dict(versions),
            design=_design(evaluation),
        )
    )


def _facts(study: Study) -> Sequence[tuple[str, str, str]]:
    """Return the study in a few numbers."""
    given, rows = study.evaluation, sections.facts(study)
    if given["kind"] == "multiclass":
        return [*rows, ("Classes", f"{len(given['classes'])}", "")]
    return [*rows, ("Unit", given["unit"], "")] if given["unit"] else rows


def _design(evaluation: Mapping[str, Any]) -> str:
    """Return how models were judged, as the aside tells it."""
    return str((evaluation.get("design") or {}).get("kind", "folds"))
