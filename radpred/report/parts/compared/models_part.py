"""The parts of the report on models side by side, on the design, and on thresholds by need."""

from __future__ import annotations

from typing import Any

import pandas as pd

from radpred.report import figures
from radpred.report.parts.compared.blocks import block_tables, chance_sentences
from radpred.report.parts.compared.models import (
    REFERENCES,
    added_rows,
    added_sentence,
    caveats,
    differences,
    draw_rows,
    draw_sentence,
    operating_headings,
    operating_rows,
    part_heading,
    part_rows,
)
from radpred.report.parts.sections import Study

_MEASURED = ("auroc", "log_loss", "calibration_slope")


def models_part(study: Study) -> dict[str, Any]:
    """Return all models in one picture, what imaging adds, and what the design's parts tell."""
    given = study.evaluation
    comparison = given.get("comparison") or {}
    labels = {model["name"]: model["label"] for model in given.get("models") or ()}
    added, optimism = given.get("added") or [], given.get("optimism") or []
    design = given.get("design") or {}
    proper, caveated = added_rows(added)
    return {
        "plot": _plot(study, labels),
        "reference": REFERENCES.get(comparison.get("reference", ""), ""),
        "differences": {labels.get(k, k): v for k, v in differences(comparison).items()},
        "added": proper,
        "added_sentence": added_sentence(added) if added else "",
        "caveated": caveated,
        "caveats": caveats(added),
        "blocks": block_tables(given.get("blocks") or ()),
        "chance": chance_sentences(given),
        "parts": part_rows(given.get("parts") or ()),
        "part_heading": part_heading(design),
        "draws": draw_rows(optimism, labels),
        "draw_sentence": draw_sentence(optimism),
        "operating": operating_rows(given.get("operating") or (), study.words),
        "operating_headings": operating_headings(),
        "is_external": design.get("kind") == "external",
        "is_unranked": design.get("kind") == "patients",
        "is_later": design.get("kind") == "date",
    }


def _plot(study: Study, labels: dict[str, str]) -> Any:
    """Return the picture of all models, or nothing where they were not compared."""
    comparison = study.evaluation.get("comparison") or {}
    if not comparison.get("rows"):
        return None
    # What could not be written as JSON came as None, and is NaN again in the picture.
    table = pd.DataFrame(comparison["rows"])
    values = [name for name in map(str, table) if name not in ("model", "metric", "note")]
    table[values] = table[values].astype(float)
    reference = comparison["reference"] or None
    figure = figures.models_plot(
        table, metrics=_MEASURED, reference=reference, labels=labels, colours=study.colours
    )
    areas = table[table["metric"] == "auroc"]
    told = "; ".join(
        f"{labels.get(name, name)} {value:.2f}"
        for name, value in zip(areas["model"], areas["value"], strict=True)
    )
    return study.drawing(figure, "models", f"All models; AUROC: {told}")
