"""Every calibrator on the same scores: fitted on inner held-out rows, judged on outer ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from radpred.cohort.split import Split
from radpred.errors import InputError, LeakageError
from radpred.evaluate.calibration.measures import (
    adaptive_calibration_error,
    brier,
    calibration_in_the_large,
    calibration_slope,
    expected_calibration_error,
    log_loss,
    null_calibration_error,
)
from radpred.evaluate.resampling import mean_over_repeats, patient_weights, percentile_interval
from radpred.model.calibrators import (
    METHODS,
    CrossVennAbers,
    Method,
    Scale,
    VennAbers,
    fit_calibrator,
    methods_for,
)
from radpred.model.fitted import Fitted
from radpred.model.rows import Cohort
from radpred.model.score import score_chain

Array = NDArray[Any]

WITH_INTERVALS = {
    "log_loss": log_loss,
    "brier": brier,
    "slope": calibration_slope,
    "intercept": calibration_in_the_large,
}
BESIDE_THEIR_NULL = {"ece": expected_calibration_error, "ace": adaptive_calibration_error}

_NOTES = {
    "shrunk_sigmoid": "shrunk here for its own fit, and not for the choice of settings; the risks "
    "of a study that uses it are shrunk for both",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOutScores:
    """What one outer fold leaves to calibrators.

    Parameters
    ----------
    repeat : int
        Which repeat of the outer folds.
    inner_rows : array of int, shape (n_inner,)
        Positions, in the whole table, of training rows that an inner chain did not see.
    inner_scores, inner_folds : array of shape (n_inner,)
        What that chain said of them, and in which inner fold they were held out.
    outer_rows : array of int, shape (n_outer,)
        Positions of the rows that the outer fold holds out.
    outer_scores : array of shape (n_outer,)
        What the chain fitted on all training rows says of them.
    outer_by_fold : array of shape (n_outer, n_inner_folds), optional
        What the chain of each inner fold, ascending, says of them.
    scale : {"log_odds", "probability", "distance"}, optional
        What the scores of this fold are, where folds chose different models.
    """

    repeat: int
    inner_rows: Array
    inner_scores: Array
    inner_folds: Array
    outer_rows: Array
    outer_scores: Array
    outer_by_fold: Array | None = None
    scale: Scale | None = None


def scores_of(fitted: Fitted, cohort: Cohort, split: Split) -> HeldOutScores:
    """Return the held-out scores that a model fitted on ``split.train`` leaves.

    Parameters
    ----------
    fitted : Fitted
        Fitted on the training rows of ``split``.
    cohort : Cohort
        The whole table.
    split : Split
        The outer fold.
    """
    outer, training = cohort.X.iloc[split.test], cohort.X.iloc[split.train]
    folds = fitted.conformal.folds
    inner = [score_chain(fold.chain, training.iloc[fold.scored_rows]) for fold in folds]
    return HeldOutScores(
        repeat=split.repeat,
        inner_rows=split.train[np.concatenate([fold.scored_rows for fold in folds])],
        inner_scores=np.concatenate(inner),
        inner_folds=np.repeat(np.arange(len(folds)), [len(scores) for scores in inner]),
        outer_rows=split.test,
        outer_scores=fitted.score(outer),
        outer_by_fold=np.column_stack([score_chain(fold.chain, outer) for fold in folds]),
    )


def calibrated(
    method: Method,
    parts: Sequence[HeldOutScores],
    y: ArrayLike,
    *,
    scale: Scale = "log_odds",
    patients: ArrayLike | None = None,
) -> tuple[Array, Array]:
    """Return outer probabilities and calibration intervals by ``method``.

    Only scores of the settings that were picked are known here, so that ``shrunk_sigmoid``
    corrects for the fit and not for the pick.

    Parameters
    ----------
    method : str
        One of `radpred.model.calibrators.METHODS`.
    parts : sequence of HeldOutScores
        Every outer fold of every repeat.
    y : array of shape (n_rows,)
        The outcome of each row of the table.
    scale : {"log_odds", "probability", "distance"}
        What the scores are.
    patients : array of shape (n_rows,), optional
        Whose each row is; each its own by default.

    Returns
    -------
    array of shape (n_repeats, n_rows)
        Probabilities; each is from a calibrator that saw neither the row nor its patient.
    array of shape (n_repeats, n_rows, 2)
        [p0, p1] of the Venn-ABERS methods, NaN of others.
    """
    outcomes = np.asarray(y)
    people = np.arange(len(outcomes)) if patients is None else np.asarray(patients)
    repeats = sorted({part.repeat for part in parts})
    probability = np.full((len(repeats), len(outcomes)), np.nan)
    ends = np.full((*probability.shape, 2), np.nan)
    for part in parts:
        calibrator = fit_calibrator(
            method,
            part.inner_scores,
            outcomes[part.inner_rows],
            folds=part.inner_folds,
            scale=part.scale or scale,
            groups=people[part.inner_rows],
        )
        place = repeats.index(part.repeat), part.outer_rows
        scores = part.outer_scores
        if isinstance(calibrator, CrossVennAbers) and part.outer_by_fold is not None:
            scores = part.outer_by_fold
        probability[place] = calibrator.probability(scores)
        if isinstance(calibrator, (VennAbers, CrossVennAbers)):
            ends[place] = calibrator.interval(scores)
    return probability, ends


def compare_calibrators(  # noqa: PLR0913
    parts: Sequence[HeldOutScores],
    y: ArrayLike,
    patients: ArrayLike,
    *,
    rng: np.random.Generator,
    scale: Scale = "log_odds",
    methods: Sequence[Method] | None = None,
    judged: ArrayLike | None = None,
    n_draws: int = 1000,
) -> pd.DataFrame:
    """Return one row a calibration method, all on the same rows and the same draws of patients.

    A method picked by this table was picked on the rows that judge it; fix it beforehand.

    Parameters
    ----------
    parts : sequence of HeldOutScores
        Every outer fold of every repeat; each repeat holds each row out once.
    y, patients : array of shape (n_rows,)
        Outcome and patient of each row.
    rng : numpy.random.Generator
        Where chance comes from.
    scale : {"log_odds", "probability", "distance"}
        What the scores are.
    methods : sequence of str, optional
        Which methods; all that the scales of all parts allow by default.
    judged : array of int, optional
        Positions of the rows that every repeat holds out, where others are only learnt from;
        by default all rows.
    n_draws : int
        How many bootstrap draws, and how many simulated cohorts for each null.

    Returns
    -------
    DataFrame
        ``method``; ``log_loss``, ``brier``, ``slope`` and ``intercept`` (calibration in the
        large), each with ``_low`` and ``_high`` of its 95 % interval over patients; ``ece`` and
        ``ace``, each with the ``_null`` of a model that were exactly right; ``mean_width`` of
        the calibration intervals of Venn-ABERS, NaN of others; ``note``. Means over repeats.

    Raises
    ------
    InputError
        A judged row is not held out exactly once in every repeat, or a score cannot be used.
    LeakageError
        A patient is among the inner and the outer rows of one part.
    """
    outcomes = np.asarray(y, dtype=np.intp)
    people = np.asarray(patients, dtype=str)
    own = np.arange(len(people)) if judged is None else np.unique(np.asarray(judged))
    _refuse_unusable(parts, people, own)
    weights = patient_weights(people[own], n_draws=n_draws, rng=rng)
    rows = []
    for method in _methods(parts, scale) if methods is None else methods:
        probability, ends = (
            found[:, own]
            for found in calibrated(method, parts, outcomes, scale=scale, patients=people)
        )
        row = {"method": method, **_with_intervals(outcomes[own], probability, weights)}
        note = "; ".join(filter(None, [_NOTES.get(method, ""), row.pop("note")]))
        row |= _beside_nulls(outcomes[own], probability, rng=rng, n_draws=n_draws)
        rows.append(
            {**row, "mean_width": float((ends[..., 1] - ends[..., 0]).mean()), "note": note}
        )
    return pd.DataFrame(rows)


def _methods(parts: Sequence[HeldOutScores], scale: Scale) -> list[Method]:
    """Return the methods that the scores of every part allow."""
    allowed = [methods_for(part.scale or scale) for part in parts] or [methods_for(scale)]
    return [method for method in METHODS if all(method in own for own in allowed)]


def _with_intervals(y: Array, probability: Array, weights: Array) -> dict[str, Any]:
    """Return each metric with the ends of its interval, and notes on draws left out."""
    row: dict[str, Any] = {}
    notes = []
    for name, metric in WITH_INTERVALS.items():
        found = percentile_interval(mean_over_repeats(metric, y, probability, weights))
        row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        if found.note:
            notes.append(f"{name}: {found.note}")
    return {**row, "note": "; ".join(notes)}


def _beside_nulls(
    y: Array, probability: Array, *, rng: np.random.Generator, n_draws: int
) -> dict[str, float]:
    """Return each calibration error and what it would be if every probability were right."""
    row = {}
    for name, error in BESIDE_THEIR_NULL.items():
        row[name] = float(np.mean([error(y, p) for p in probability]))
        nulls = [
            null_calibration_error(p, rng=rng, n_draws=n_draws, error=error) for p in probability
        ]
        row[f"{name}_null"] = float(np.mean(nulls))
    return row


def _refuse_unusable(parts: Sequence[HeldOutScores], patients: Array, judged: Array) -> None:
    """Raise where rows are missing or doubled, or a patient is on both sides."""
    for repeat in sorted({part.repeat for part in parts}) or [0]:
        held_out = [part.outer_rows for part in parts if part.repeat == repeat]
        rows = np.sort(np.concatenate(held_out)) if held_out else np.array([])
        if not np.array_equal(rows, judged):
            msg = (
                f"repeat {repeat}: {len(rows)} held-out rows came, {len(np.unique(rows))} of them "
                f"different, wanted each of {len(judged)} once; give every outer fold once"
            )
            raise InputError(msg)
    for part in parts:
        shared = np.intersect1d(patients[part.inner_rows], patients[part.outer_rows])
        if shared.size:
            msg = (
                f"repeat {part.repeat}: {shared.size} patient(s) are among the rows that calibrate "
                f"and the rows that judge, first {shared[:3].tolist()}; split by patient"
            )
            raise LeakageError(msg)
