"""What the report says of several classes, or of a number, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radpred.report.words.methods import methods_text
from radpred.report.words.names import outcome_words
from radpred.report.words.numbers import (
    Interval,
    bounds,
    counted,
    interval,
    known,
    listed,
    number,
    percent,
    read_interval,
)

_BASELINES = {
    "volume": "tumour volume alone",
    "clinical": "clinical data alone",
    "site": "the site alone",
}
_SETS = {
    "multiclass": (
        "Prediction sets at {levels} are cross-conformal: each class is compared with training "
        "cases of that class only, by the probability that chains gave it which did not see these "
        "cases, and a class is in the set where its p-value is above one minus the level (Sadinle, "
        "Lei and Wasserman 2019). The promise holds for each class on average over cases that "
        "come from the same source."
    ),
    "continuous": (
        "Intervals at {levels} are CV+ (Barber, Cand\u00e8s, Ramdas and Tibshirani 2021): the "
        "absolute errors of inner chains on cases that they did not see, added to what these "
        "chains predict. All cases get nearly the same width. The promise holds on average over "
        "cases that come from the same source."
    ),
}
_CALIBRATIONS = {
    "sigmoid": (
        "Scores of the classes were turned into probabilities by one slope and a shift for each "
        "class through a softmax (bias-corrected temperature scaling, which for two classes is "
        "Platt\u2019s sigmoid), fitted to inner out-of-fold scores."
    ),
    "temperature": (
        "Scores of the classes were turned into probabilities by one temperature through a "
        "softmax, fitted to inner out-of-fold scores."
    ),
    "none": "The models\u2019 own probabilities were taken as they are.",
}


def metric(evaluation: Mapping[str, Any], name: str, *, model: str = "selected") -> Interval:
    """Return a metric of a model; unknown where there is none."""
    for one in evaluation.get("models") or ():
        if one["name"] == model:
            return read_interval(one["metrics"].get(name))
    return Interval()


def outcome_name(evaluation: Mapping[str, Any]) -> str:
    """Return the outcome as text reads it."""
    return str(evaluation["study"].get("outcome") or "the outcome").replace("_", " ")


def question(evaluation: Mapping[str, Any]) -> str:
    """Return the question of the study."""
    study = evaluation["study"]
    what = "tables of features" if study.get("is_of_tables") else "images"
    subject = f"{what} and clinical data" if study.get("n_clinical") else f"the {what}"
    verb = "tell the classes of" if evaluation["kind"] == "multiclass" else "predict"
    return f"Can {subject} {verb} {outcome_name(evaluation)}?"


def verdict(evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return the answer in a few words, and its tone."""
    name, reference = main_metric(evaluation)
    ci = metric(evaluation, name)
    if not ci.has_bounds:
        return {"head": "It cannot be told.", "tone": "caution"}
    if ci.low > reference:
        return {"head": "Better than guessing.", "tone": "good"}
    return {"head": "No better than guessing, as far as can be told.", "tone": "bad"}


def main_metric(evaluation: Mapping[str, Any]) -> tuple[str, float]:
    """Return the metric that comes first, and what it is for a model that knows nothing."""
    return ("auroc_macro", 0.5) if evaluation["kind"] == "multiclass" else ("r_squared", 0.0)


def sentence(evaluation: Mapping[str, Any]) -> str:
    """Return the answer with its numbers, beside the baselines."""
    study, kind = evaluation["study"], evaluation["kind"]
    name, _ = main_metric(evaluation)
    ci = metric(evaluation, name)
    who = counted(int(study["n_patients"]), "patient")
    if study["n_patients"] != study["n_cases"]:
        who = f"{who} with {counted(int(study['n_cases']), 'case')}"
    shown = f"{number(ci.value)} (95\u00a0% interval {bounds(ci)})"
    if kind == "multiclass":
        counts = [f"{row['n_cases']} {row['class']}" for row in study.get("per_class") or ()]
        first = (
            f"In {who} ({listed(counts)}) the model told each class from the rest with a mean "
            f"AUROC of {shown}; guessing gives 0.50"
        )
    else:
        first = (
            f"In {who} the model explained {percent(ci.value)} of the variation of "
            f"{outcome_name(evaluation)} (R\u00b2 {shown}); the mean of all gives 0"
        )
    beside = [
        f"{what} gave {number(metric(evaluation, name, model=model).value)}"
        for model, what in _BASELINES.items()
        if metric(evaluation, name, model=model).is_known
    ]
    return f"{', '.join([first, *beside])}."


