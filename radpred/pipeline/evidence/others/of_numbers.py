"""Predictions of a number to one evaluation, every measure with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from radpred.evaluate import Interval, patient_weights, percentile_interval
from radpred.evaluate.others.classes import share
from radpred.evaluate.others.numbers import is_constant, mae, r_squared, rmse, slope, spearman
from radpred.model import BASELINES
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
from radpred.pipeline.learning.others.rows import end_names

METRICS = {"r_squared": r_squared, "rmse": rmse, "mae": mae, "spearman": spearman, "slope": slope}
LEFT_OUT = (
    ("ROC and precision-recall curves", "they rank two classes"),
    (
        "Calibration of risks",
        "the slope of observed on predicted takes its place",
    ),
    ("Decision curve", "it weighs one event that is missed against one false alarm"),
    ("Operating points and guarantees", "a threshold on a risk parts two classes"),
    ("Prediction sets", "intervals take their place"),
)


def evaluate_number(
    predictions: pd.DataFrame,
    *,
    unit: str,
    study: Mapping[str, Any],
    design: Mapping[str, Any],
    selected: Mapping[str, Any],
    bootstrap_draws: int,
    seed: int,
) -> dict[str, Any]:
    """Return the evaluation of a study of a number as plain data.

    Intervals are percentiles over bootstrap draws of patients that all models and repeats share.

    Parameters
    ----------
    predictions : DataFrame
        Held-out predictions of all models, ``selected`` among them, with ``value``, ``low_90``,
        ``high_90`` and so on.
    unit : str
        Of the number.
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
    levels = design["confidence_levels"]
    columns = {"value": "value", **{f"{level}": end_names(level) for level in levels}}
    models = {
        name: judged_of(predictions, name, columns=columns) for name in ordered_names(predictions)
    }
    headline = models[HEADLINE]
    rng = np.random.default_rng(seed)
    weights = patient_weights(headline.patients, n_draws=bootstrap_draws, rng=rng)
    compared = [name for name in (HEADLINE, *BASELINES) if name in models]
    errors = {name: models[name].draws(rmse, "value", weights) for name in compared}
    result = {
        "kind": "continuous",
        "unit": unit,
        "study": counted(headline, study) | {"observed": _observed(headline)},
        "design": dict(design),
        "models": [
            model_record(predictions, name, _metrics(given, weights), naive="mean")
            for name, given in models.items()
        ],
        "selected": dict(selected),
        "differences": differences(errors, metric="rmse"),
        "conformal": [_intervals(headline, level, weights) for level in levels],
        "left_out": [{"what": what, "why": why} for what, why in LEFT_OUT],
    }
    return plain(result)


def _observed(given: Judged) -> dict[str, float]:
    """Return what the outcome is like: its mean, spread and ends."""
    y = given.y.astype(float)
    return {"mean": y.mean(), "sd": y.std(ddof=1), "minimum": y.min(), "maximum": y.max()}


def _metrics(given: Judged, weights: Array) -> dict[str, Interval]:
    """Return each metric of a model; no correlation where it says the same of a whole fold."""
    found = {name: given.interval(metric, "value", weights) for name, metric in METRICS.items()}
    if is_constant(given.said["value"], given.fold):
        found |= {"spearman": NO_RANKS, "slope": NO_RANKS}
    return found


def _intervals(given: Judged, level: float, weights: Array) -> dict[str, Any]:
    """Return how often the intervals of one level hold the truth, and how wide they are."""
    ends = given.said[f"{level}"]
    held = [(one[:, 0] <= given.y) & (given.y <= one[:, 1]) for one in ends]
    covered = np.mean([share(one, weights) for one in held], axis=0)
    widths = ends[..., 1] - ends[..., 0]
    is_finite = bool(np.isfinite(widths).all())
    none = Interval(float("nan"), float("nan"), float("nan"), "too few rows: infinite")
    width = (
        percentile_interval(np.mean([share(one, weights) for one in widths], axis=0))
        if is_finite
        else none
    )
    return {
        "level": level,
        "n": int(given.y.size),
        "coverage": percentile_interval(covered),
        "width": width,
        "width_to_spread": float(np.median(widths) / given.y.std(ddof=1)) if is_finite else None,
    }
