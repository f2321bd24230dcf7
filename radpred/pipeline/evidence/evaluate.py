"""Predictions of several models to one evaluation: plain data, every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.evaluate import (
    Band,
    Interval,
    OutOfFold,
    adaptive_calibration_error,
    auroc,
    average_precision,
    brier,
    calibration_curve,
    calibration_in_the_large,
    calibration_slope,
    delong_interval,
    expected_calibration_error,
    expected_coverage_sd,
    log_loss,
    mean_over_repeats,
    net_benefit,
    net_benefit_of_all,
    null_calibration_error,
    one_sided_bound,
    patient_weights,
    percentile_band,
    percentile_interval,
    precision_recall_curve,
    predictions_of,
    roc_curve,
    set_shares,
    threshold_grid,
)
from radpred.model import BASELINES
from radpred.model.fusion.plan import is_part
from radpred.model.recipes import label_of
from radpred.pipeline.evidence.plain import plain

Array = NDArray[Any]

HEADLINE = "selected"
_LABEL = "Selected model"
METRICS = {
    "auprc": average_precision,
    "brier": brier,
    "log_loss": log_loss,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_in_the_large,
}
UNRANKED = ("brier", "log_loss", "calibration_intercept")
_NO_RANKS = Interval(
    float("nan"), float("nan"), float("nan"), "each part holds one patient: ranks mean nothing"
)
_ERRORS = {"ece": expected_calibration_error, "ace": adaptive_calibration_error}
_CURVE_POINTS = np.linspace(0, 1, 101)
_HISTOGRAM_EDGES = np.linspace(0, 1, 21)


@dataclass(frozen=True, eq=False)
class _Answers:
    """What the models said, and the bootstrap draws that they share.

    Draws by outcome hold the number of events, for what is conditional on the outcome; free draws
    let it vary, for what depends on how frequent events are.
    """

    models: Mapping[str, OutOfFold]
    by_outcome: Array
    free: Array
    is_ranked: bool = True
    calibration_rows: tuple[float, float] | None = None

    @property
    def headline(self) -> OutOfFold:
        """Return the predictions of the selected model."""
        return self.models[HEADLINE]

    @property
    def compared(self) -> list[str]:
        """Return the names of the selected model and of the baselines that are there."""
        return [name for name in (HEADLINE, *BASELINES) if name in self.models]

    def draws(self, metric: Any, model: str, *, by_outcome: bool = False) -> Array:
        """Return ``metric`` of a model's probabilities: the sample's first, then every draw's."""
        given, weights = self.models[model], self.by_outcome if by_outcome else self.free
        return mean_over_repeats(metric, given.y, given.probability, weights)


