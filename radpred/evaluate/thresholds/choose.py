"""Thresholds with a guarantee: exact for one class, by learn-then-test for the rest."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from mapie.risk_control import BinaryClassificationController
from numpy.typing import NDArray
from scipy.stats import beta

from radpred.errors import InputError, SettingsError
from radpred.evaluate.thresholds.chosen import ChosenThreshold, HeldOut

Array = NDArray[Any]

GRID = np.round(np.arange(1, 20) / 20, 2)
_EXACT = "the exact order statistic"
_TESTED = "learn-then-test along a fixed sequence"
_ROUNDING = 1e-12


@dataclass(frozen=True)
class _Tested:
    """How a metric is put to MAPIE: its name there, what picks among valid thresholds, who counts.

    ``safest`` orders the grid from where the metric most likely holds: a fixed sequence stops at
    the first threshold that fails. The order must not depend on the rows.
    """

    name: str
    picked_by: str
    counted: str
    safest: str


_TESTED_METRICS: Mapping[str, _Tested] = {
    "ppv": _Tested("positive_predictive_value", "recall", "rows called an event", "highest"),
    "npv": _Tested("negative_predictive_value", "fpr", "rows called no event", "lowest"),
    "accuracy": _Tested("accuracy", "accuracy", "rows", "middle"),
    "flagged": _Tested("predicted_positive_fraction", "recall", "rows", "highest"),
}
THRESHOLD_METRICS = ("sensitivity", "specificity", *_TESTED_METRICS)


def choose_threshold(
    metric: str, rows: HeldOut, *, target: float, confidence: float, grid: Array = GRID
) -> ChosenThreshold:
    """Return the most useful threshold that guarantees ``metric``, or why there is none.

    Guaranteed is, for a new patient from where the rows came, that with probability
    ``confidence`` over the choice of the rows the metric is at least ``target``.

    Parameters
    ----------
    metric : str
        ``sensitivity``, ``specificity``, ``ppv``, ``npv``, ``accuracy``, or ``flagged`` (the
        share of rows that are called an event, at most ``target``).
    rows : HeldOut
        Rows that may choose.
    target, confidence : float
        Between 0 and 1.
    grid : array of shape (points,)
        Probabilities to test for the last four metrics; must be set before rows are seen.

    Raises
    ------
    SettingsError
        The metric is unknown, or a number is not between 0 and 1.
    InputError
        The last four metrics need scores that are probabilities.
    """
    for name, value in (("target", target), ("confidence", confidence)):
        if not 0 < value < 1:
            msg = f"{name} {value}: must lie between 0 and 1, as 0.9 does"
            raise SettingsError(msg)
    if metric == "sensitivity":
        return sensitivity_threshold(rows, target=target, confidence=confidence)
    if metric == "specificity":
        return specificity_threshold(rows, target=target, confidence=confidence)
    if metric not in _TESTED_METRICS:
        msg = f"metric {metric!r}: unknown; choose one of {', '.join(THRESHOLD_METRICS)}"
        raise SettingsError(msg)
    return _tested_threshold(metric, rows, target=target, confidence=confidence, grid=grid)


def sensitivity_threshold(rows: HeldOut, *, target: float, confidence: float) -> ChosenThreshold:
    """Return the highest score that keeps the sensitivity.

    At the j-th lowest of n events' scores the sensitivity is distributed as Beta(n - j + 1, j)
    (order statistics of a uniform sample: H. A. David, H. N. Nagaraja, "Order Statistics", 2003,
    section 2.3), and above it where scores tie, so that the guarantee holds for any scores.
    """
    own = np.sort(rows.score[rows.y == 1])
    rank = np.arange(1, own.size + 1)
    holds = np.asarray(beta.sf(target, own.size - rank + 1, rank) >= confidence - _ROUNDING)
    threshold = float(own[holds][-1]) if holds.any() else None
    return _chosen(
        "sensitivity",
        rows,
        promise=(target, confidence),
        threshold=threshold,
        rule=_EXACT,
        counted=("events", own.size),
    )


def specificity_threshold(rows: HeldOut, *, target: float, confidence: float) -> ChosenThreshold:
    """Return the lowest score that keeps the specificity: just above a non-event's.

    The mirror of `sensitivity_threshold`: just above the j-th lowest of n scores the specificity
    is distributed as Beta(j, n - j + 1).
    """
    own = np.sort(rows.score[rows.y == 0])
    rank = np.arange(1, own.size + 1)
    holds = np.asarray(beta.sf(target, rank, own.size - rank + 1) >= confidence - _ROUNDING)
    threshold = float(np.nextafter(own[holds][0], np.inf)) if holds.any() else None
    return _chosen(
        "specificity",
        rows,
        promise=(target, confidence),
        threshold=threshold,
        rule=_EXACT,
        counted=("non-events", own.size),
    )


def rows_needed(target: float, confidence: float) -> int:
    """Return how many rows without an error it takes to promise anything: target^n <= 1 - conf.

    Examples
    --------
    >>> rows_needed(0.9, 0.9), rows_needed(0.95, 0.95)
    (22, 59)
    """
    return math.ceil(math.log(1 - confidence) / math.log(target) - _ROUNDING)


def _tested_threshold(
    metric: str, rows: HeldOut, *, target: float, confidence: float, grid: Array
) -> ChosenThreshold:
    """Return what MAPIE's controller finds on the grid.

    A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan, L. Lei, "Learn then test", 2021. A
    fixed sequence spends no error on multiplicity; the default correction over the whole grid
    finds nothing below some hundred rows.
    """
    if rows.score.size and not (rows.score.min() >= 0 and rows.score.max() <= 1):
        msg = (
            f"scores from {rows.score.min():g} to {rows.score.max():g}: a threshold for {metric} "
            "needs probabilities; give calibrated ones"
        )
        raise InputError(msg)
    how = _TESTED_METRICS[metric]
    ordered = _safest_first(np.asarray(grid, dtype=float), how.safest)
    controller = BinaryClassificationController(
        _both_classes,
        how.name,
        float(target),
        confidence_level=confidence,
        best_predict_param_choice=how.picked_by,
        list_predict_params=ordered,
        fwer_method="fixed_sequence",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # none found is an answer
        controller.calibrate(rows.score[:, None], rows.y.astype(int))
    return _chosen(
        metric,
        rows,
        promise=(target, confidence),
        threshold=controller.best_predict_param,
        rule=_TESTED,
        counted=(how.counted, _most_counted(metric, rows.score, ordered)),
    )


def _both_classes(column: Array) -> Array:
    """Return probabilities of no event and of the event, as a classifier's ``predict_proba``."""
    return np.column_stack([1 - column[:, 0], column[:, 0]])


