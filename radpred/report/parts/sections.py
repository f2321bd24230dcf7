"""What each section of the report says and shows, as plain data for its template."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from radpred.pipeline.evidence.headline import headline_level, shown_threshold
from radpred.report import figures
from radpred.report.parts.answer import answer, question, tiles
from radpred.report.parts.certainty import (
    calibrator_notes,
    calibrator_rows,
    coverage_rows,
    guarantee_sentences,
    promised_for,
    reach_sentences,
    unstable_sentence,
)
from radpred.report.parts.habitats import habitat_part
from radpred.report.parts.readers import reader_rows
from radpred.report.parts.spread import TITLES, spread_rows, spread_sentences
from radpred.report.parts.tables import (
    METRICS,
    auroc_words,
    chosen_rows,
    conformal_rows,
    copies_sentence,
    flow_of_cases,
    model_rows,
    notes_on,
    prediction_rows,
    ring_rows,
    verdict_rows,
)
from radpred.report.parts.uncertain import uncertain_sentence
from radpred.report.parts.utility import at_threshold, useful_range
from radpred.report.words.methods import methods_text, settings_yaml
from radpred.report.words.names import OutcomeWords, outcome_words
from radpred.report.words.numbers import grouped, interval, known, number, percent
from radpred.report.words.wording import (
    adaptive_error,
    expected_error,
    findings,
    metric_of,
    verdict,
)

MOST_ROWS = 300
MOST_PICTURES = 12
MOST_VERDICTS = 200


@dataclass(frozen=True, kw_only=True)
class Study:
    """What the report is made of, in the words of its outcome and in its colours."""

    evaluation: Mapping[str, Any]
    explanation: Mapping[str, Any]
    verdicts: pd.DataFrame
    predictions: pd.DataFrame
    settings: Mapping[str, Any]
    colours: figures.Palette
    threshold_range: tuple[float, float]
    n_waterfalls: int
    kept_rings: pd.DataFrame | None = None
    agreement: pd.DataFrame | None = None
    spread: pd.DataFrame | None = None
    masks: pd.DataFrame | None = None
    pictures: Sequence[Mapping[str, Any]] = field(default=())
    habitats: Mapping[str, Any] | None = None

    @property
    def study(self) -> Mapping[str, Any]:
        """Return what the evaluation says of the study."""
        return self.evaluation.get("study") or {}

    @property
    def title(self) -> str:
        """Return the study's title, or its name where it has none."""
        return str(self.study.get("title") or self.study.get("name") or "Study")

    @property
    def words(self) -> OutcomeWords:
        """Return the outcome in words."""
        return outcome_words(self.study)

    @property
    def class_names(self) -> dict[Any, str]:
        """Return a short name of each class of the prediction sets."""
        return {0: "without the event", 1: "with the event", "all": "all cases"}

    @property
    def level(self) -> float | None:
        """Return the level that the report speaks of."""
        return headline_level(self.evaluation.get("conformal") or ())

    def drawing(self, figure: Figure, key: str, description: str) -> Markup:
        """Return a figure as part of the page."""
        return figures.inline_svg(figure, key=key, description=description, colours=self.colours)


def facts(study: Study) -> list[tuple[str, str, str]]:
    """Return the study in a few numbers: what is counted, how many, how many with the event."""
    rows = [
        ("Patients", "n_patients", "n_event_patients"),
        ("Cases", "n_cases", "n_events"),
        ("Features" if study.study.get("is_of_tables") else "Image features", "n_features", ""),
        ("Clinical variables", "n_clinical", ""),
    ]
    shown = [("Outcome", str(study.study.get("outcome") or "unnamed").replace("_", " "), "")]
    for label, key, key_of_events in rows:
        n, n_events = study.study.get(key), study.study.get(key_of_events)
        if known(n) and n:
            beside = f"{grouped(int(n_events))} with the event" if known(n_events) else ""
            shown.append((label, grouped(int(n)), beside))
    return shown


def answer_section(study: Study) -> dict[str, Any]:
    """Return the first section: question, verdict, sentence, tiles, findings."""
    conformal = study.evaluation.get("conformal") or ()
    rows = [row for row in conformal if row["level"] == study.level]
    return {
        "question": question(study.study, study.words),
        "verdict": verdict(study.evaluation, study.words),
        "sentence": answer(study.evaluation, study.words),
        "tiles": tiles(study.evaluation, study.words, rows=rows),
        "findings": findings(study.evaluation, study.words, rows=rows),
    }