def evaluate_study(  # noqa: PLR0913
    predictions: pd.DataFrame,
    *,
    study: Mapping[str, Any],
    design: Mapping[str, Any],
    selected: Mapping[str, Any],
    threshold_range: tuple[float, float],
    bootstrap_draws: int,
    seed: int,
    is_ranked: bool = True,
    calibration_rows: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return the evaluation of a study as plain data that JSON can hold.

    Intervals are percentiles over bootstrap draws of patients, which all models and repeats
    share: stratified by outcome for the ROC curve, its area and the coverage of a class, and
    free for what depends on the frequency of events. Where every patient has one case and
    there is one repeat, the interval of the AUROC is DeLong's. The calibration intercept has
    its slope fixed at 1 (calibration in the large). What is undefined or infinite is None, and
    a ``note`` beside it says why.

    Parameters
    ----------
    predictions : DataFrame
        Out-of-fold predictions of all models, one of them called ``selected``; columns as in
        `radpred.evaluate.predictions.COLUMNS` and ``inner_score``.
    study : mapping
        What is known of the study (``name``, ``title``, ``n_features``, ...), passed through;
        counts that are missing are filled in.
    design : mapping
        How models were judged, with ``confidence_levels``; passed through.
    selected : mapping
        ``final_model`` and how often each model was ``chosen``; passed through.
    threshold_range : tuple of float
        Ends of the decision curve.
    bootstrap_draws : int
        How many draws of patients.
    seed : int
        Start of the draws.
    is_ranked : bool
        Whether answers of different parts may be ranked together; where they may not, there are
        no areas, curves and slopes.
    calibration_rows : tuple of float, optional
        Mean number of training rows without, and with, the event; by default those of folds.

    Raises
    ------
    InputError
        The predictions are incomplete, or models were not judged on the same cases.
    """
    rng = np.random.default_rng(seed)
    models = {
        name: predictions_of(predictions, name, is_ranked=is_ranked)
        for name in _ordered(predictions)
    }
    _refuse_unlike(models)
    first = models[HEADLINE]
    answers = _Answers(
        models,
        by_outcome=patient_weights(first.patients, n_draws=bootstrap_draws, rng=rng, y=first.y),
        free=patient_weights(first.patients, n_draws=bootstrap_draws, rng=rng),
        is_ranked=is_ranked,
        calibration_rows=calibration_rows,
    )
    ranked = answers.compared if is_ranked else []
    levels = [float(level) for level in design.get("confidence_levels", ())]
    result = {
        "study": {**_counts(first, study), **study},
        "design": {**design, "bootstrap_draws": bootstrap_draws, "seed": seed},
        "models": _models(answers, predictions),
        "selected": dict(selected),
        "differences": _differences(answers),
        "roc": {name: _roc(answers, name) for name in ranked},
        "pr": {name: _precision_recall(answers, name) for name in ranked},
        "calibration_curve": _calibration(answers) if is_ranked else {},
        "decision_curve": _decision(answers, threshold_grid(*threshold_range)),
        "conformal": [row for level in levels for row in _coverage(answers, level)],
        "null": _null(first, rng),
    }
    return plain(result)


def _ordered(predictions: pd.DataFrame) -> list[str]:
    """Return the models' names: selected, candidates as they come, baselines."""
    names = list(dict.fromkeys(predictions["model"])) if "model" in predictions.columns else []
    if HEADLINE not in names:
        msg = f"predictions: models {names} lack {HEADLINE!r}, which the evaluation is about"
        raise InputError(msg)
    candidates = [name for name in names if name not in (HEADLINE, *BASELINES)]
    return [HEADLINE, *candidates, *(name for name in BASELINES if name in names)]


def _refuse_unlike(models: Mapping[str, OutOfFold]) -> None:
    """Raise where a model was judged on other cases than the selected one."""
    first = models[HEADLINE]
    for name, other in models.items():
        alike = (
            np.array_equal(first.case_ids, other.case_ids)
            and np.array_equal(first.y, other.y)
            and np.array_equal(first.patients, other.patients)
            and len(first.fold) == len(other.fold)
        )
        if not alike:
            msg = (
                f"predictions of {name}: {len(other.fold)} repeats of {other.y.size} cases, "
                f"{HEADLINE}: {len(first.fold)} of {first.y.size}; models must answer for the "
                "same cases, outcomes and repeats"
            )
            raise InputError(msg)


def _counts(headline: OutOfFold, study: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be counted in the predictions."""
    n_events = int(headline.y.sum())
    candidates = (study.get("n_features") or 0) + (study.get("n_clinical") or 0)
    return {
        "n_cases": int(headline.y.size),
        "n_patients": int(np.unique(headline.patients).size),
        "n_events": n_events,
        "events_per_candidate": n_events / candidates if candidates else None,
    }


def _models(answers: _Answers, predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each model's metrics with their intervals."""
    rows = []
    for name, given in answers.models.items():
        metrics = _metrics(answers, name)
        if answers.is_ranked and given.is_one_row_a_patient and len(given.fold) == 1:
            metrics["auroc"] = delong_interval(given.y, given.probability[0])
        rows.append(
            {
                "name": name,
                "label": _label(name),
                "kind": kind_of(name),
                "metrics": metrics,
                "inner_score": _inner_score(predictions, name),
            }
        )
    return rows


def _metrics(answers: _Answers, name: str) -> dict[str, Interval]:
    """Return each metric of a model; one that ranks answers is NaN where ranks mean nothing."""
    if not answers.is_ranked:
        found = {key: percentile_interval(answers.draws(METRICS[key], name)) for key in UNRANKED}
        return {key: found.get(key, _NO_RANKS) for key in ("auroc", *METRICS)}
    return {
        "auroc": percentile_interval(answers.draws(auroc, name, by_outcome=True)),
        **{
            key: percentile_interval(answers.draws(metric, name)) for key, metric in METRICS.items()
        },
    }


def _label(name: str) -> str:
    """Return a model's name for readers."""
    return _LABEL if name == HEADLINE else label_of(name)


def kind_of(name: str) -> str:
    """Return what part a model plays."""
    if name in (HEADLINE, *BASELINES):
        return "selected" if name == HEADLINE else "baseline"
    return "block" if is_part(name) else "candidate"


def _inner_score(predictions: pd.DataFrame, name: str) -> float | None:
    """Return the mean over outer folds of the inner score, or None."""
    rows = predictions[predictions["model"] == name]
    if "inner_score" not in rows.columns:
        return None
    scores = rows.drop_duplicates(["repeat", "fold"])["inner_score"].dropna()
    return float(scores.mean()) if len(scores) else None


def _differences(answers: _Answers) -> list[dict[str, Any]]:
    """Return the AUROC of the selected model minus each baseline's, on the same draws."""
    if not answers.is_ranked:
        return []
    areas = {name: answers.draws(auroc, name, by_outcome=True) for name in answers.compared}
    return [
        {"against": name, "auroc": percentile_interval(areas[HEADLINE] - areas[name])}
        for name in answers.compared[1:]
    ]


def _roc(answers: _Answers, name: str) -> dict[str, Any]:
    """Return a mean ROC curve with its band, starting at the origin."""
    draws = answers.draws(partial(_on_grid, roc_curve, _CURVE_POINTS), name, by_outcome=True)
    band = percentile_band(draws)
    curves = {"tpr": band.value, "low": band.low, "high": band.high}
    return {
        "fpr": np.r_[0.0, _CURVE_POINTS],
        **{key: np.r_[0.0, curve] for key, curve in curves.items()},
    }


def _precision_recall(answers: _Answers, name: str) -> dict[str, Any]:
    """Return a mean precision-recall curve with its band."""
    draws = answers.draws(partial(_on_grid, precision_recall_curve, _CURVE_POINTS), name)
    return {"recall": _CURVE_POINTS, **_named(percentile_band(draws), "precision")}


def _calibration(answers: _Answers) -> dict[str, Any]:
    """Return the smooth calibration curve of the selected model, and who lies where on it."""
    given = answers.headline
    low, high = np.quantile(given.probability, [0.01, 0.99])
    grid = np.linspace(low, high, 60)
    draws = answers.draws(partial(_on_grid, calibration_curve, grid), HEADLINE)
    n_repeats = len(given.probability)
    counts = [
        np.histogram(given.probability[:, given.y == label], _HISTOGRAM_EDGES)[0] / n_repeats
        for label in (1, 0)
    ]
    histogram = {"edges": _HISTOGRAM_EDGES, "events": counts[0], "non_events": counts[1]}
    band = _named(percentile_band(draws), "observed")
    return {"predicted": grid, **band, "histogram": histogram}


def _decision(answers: _Answers, thresholds: Array) -> dict[str, Any]:
    """Return net benefit over thresholds; a baseline that is not there has an empty curve."""
    benefit = partial(_on_grid, net_benefit, thresholds)
    band = percentile_band(answers.draws(benefit, HEADLINE))
    baselines: dict[str, Any] = {"volume": (), "clinical": ()}
    for name in answers.compared[1:]:
        baselines[name] = answers.draws(benefit, name)[0]
    everybody = net_benefit_of_all(answers.headline.y, thresholds)
    return {
        "threshold": thresholds,
        **_named(band, HEADLINE),
        "treat_all": everybody,
        **baselines,
    }


def _coverage(answers: _Answers, level: float) -> list[dict[str, Any]]:
    """Return how the selected model's prediction sets at one level turn out, for each class."""
    given = answers.headline
    n_rows = answers.calibration_rows or [given.calibration_rows(label) for label in (0, 1)]
    spread = [expected_coverage_sd(n, level) for n in n_rows]
    share = given.y.mean()
    spread_of_all = float(np.hypot((1 - share) * spread[0], share * spread[1]))
    rows = []
    for label, expected in ((0, spread[0]), (1, spread[1]), ("all", spread_of_all)):
        is_all = label == "all"
        member = np.ones(given.y.size, dtype=bool) if is_all else given.y == label
        weights = answers.free if is_all else answers.by_outcome * member
        shares = _mean_shares(given, weights, level)
        n_patients = np.unique(given.patients[member]).size
        rows.append(
            {
                "level": level,
                "class": label,
                "n": int(member.sum()),
                "coverage": _coverage_interval(shares["coverage"], n_patients),
                "set_size": percentile_interval(shares["set_size"]),
                **{kind: shares[kind][0] for kind in ("singleton", "both", "empty")},
                "expected_sd": expected,
            }
        )
    return rows


def _mean_shares(given: OutOfFold, weights: Array, level: float) -> dict[str, Array]:
    """Return each share of the prediction sets, averaged over repeats, for every draw."""
    repeats = [set_shares(given.y, p, weights, level=level) for p in given.p_values]
    kinds = ("coverage", "set_size", "singleton", "both", "empty")
    return {kind: np.mean([getattr(shares, kind) for shares in repeats], axis=0) for kind in kinds}


def _coverage_interval(draws: Array, n_patients: int) -> Interval:
    """Return the interval of a coverage; exact where every patient, or none, is covered."""
    value = float(draws[0])
    bound = one_sided_bound(n_patients)
    note = "exact, by patients: no draw differs"
    if value == 1:
        return Interval(value, bound, 1.0, note)
    if value == 0:
        return Interval(value, 0.0, 1 - bound, note)
    return percentile_interval(draws)


def _null(given: OutOfFold, rng: np.random.Generator) -> dict[str, float]:
    """Return calibration errors, of even and of adaptive bins, beside those of a perfect model."""
    found: dict[str, float] = {}
    for name, error in _ERRORS.items():
        errors = [error(given.y, p) for p in given.probability]
        null = [null_calibration_error(p, rng=rng, error=error) for p in given.probability]
        found |= {name: float(np.mean(errors)), f"{name}_null": float(np.mean(null))}
    return found


def _on_grid(curve: Any, grid: Array, y: Array, prediction: Array, weights: Array) -> Array:
    """Return ``curve`` at the points of ``grid``, in the order that a metric takes."""
    return curve(y, prediction, grid, weights)


def _named(band: Band, name: str) -> dict[str, Array]:
    """Return a band as columns, its middle called ``name``."""
    return {name: band.value, "low": band.low, "high": band.high}