def _safest_first(grid: Array, safest: str) -> Array:
    """Return the grid in the order in which it is tested."""
    ordered = np.sort(grid)
    if safest == "highest":
        return ordered[::-1]
    if safest == "middle":
        return ordered[np.argsort(np.abs(ordered - 0.5), kind="stable")]
    return ordered


def _most_counted(metric: str, score: Array, grid: Array) -> int:
    """Return the largest number of rows that count for the metric at any threshold."""
    if metric == "ppv":
        return int((score >= grid.min()).sum())
    return int((score < grid.max()).sum()) if metric == "npv" else score.size


def _chosen(
    metric: str,
    rows: HeldOut,
    *,
    promise: tuple[float, float],
    threshold: float | None,
    rule: str,
    counted: tuple[str, int],
) -> ChosenThreshold:
    """Return a threshold with the rows that chose it."""
    target, confidence = promise
    kept = 1 - target if metric == "flagged" else target
    return ChosenThreshold(
        metric=metric,
        target=target,
        confidence=confidence,
        threshold=threshold,
        rule=rule,
        n_rows=counted[1],
        n_needed=rows_needed(kept, confidence),
        counted=counted[0],
        case_ids=tuple(rows.case_ids.tolist()),
        patients=tuple(rows.patients.tolist()),
    )
