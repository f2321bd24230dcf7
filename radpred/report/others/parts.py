"""What each section of the report on classes, or on a number, says and shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from radpred.model.conformal import prediction_set
from radpred.pipeline.learning.others.rows import end_names, p_names, probability_names
from radpred.report import figures
from radpred.report.others import figures as own
from radpred.report.others import words
from radpred.report.parts.answer import tile_of
from radpred.report.parts.explanation import MOST_SWARM, thinned, volume_sentences
from radpred.report.parts.sections import MOST_ROWS, Study
from radpred.report.parts.tables import chosen_rows
from radpred.report.words.names import plain_name
from radpred.report.words.numbers import (
    Interval,
    bounds,
    interval,
    number,
    percent,
    read_interval,
    share_interval,
)

HEADS = {
    "multiclass": {
        "auroc_macro": "Mean AUROC",
        "accuracy": "Accuracy",
        "balanced_accuracy": "Balanced accuracy",
        "log_loss": "Log loss",
        "brier": "Brier score",
    },
    "continuous": {
        "r_squared": "R\u00b2",
        "rmse": "RMSE",
        "mae": "MAE",
        "spearman": "Spearman",
        "slope": "Slope",
    },
}
HOW = {
    "multiclass": "Value (95\u00a0% interval). Mean AUROC: of each class against the rest, each "
    "class alike; accuracy and balanced accuracy: of the likeliest class. Log loss and Brier "
    "score (0 to 2): lower is better.",
    "continuous": "Value (95\u00a0% interval). R\u00b2: share of the variation that is explained, "
    "below 0 for a model worse than the mean. RMSE and MAE are in the unit of the outcome, and "
    "lower is better. Slope of the observed on the predicted: 1 is ideal.",
}
_MOST_SWARMS = 5


def answer_part(study: Study) -> dict[str, Any]:
    """Return the first section: question, verdict, sentence, tiles, findings."""
    given = study.evaluation
    return {
        "question": words.question(given),
        "verdict": words.verdict(given),
        "sentence": words.sentence(given),
        "tiles": _tiles(study),
        "findings": words.findings(given, study.level),
    }


def _tiles(study: Study) -> list[Any]:
    """Return the four headline numbers."""
    given = study.evaluation
    rows = [r for r in given["conformal"] if r["level"] == study.level]
    overall: dict[str, Any] = next((r for r in rows if r.get("class", "all") == "all"), {})
    covered = read_interval(overall.get("coverage"))
    level = study.level or 0.9
    coverage = tile_of(
        f"Coverage at {percent(level)}",
        covered,
        note="how often sets or intervals held the truth",
        scale=(0, 1),
        target=(level, "promise"),
        write=percent,
    )
    if given["kind"] == "multiclass":
        size = float(len(given["classes"]))
        return [
            _metric_tile(given, "auroc_macro", "Mean AUROC", (0.5, "chance")),
            _metric_tile(given, "balanced_accuracy", "Balanced accuracy", (1 / size, "chance")),
            coverage,
            tile_of(
                "Classes in a set",
                read_interval(overall.get("set_size")),
                note=f"of {size:g}; one is a certain answer",
                scale=(0, size),
                target=(1.0, "one"),
            ),
        ]
    return _number_tiles(given, coverage, overall)


def _number_tiles(given: Mapping[str, Any], coverage: Any, overall: Mapping[str, Any]) -> list[Any]:
    """Return the headline numbers of a number."""
    spread = given["study"]["observed"]["sd"]
    explained, rmse = (words.metric(given, name) for name in ("r_squared", "rmse"))
    return [
        tile_of("R\u00b2", explained, note="0: the mean of all", scale=(0, 1)),
        tile_of("RMSE", rmse, note=f"spread {spread:.4g}", scale=(0, round(1.2 * spread, 2))),
        coverage,
        tile_of(
            "Width of the interval",
            Interval(value=overall.get("width_to_spread") or float("nan")),
            note="in standard deviations of the outcome",
            scale=(0, 4),
        ),
    ]


def _metric_tile(given: Mapping[str, Any], name: str, label: str, target: tuple[float, str]) -> Any:
    """Return the tile of a metric between 0 and 1."""
    ci = words.metric(given, name)
    return tile_of(label, ci, note=ci.note, scale=(0, 1), target=target)


def performance_part(study: Study, cases: pd.DataFrame) -> dict[str, Any]:
    """Return the table of models, a picture of the answers, and a forest."""
    given, kind = study.evaluation, study.evaluation["kind"]
    heads, models = HEADS[kind], given["models"]
    name, reference = words.main_metric(given)
    label = f"{heads[name]} (a model that knows nothing: {reference:g})"
    chosen: dict[str, Any] = {
        "metric": name,
        "label": label,
        "reference": reference,
        "colours": study.colours,
    }
    labels = {model["name"]: model["label"] for model in models}
    selected = given.get("selected") or {}
    return {
        "heads": list(heads.values()),
        "how": HOW[kind],
        "rows": [
            {
                "kind": model["kind"],
                "label": model["label"],
                "cells": [_cell(model["metrics"].get(key)) for key in heads],
            }
            for model in models
        ],
        "notes": sorted(
            {
                f"{model['label']}: {told['note']}"
                for model in models
                for told in model["metrics"].values()
                if told and told.get("note")
            }
        ),
        "forest": study.drawing(own.metric_forest(models, **chosen), "forest", label),
        "picture": _picture(study, cases),
        "classes": _class_rows(given),
        "chosen": chosen_rows(selected, models),
        "final_model": labels.get(selected.get("final_model"), selected.get("final_model") or ""),
    }


def _cell(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Return a value and its bounds."""
    ci = read_interval(given)
    return {"value": number(ci.value), "bounds": bounds(ci) if ci.is_known else ""}