def cases_section(study: Study) -> dict[str, Any]:
    """Return the flow of cases, the rejections, what was left of the rings, the pictures."""
    flow = flow_of_cases(study.verdicts)
    n_cases, n_soft = study.study.get("n_cases"), study.study.get("n_soft") or 0
    pictures = [
        {
            "case_id": picture["case_id"],
            "caption": str(picture.get("caption", "")).removeprefix(f"{picture['case_id']}: "),
            "data": base64.b64encode(picture["png"]).decode("ascii"),
        }
        for picture in study.pictures[:MOST_PICTURES]
    ]
    return {
        "flow": flow,
        "differs": bool(flow.n_listed) and known(n_cases) and n_cases + n_soft != flow.n_used,
        "rejections": verdict_rows(study.verdicts, status="rejected", limit=MOST_VERDICTS),
        "notes": verdict_rows(study.verdicts, status="noted", limit=MOST_VERDICTS),
        "n_rejections": int((study.verdicts["status"] == "rejected").sum()),
        "n_notes": int((study.verdicts["status"] == "noted").sum()),
        "rings": ring_rows(study.kept_rings),
        "readers": reader_rows(study.agreement),
        "pictures": pictures,
        "n_pictures": len(study.pictures),
        "habitats": habitat_part(study.habitats),
        "copies": copies_sentence(study.verdicts),
        "uncertain": uncertain_sentence(study.verdicts, study.settings, study.study),
    }


def performance_section(study: Study) -> dict[str, Any]:
    """Return the table of models, the forest and the curves."""
    models = study.evaluation.get("models") or []
    n_cases, n_events = study.study.get("n_cases"), study.study.get("n_events")
    prevalence = n_events / n_cases if known(n_cases) and known(n_events) and n_cases else None
    plots = {}
    if models:
        figure = figures.forest(models, colours=study.colours)
        plots["forest"] = study.drawing(figure, "forest", f"AUROC: {auroc_words(models)}")
    auroc = interval(metric_of(study.evaluation, "auroc"))
    if study.evaluation.get("roc"):
        figure = figures.roc_curves(study.evaluation["roc"], colours=study.colours)
        plots["roc"] = study.drawing(figure, "roc", f"ROC curves; AUROC of the model {auroc}")
    if study.evaluation.get("pr"):
        curves = study.evaluation["pr"]
        figure = figures.pr_curves(curves, prevalence=prevalence, colours=study.colours)
        auprc = interval(metric_of(study.evaluation, "auprc"))
        plots["pr"] = study.drawing(figure, "pr", f"Precision and recall; the model's area {auprc}")
    selected = study.evaluation.get("selected") or {}
    names = {model["name"]: model["label"] for model in models}
    return {
        "metrics": list(METRICS.values()),
        "rows": model_rows(models),
        "chosen": chosen_rows(selected, models),
        "notes": notes_on(models),
        "final_model": names.get(selected.get("final_model"), selected.get("final_model") or ""),
        "prevalence": percent(prevalence),
        "has_clinical": "clinical" in names,
        "plots": plots,
    }


def calibration_section(study: Study) -> dict[str, Any]:
    """Return the calibration plot and its numbers."""
    curve = study.evaluation.get("calibration_curve") or {}
    slope, intercept, brier = (
        interval(metric_of(study.evaluation, name))
        for name in ("calibration_slope", "calibration_intercept", "brier")
    )
    plot = None
    if curve.get("predicted"):
        figure = figures.calibration_plot(curve, colours=study.colours)
        plot = study.drawing(figure, "calibration", f"Calibration curve; slope {slope}")
    n_cases, n_events = study.study.get("n_cases"), study.study.get("n_events")
    share = n_events / n_cases if known(n_cases) and known(n_events) and n_cases else None
    return {
        "plot": plot,
        "slope": slope,
        "intercept": intercept,
        "brier": brier,
        "brier_null": number(share * (1 - share) if share is not None else None),
        "ece": expected_error(study.evaluation.get("null") or {}),
        "ace": adaptive_error(study.evaluation.get("null") or {}),
        "methods": calibrator_rows(study.evaluation.get("calibrators") or {}),
        "notes": calibrator_notes(study.evaluation.get("calibrators") or {}),
    }


