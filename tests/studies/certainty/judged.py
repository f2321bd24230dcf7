"""What each model is worth by each calibration, on the same held-out scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.evaluate import (
    Interval,
    adaptive_calibration_error,
    auroc,
    average_precision,
    calibrated,
    log_loss,
    null_calibration_error,
    patient_weights,
    percentile_interval,
    predictions_of,
)
from radpred.evaluate.thresholds.rates import accuracy
from radpred.model.calibrators import Method
from radpred.model.conformal import prediction_set
from radpred.pipeline.learning.held_out import comparable
from radpred.pipeline.learning.selected import SELECTED
from radpred.stages.commands.sweep import predicted, said_in
from radpred.stages.inputs.shards import planned
from radpred.stages.train import held_out_beside
from radpred.table import read_table

Array = NDArray[Any]
MODELS = ("LR", "SVM", "XGB", "RF")
METHODS: tuple[Method, ...] = ("sigmoid", "shrunk_sigmoid", "isotonic", "venn_abers")
THRESHOLDS = (0.6, 0.7, 0.8, 0.9)
LEVELS = (0.8, 0.9)
DRAWS = 1000


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one model says of a cohort.

    Attributes
    ----------
    y, patients : ndarray of shape (n,)
        Outcome and patient of each case, ascending by case.
    risks : dict of str to ndarray, shape (n_repeats, n)
        By calibration.
    ends : ndarray of shape (n_repeats, n, 2)
        Of Venn-ABERS.
    p_values : ndarray of shape (n_repeats, n, 2)
        Conformal, of either class.
    """

    y: Array
    patients: Array
    risks: dict[str, Array]
    ends: Array
    p_values: Array


def answers_of(folder: Path) -> Answers:
    """Return what the model of a variant says, by every calibration."""
    study = planned(folder / "study.json")
    inner = [read_table(held_out_beside(folder / name))[0] for name in predicted(study)]
    said = said_in(folder)
    own = said[said["model"] == SELECTED]
    rows = comparable(pd.concat(inner, ignore_index=True), own)
    found = {
        method: calibrated(method, rows.parts, rows.y, patients=rows.patients) for method in METHODS
    }
    return Answers(
        y=rows.y,
        patients=rows.patients,
        risks={method: risks for method, (risks, _) in found.items()},
        ends=found["venn_abers"][1],
        p_values=predictions_of(own, SELECTED).p_values,
    )


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What the risks of one model by one calibration are worth; areas and loss with intervals."""

    auroc: Interval
    auprc: Interval
    log_loss: Interval
    ace: float
    ace_null: float


def worth(answers: Answers, method: str, *, rng: np.random.Generator) -> Worth:
    """Return metrics of pooled out-of-fold risks, means over repeats, with bootstrap intervals."""
    y, risks = answers.y, answers.risks[method]
    stratified = patient_weights(answers.patients, n_draws=DRAWS, rng=rng, y=y)
    free = patient_weights(answers.patients, n_draws=DRAWS, rng=rng)
    everyone = np.ones(len(y))
    null = [
        null_calibration_error(p, rng=rng, n_draws=300, error=adaptive_calibration_error)
        for p in risks
    ]
    return Worth(
        auroc=_mean(auroc, y, risks, stratified),
        auprc=_mean(average_precision, y, risks, stratified),
        log_loss=_mean(log_loss, y, risks, free),
        ace=float(np.mean([adaptive_calibration_error(y, p, everyone) for p in risks])),
        ace_null=float(np.mean(null)),
    )


def _mean(metric: Any, y: Array, risks: Array, weights: Array) -> Interval:
    """Return a metric's mean over repeats with the middle of its draws."""
    return percentile_interval(np.mean([metric(y, p, weights) for p in risks], axis=0))


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Who is answered at one demand, and how often these are called rightly.

    Attributes
    ----------
    at : float
        The least certainty, or the level of the sets.
    answered : float
        Share of all cases.
    right : float
        Share of the answered that is called rightly.
    gain : Interval
        How far that lies above the accuracy over all cases.
    """

    at: float
    answered: float
    right: float
    gain: Interval


def gains(answers: Answers, method: str, *, rng: np.random.Generator) -> Iterator[Gain]:
    """Yield what answering only cases of max(p, 1 - p) above each threshold gains."""
    risks = answers.risks[method]
    for threshold in THRESHOLDS:
        kept = np.maximum(risks, 1 - risks) >= threshold
        yield _gain(answers, risks, kept, at=threshold, rng=rng)


def gains_of_sets(answers: Answers, *, rng: np.random.Generator) -> Iterator[Gain]:
    """Yield what answering only cases with a set of one outcome gains, at each level."""
    calls = (answers.p_values[..., 1] >= answers.p_values[..., 0]).astype(float)
    for level in LEVELS:
        kept = prediction_set(answers.p_values, level=level).sum(axis=-1) == 1
        yield _gain(answers, calls, kept, at=level, rng=rng)


def _gain(
    answers: Answers, calls: Array, kept: Array, *, at: float, rng: np.random.Generator
) -> Gain:
    """Return the accuracy among ``kept`` beside that of all, over the same draws of patients."""
    weights = patient_weights(answers.patients, n_draws=DRAWS, rng=rng)
    pairs = [
        (accuracy(answers.y, call, weights * own), accuracy(answers.y, call, weights))
        for call, own in zip(calls, kept, strict=True)
    ]
    right, everyone = np.mean(pairs, axis=0)
    return Gain(
        at=at,
        answered=float(kept.mean()),
        right=float(right[0]),
        gain=percentile_interval(right - everyone),
    )


def coverage(answers: Answers, *, level: float) -> tuple[float, float]:
    """Return how often sets hold the truth, for cases without and with the event."""
    sets = prediction_set(answers.p_values, level=level)
    held = np.take_along_axis(sets, np.broadcast_to(answers.y, sets.shape[:2])[..., None], axis=-1)
    return tuple(float(held[:, answers.y == label].mean()) for label in (0, 1))  # type: ignore[return-value]