def _picture(study: Study, cases: pd.DataFrame) -> Markup:
    """Return the confusion matrix, or observed against predicted."""
    given = study.evaluation
    if given["kind"] == "multiclass":
        figure = own.confusion_plot(given["confusion"], given["classes"], colours=study.colours)
        return study.drawing(figure, "confusion", "How many cases of each class were called what")
    figure = own.observed_plot(
        cases["y"].tolist(), cases["value"].tolist(), unit=given["unit"], colours=study.colours
    )
    return study.drawing(figure, "observed", "Observed against predicted, one dot a case")


def _class_rows(given: Mapping[str, Any]) -> list[list[str]]:
    """Return what is known of each class: counts, area, recall, slope."""
    return [
        [
            row["class"],
            f"{row['n']}",
            interval(row["auroc"]),
            share_interval(row["recall"]),
            interval(row["calibration_slope"]),
        ]
        for row in given.get("classes_apart") or ()
    ]


def uncertainty_part(study: Study) -> dict[str, Any]:
    """Return how sets or intervals keep their promise."""
    given = study.evaluation
    rows = [{"class": "all", "expected_sd": None, **row} for row in given["conformal"]]
    names: dict[Any, str] = {"all": "all cases", **dict(enumerate(given.get("classes") or ()))}
    is_classes = given["kind"] == "multiclass"
    what = "set" if is_classes else "interval"
    figure = figures.coverage_plot(rows, labels=names, what=what, colours=study.colours)
    heads = ["Classes in a set", "One class", "None"] if is_classes else ["Width", "Width / SD"]
    return {
        "plot": study.drawing(figure, "coverage", "How often sets or intervals held the truth"),
        "heads": heads,
        "is_classes": is_classes,
        "rows": [
            [percent(row["level"]), names[row["class"]], f"{row['n']}",
             share_interval(row["coverage"]), *_sizes(row, is_classes=is_classes)]
            for row in rows
        ],
    }  # fmt: skip


def _sizes(row: Mapping[str, Any], *, is_classes: bool) -> list[str]:
    """Return how large sets, or how wide intervals, are."""
    if is_classes:
        sizes = interval(row["set_size"])
        return [sizes, percent(row["singleton"]), percent(row["empty"])]
    return [interval(row["width"]), number(row["width_to_spread"])]


def explanation_part(study: Study) -> dict[str, Any]:
    """Return what moved the answers, a panel for each class or one for the number."""
    given = study.explanation
    facets = given.get("facets") or []
    is_classes = study.evaluation["kind"] == "multiclass"
    unit = "score" if is_classes else study.evaluation["unit"] or "in its unit"
    panels = []
    for place, facet in enumerate(facets[:_MOST_SWARMS]):
        shown = {**facet, "cases": thinned(facet["cases"], most=MOST_SWARM)}
        figure = figures.beeswarm(shown, unit=unit, moved="it", colours=study.colours)
        first = [str(plain_name(one["name"])) for one in facet["features"][:3]]
        told = f"Contributions; leading: {'; '.join(first)}"
        title = facet["name"] if len(facets) > 1 else "The leading features"
        panels.append({"title": title, "plot": study.drawing(figure, f"swarm-{place}", told)})
    return {
        "note": given.get("note", ""),
        "volume": volume_sentences(given.get("volume")),
        "panels": panels,
        "n_left": max(0, len(facets) - _MOST_SWARMS),
    }


def predictions_part(study: Study, cases: pd.DataFrame) -> dict[str, Any]:
    """Return what was said of each case while it was held out."""
    given, level = study.evaluation, study.level or 0.9
    at = percent(level)
    if given["kind"] == "multiclass":
        heads = ["Case", "Likeliest class", "Its probability", f"Set at {at}", "Observed"]
        rows = [_class_answer(case, row, given["classes"], level) for case, row in cases.iterrows()]
    else:
        heads = ["Case", "Predicted", f"Interval at {at}", "Observed", "Error"]
        rows = [_number_answer(case, row, level) for case, row in cases.iterrows()]
    return {"heads": heads, "rows": rows[:MOST_ROWS], "n_cases": len(rows), "most": MOST_ROWS}


def _class_answer(case: Any, row: pd.Series, classes: list[str], level: float) -> dict[str, Any]:
    """Return one case's answer over classes."""
    probability = row[probability_names(len(classes))].to_numpy(dtype=float)
    held = prediction_set(row[p_names(len(classes))].to_numpy(dtype=float), level=level)
    code, truth = int(probability.argmax()), int(row["y"])
    names = ", ".join(name for name, is_in in zip(classes, held, strict=True) if is_in)
    return {
        "kind": "right" if held[truth] else "wrong",
        "cells": [
            str(case), classes[code], percent(probability[code]), names or "none", classes[truth],
        ],
    }  # fmt: skip


def _number_answer(case: Any, row: pd.Series, level: float) -> dict[str, Any]:
    """Return one case's answer on a number."""
    low, high = (float(row[name]) for name in end_names(level))
    return {
        "kind": "right" if low <= row["y"] <= high else "wrong",
        "cells": [
            str(case), f"{row['value']:.4g}", f"{low:.4g} to {high:.4g}", f"{row['y']:.4g}",
            f"{row['value'] - row['y']:+.3g}",
        ],
    }  # fmt: skip


def answers_by_case(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the selected model's answers, the mean over repeats, one row a case."""
    rows = predictions[predictions["model"] == "selected"]
    return rows.groupby("case_id").mean(numeric_only=True)