def utility_section(study: Study) -> dict[str, Any]:
    """Return the decision curve and what it means in words."""
    curve = study.evaluation.get("decision_curve") or {}
    if not curve.get("threshold"):
        return {"plot": None, "sentences": []}
    chosen = study.threshold_range
    figure = figures.decision_curve(curve, threshold_range=chosen, colours=study.colours)
    sentences = [useful_range(curve, threshold_range=chosen)]
    threshold = shown_threshold(study.study, threshold_range=chosen)
    if threshold is not None:
        sentences.append(at_threshold(curve, threshold=threshold, words=study.words))
    plot = study.drawing(figure, "decision", f"Decision curve. {' '.join(sentences)}")
    return {"plot": plot, "sentences": sentences}


def uncertainty_section(study: Study) -> dict[str, Any]:
    """Return coverage and kinds of answers, by level and class."""
    conformal = study.evaluation.get("conformal") or []
    if not conformal:
        return {"rows": [], "plots": {}, **_leaning(study)}
    names = study.class_names
    coverage = figures.coverage_plot(conformal, labels=names, colours=study.colours)
    shares = figures.set_shares(conformal, labels=names, colours=study.colours)
    rows = conformal_rows(conformal, names)
    told = "; ".join(f"level {row.cells[0]}, {row.cells[1]}: {row.cells[3]}" for row in rows)
    kinds = "; ".join(f"level {row.cells[0]}, {row.cells[1]}: {row.cells[6]}" for row in rows)
    return {
        "rows": rows,
        "plots": {
            "coverage": study.drawing(coverage, "coverage", f"Coverage. {told}"),
            "shares": study.drawing(shares, "shares", f"Share of certain answers. {kinds}"),
        },
        **_leaning(study),
    }


def _leaning(study: Study) -> dict[str, Any]:
    """Return how far sets can promise, for whom they keep it, and what abstaining gains."""
    given, level = study.evaluation, study.level or 0.0
    curves = given.get("abstention") or {}
    plots = {}
    if curves.get("by_share"):
        figure = figures.abstention_plot(curves["by_share"], colours=study.colours)
        plots["share"] = study.drawing(figure, "by-share", "Accuracy by share of cases answered")
    if curves.get("by_certainty"):
        figure = figures.certainty_plot(curves["by_certainty"], colours=study.colours)
        plots["certainty"] = study.drawing(figure, "by-certainty", "Accuracy by certainty")
    names = study.class_names
    return {
        "reach": reach_sentences(given.get("reach") or (), level=level, names=names),
        "cells": coverage_rows(given.get("coverage") or (), level=level, names=names),
        "unstable": unstable_sentence(given.get("unstable") or (), level=level),
        "guarantees": guarantee_sentences(given.get("guarantees") or ()),
        "abstention": plots,
        "by": promised_for((study.settings.get("learning") or {}).get("conformal") or {}),
    }


def spread_section(study: Study, cases: pd.DataFrame) -> list[dict[str, Any]]:
    """Return how far risks move with the masks, a panel for each kind of other masks."""
    panels = []
    auroc = metric_of(study.evaluation, "auroc").value
    for record in study.evaluation.get("spread") or ():
        if study.spread is None:
            continue
        own = study.spread[study.spread["kind"] == record["kind"]]
        figure = figures.spread_plot(own, threshold=record["threshold"], colours=study.colours)
        sentences = spread_sentences(record, study.masks, auroc=auroc)
        key = f"spread-{record['kind']}"
        panels.append(
            {
                "title": TITLES[record["kind"]],
                "sentences": sentences,
                "plot": study.drawing(figure, key, " ".join(sentences)),
                "rows": spread_rows(own, cases, study.words),
            }
        )
    return panels


def details_section(
    study: Study, cases: pd.DataFrame, *, versions: Mapping[str, str]
) -> dict[str, Any]:
    """Return predictions, methods, settings and versions."""
    return {
        "rows": prediction_rows(cases, limit=MOST_ROWS) if len(cases) else [],
        "n_cases": len(cases),
        "most": MOST_ROWS,
        "has_repeats": bool(len(cases)) and bool(cases["n_repeats"].max() > 1),
        "has_masks": bool(len(cases)) and bool(cases["mask_low"].notna().any()),
        "has_site": bool(len(cases)) and bool(cases["site"].astype(str).str.len().max()),
        "methods": methods_text(study.evaluation, study.settings, words=study.words),
        "settings": settings_yaml(study.settings),
        "versions": dict(versions),
    }
