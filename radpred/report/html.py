"""The report as one HTML text that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radpred.pipeline.evidence.headline import headline_level
from radpred.report.environment import environment
from radpred.report.figures import dark_palette, light_palette
from radpred.report.parts import sections
from radpred.report.parts.compared.models_part import models_part
from radpred.report.parts.explanation import explanation_section
from radpred.report.parts.patients import cohort_counts, out_of_fold
from radpred.report.parts.sections import Study
from radpred.report.parts.spread import over_masks
from radpred.report.words.costs import cost_rows
from radpred.report.words.numbers import percent


def render_report(  # noqa: PLR0913 - each part of a study by its name
    *,
    evaluation: dict[str, Any],
    explanation: dict[str, Any],
    verdicts: pd.DataFrame,
    predictions: pd.DataFrame,
    settings: dict[str, Any],
    versions: dict[str, str],
    pictures: Sequence[Mapping[str, Any]] = (),
    accent: str = "#0f5c7a",
    threshold_range: tuple[float, float] = (0.05, 0.8),
    n_waterfalls: int = 12,
    kept_rings: pd.DataFrame | None = None,
    agreement: pd.DataFrame | None = None,
    habitats: Mapping[str, Any] | None = None,
    spread: pd.DataFrame | None = None,
    masks: pd.DataFrame | None = None,
    costs: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the report of a study: one HTML page that needs nothing from outside.

    Parameters
    ----------
    evaluation : dict
        What `radpred.evaluate` writes to ``evaluation.json``; parts may be missing.
    explanation : dict
        What `radpred.explain` writes to ``explanation.json``; may be empty.
    verdicts : DataFrame
        One row a verdict: ``case_id``, ``patient_id``, ``stage``, ``status``, ``code``, ``came``,
        ``wanted``, ``todo``.
    predictions : DataFrame
        Out-of-fold predictions of all models, long.
    settings : dict
        All settings of the study, printed as they are.
    versions : dict of str to str
        Library and version.
    pictures : sequence of mapping, optional
        ``case_id``, ``png`` (bytes), ``caption``.
    accent : str
        The colour of the report.
    threshold_range : tuple of float
        Risks at which one would act, for the decision curve.
    n_waterfalls : int
        How many cases are explained one by one.
    kept_rings : DataFrame, optional
        ``region``, ``kept_fraction`` (of 1): what was left of each ring, one row a case.
    habitats : mapping, optional
        ``rows`` as of `radpred.report.parts.habitats.habitat_rows`, and ``pictures`` as above.
    agreement : DataFrame, optional
        How well two readers of a case agree, and each with the consensus, one row a pair.
    spread : DataFrame, optional
        How far the risk of each case moves over other masks, as `pipeline.variants.spread` tells;
        the records on all cases are those of ``evaluation["spread"]``.
    masks : DataFrame, optional
        These masks: ``kind``, ``reason`` and ``dice`` with the one that was given.
    costs : sequence of mapping, optional
        What each step cost, as of `radpred.report.words.costs.cost_rows`.

    Raises
    ------
    SettingsError
        When ``accent`` is not a colour.
    """
    level = headline_level(evaluation.get("conformal") or ())
    cases = over_masks(out_of_fold(predictions, level=level), spread)
    counts = {**(evaluation.get("study") or {}), **cohort_counts(cases)}
    study = Study(
        evaluation={**evaluation, "study": counts},
        explanation=explanation or {},
        verdicts=verdicts,
        predictions=predictions,
        settings=settings,
        colours=light_palette(accent),
        threshold_range=(float(threshold_range[0]), float(threshold_range[1])),
        n_waterfalls=n_waterfalls,
        kept_rings=kept_rings,
        agreement=agreement,
        spread=spread,
        masks=masks,
        pictures=pictures,
        habitats=habitats,
    )
    return _page(study, cases, versions=versions, accent=accent, costs=costs)


def _page(
    study: Study,
    cases: pd.DataFrame,
    *,
    versions: dict[str, str],
    accent: str,
    costs: Sequence[Mapping[str, Any]],
) -> str:
    """Return the page of a study, all sections filled."""
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            light=study.colours.variables(),
            dark=dark_palette(accent).variables(),
            title=study.title,
            words=study.words,
            study=study.study,
            facts=sections.facts(study),
            level=percent(study.level) if study.level else "",
            answer=sections.answer_section(study),
            cases=sections.cases_section(study),
            performance=sections.performance_section(study),
            models=models_part(study),
            calibration=sections.calibration_section(study),
            utility=sections.utility_section(study),
            uncertainty=sections.uncertainty_section(study),
            spread=sections.spread_section(study, cases),
            explanation=explanation_section(study, cases),
            details=sections.details_section(study, cases, versions=versions),
            costs=cost_rows(costs),
        )
    )
