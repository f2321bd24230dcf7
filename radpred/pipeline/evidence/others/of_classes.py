"""Predictions of several classes to one evaluation, every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpred.evaluate import Interval, calibration_slope, patient_weights, percentile_interval
from radpred.evaluate.others.classes import (
    accuracy,
    balanced_accuracy,
    class_aurocs,
    class_brier,
    class_log_loss,
    confusion,
    macro_auroc,
    recalls,
    share,
)
from radpred.evaluate.others.numbers import is_constant
from radpred.model import BASELINES
from radpred.model.conformal import prediction_set
from radpred.pipeline.evidence.others.common import (
    HEADLINE,
    NO_RANKS,
    Array,
    Judged,
    counted,
    differences,
    judged_of,
    model_record,
    ordered_names,
)
from radpred.pipeline.evidence.plain import plain
from radpred.pipeline.learning.others.rows import p_names, probability_names

METRICS = {
    "auroc_macro": macro_auroc,
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "log_loss": class_log_loss,
    "brier": class_brier,
}
LEFT_OUT = (
    ("Decision curve", "it weighs one event that is missed against one false alarm"),
    ("Operating points and guarantees", "a threshold on a risk parts two classes"),
    ("DeLong's test and interval", "they are of one ROC curve; intervals here redraw patients"),
    ("Comparison of calibrations", "the other calibrations are of two classes"),
    ("Abstention", "its curves count one answer in two"),
)
_BY_OUTCOME = ("auroc_macro", "balanced_accuracy")


def evaluate_classes(
    predictions: pd.DataFrame,
    *,
    classes: Sequence[str],
    study: Mapping[str, Any],
    design: Mapping[str, Any],
    selected: Mapping[str, Any],
    bootstrap_draws: int,
    seed: int,
) -> dict[str, Any]:
    """Return the evaluation of a study of several classes as plain data.

    Intervals are percentiles over bootstrap draws of patients that all models and repeats share:
    stratified by class for what is conditional on it, else free.

    Parameters
    ----------
    predictions : DataFrame
        Held-out predictions of all models, ``selected`` among them, with ``probability_0``,
        ``p_0`` and so on.
    classes : sequence of str
        What the codes stand for.
    study, design, selected : mapping
        As in `radpred.pipeline.evidence.evaluate.evaluate_study`.
    bootstrap_draws : int
        How many draws of patients.
    seed : int
        Start of the draws.

    Raises
    ------
    InputError
        The predictions are incomplete.
    """
    n = len(classes)
    columns = {"probability": probability_names(n), "p": p_names(n)}
    predictions = predictions.astype({"y": int})
    models = {
        name: judged_of(predictions, name, columns=columns) for name in ordered_names(predictions)
    }
    headline, rng = models[HEADLINE], np.random.default_rng(seed)
    by_class, free = (
        patient_weights(headline.patients, n_draws=bootstrap_draws, rng=rng, y=y)
        for y in (headline.y, None)
    )
    levels = design["confidence_levels"]
    compared = [name for name in (HEADLINE, *BASELINES) if name in models]
    ranked = [n for n in compared if not is_constant(models[n].said["probability"], models[n].fold)]
    areas = {name: models[name].draws(macro_auroc, "probability", by_class) for name in ranked}
    counts = [confusion(headline.y, said) for said in headline.said["probability"]]
    result = {
        "kind": "multiclass",
        "classes": list(classes),
        "study": counted(headline, study),
        "design": dict(design),
        "models": [
            model_record(
                predictions, name, _metrics(given, by_class, free), naive="shares of the classes"
            )
            for name, given in models.items()
        ],
        "selected": dict(selected),
        "differences": differences(areas, metric="auroc_macro") if HEADLINE in areas else [],
        "classes_apart": _classes_apart(headline, classes, by_class, free),
        "confusion": np.mean(counts, axis=0),
        "conformal": [row for level in levels for row in _sets(headline, level, by_class, free)],
        "left_out": [{"what": what, "why": why} for what, why in LEFT_OUT],
    }
    return plain(result)


def _metrics(given: Judged, by_class: Array, free: Array) -> dict[str, Interval]:
    """Return each metric of a model; areas are none where it says the same of a whole fold."""
    found = {
        name: given.interval(metric, "probability", by_class if name in _BY_OUTCOME else free)
        for name, metric in METRICS.items()
    }
    if is_constant(given.said["probability"], given.fold):
        found["auroc_macro"] = NO_RANKS
    return found


def _classes_apart(
    given: Judged, classes: Sequence[str], by_class: Array, free: Array
) -> list[dict[str, Any]]:
    """Return how well each class is told from the rest, and how its probability is calibrated."""
    areas = given.draws(class_aurocs, "probability", by_class)
    found = given.draws(recalls, "probability", by_class)
    rows = []
    for code, name in enumerate(classes):
        own = given.y == code
        slopes = np.mean(
            [
                calibration_slope(own.astype(int), said[:, code], free)
                for said in given.said["probability"]
            ],
            axis=0,
        )
        rows.append(
            {
                "class": name,
                "n": int(own.sum()),
                "n_patients": int(np.unique(given.patients[own]).size),
                "auroc": percentile_interval(areas[:, code]),
                "recall": percentile_interval(found[:, code]),
                "calibration_slope": percentile_interval(slopes),
            }
        )
    return rows


def _sets(given: Judged, level: float, by_class: Array, free: Array) -> list[dict[str, Any]]:
    """Return how the prediction sets of one level turn out, for each class and for all."""
    rows = []
    n_classes = given.said["p"].shape[-1]
    sets = [prediction_set(p, level=level) for p in given.said["p"]]
    places = np.arange(given.y.size)
    for code in [*range(n_classes), "all"]:
        member = np.ones(given.y.size, dtype=bool) if code == "all" else given.y == code
        weights = (free if code == "all" else by_class) * member
        covered = np.mean([share(held[places, given.y], weights) for held in sets], axis=0)
        sizes = np.mean([share(held.sum(axis=1), weights) for held in sets], axis=0)
        size = [np.mean([(h[member].sum(axis=1) == k).mean() for h in sets]) for k in (0, 1)]
        rows.append(
            {
                "level": level,
                "class": code,
                "n": int(member.sum()),
                "coverage": percentile_interval(covered),
                "set_size": percentile_interval(sizes),
                "empty": size[0],
                "singleton": size[1],
            }
        )
    return rows