def methods(evaluation: Mapping[str, Any], settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the methods: those of every study, with what is of this kind of outcome."""
    written = dict(methods_text(evaluation, settings, words=outcome_words(evaluation["study"])))
    kind, design = evaluation["kind"], evaluation.get("design") or {}
    learning = settings.get("learning") or {}
    levels = listed([percent(level) for level in design.get("confidence_levels") or ()])
    own = {
        "Participants and outcome": _participants(evaluation),
        **written,
        "Calibration": "A number is taken as it was predicted; the slope of the observed on the "
        "predicted shows how far that holds.",
        "Answers for single cases": _SETS[kind].format(levels=levels),
        "Performance and its uncertainty": (
            f"Intervals are 95\u00a0% intervals from {design.get('bootstrap_draws')} bootstrap "
            "draws of patients, which all models share; they describe the uncertainty from the "
            "choice of patients, not that from a change of place or time."
        ),
    }
    if kind == "multiclass":
        own["Calibration"] = _CALIBRATIONS[learning.get("calibration", "sigmoid")]
    return list(own.items())


def _participants(evaluation: Mapping[str, Any]) -> str:
    """Return who was studied, and what was predicted."""
    study = evaluation["study"]
    text = (
        f"{counted(int(study['n_cases']), 'case')} of "
        f"{counted(int(study['n_patients']), 'patient')} were analysed."
    )
    if evaluation["kind"] == "multiclass":
        counts = [f"{row['class']} ({row['n_cases']})" for row in study.get("per_class") or ()]
        text = f"{text} The classes of {outcome_name(evaluation)} are {listed(counts)}."
    elif study.get("observed"):
        seen, unit = study["observed"], f" {evaluation['unit']}" if evaluation["unit"] else ""
        text = (
            f"{text} {outcome_name(evaluation).capitalize()} had a mean of {seen['mean']:.4g}{unit}"
            f" (standard deviation {seen['sd']:.4g}, from {seen['minimum']:.4g} to "
            f"{seen['maximum']:.4g})."
        )
    return f"{text} Cases of one patient always stay together."


def findings(evaluation: Mapping[str, Any], level: float | None) -> list[dict[str, str]]:
    """Return what the numbers show and what they do not: head, text and tone of each."""
    found = [_against(evaluation)]
    for row in evaluation.get("conformal") or ():
        if row["level"] == level and row.get("class", "all") == "all":
            found.append(_kept(row, evaluation))
    if evaluation["kind"] == "multiclass":
        found.append(_worst(evaluation))
    else:
        found.append(_slope(evaluation))
    return [one for one in found if one]


def _against(evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return how the model compares with the baselines."""
    name = "auroc_macro" if evaluation["kind"] == "multiclass" else "rmse"
    rows = [r for r in evaluation.get("differences") or () if r["against"] in _BASELINES]
    if not rows:
        return {
            "head": "No baseline of volume or clinical data",
            "text": "Neither was in the study, so whether the features add to them is not known.",
            "tone": "caution",
        }
    told = [f"{_BASELINES[r['against']]}: {interval(r[name])}" for r in rows]
    is_clear = all(read_interval(r[name]).excludes(0.0) for r in rows)
    return {
        "head": "Beside volume and clinical data",
        "text": f"The difference in {'mean AUROC' if name != 'rmse' else 'error (RMSE)'} to "
        f"{'; to '.join(told)}. An interval that includes 0 shows no difference.",
        "tone": "good" if is_clear else "caution",
    }


def _kept(row: Mapping[str, Any], evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return whether the promise of sets or intervals was kept."""
    ci = read_interval(row["coverage"])
    within = not ci.has_bounds or ci.low <= row["level"] <= ci.high or ci.value >= row["level"]
    what = "Sets" if evaluation["kind"] == "multiclass" else "Intervals"
    return {
        "head": f"{what} {'keep' if within else 'miss'} their promise",
        "text": f"At {percent(row['level'])} they held the truth in {percent(ci.value)} of cases.",
        "tone": "good" if within else "bad",
    }


def _worst(evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return which class is found least often."""
    rows = [r for r in evaluation["classes_apart"] if known((r["recall"] or {}).get("value"))]
    least = min(rows, key=lambda r: r["recall"]["value"])
    return {
        "head": f"{least['class']} is found least often",
        "text": f"Of its {least['n']} cases the likeliest class was right in "
        f"{percent(least['recall']['value'])}.",
        "tone": "plain",
    }


def _slope(evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return whether predictions are too extreme."""
    ci = metric(evaluation, "slope")
    is_one = not ci.has_bounds or ci.low <= 1 <= ci.high
    return {
        "head": "Predictions are neither too extreme nor too timid"
        if is_one
        else f"Predictions are too {'extreme' if ci.value < 1 else 'timid'}",
        "text": f"The slope of the observed on the predicted is {interval(ci)}; 1 is ideal.",
        "tone": "good" if is_one else "caution",
    }
