"""How far the answers of a study may be leant on: calibrators, coverage, abstention, guarantees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.config.study import ConformalSettings, LearningSettings
from radpred.evaluate import OutOfFold, compare_calibrators, patient_weights, predictions_of
from radpred.evaluate.thresholds import (
    accuracy,
    choose_threshold,
    held_out,
    sensitivity,
    specificity,
)
from radpred.evaluate.uncertainty.abstention import abstention_curve, certainty_curve, p_value_gap
from radpred.evaluate.uncertainty.coverage import (
    coverage_shortfall,
    exact_interval,
    expected_coverage_sd,
    reach_of,
)
from radpred.model.conformal import UNSTABLE, enlarged, prediction_set
from radpred.pipeline.evidence.evaluate import HEADLINE
from radpred.pipeline.evidence.plain import plain
from radpred.pipeline.learning.held_out import comparable
from radpred.pipeline.learning.train import CAUTIOUS

Array = NDArray[Any]

N_DRAWS = 200  # of patients; these are pictures and comparisons, no headline
SHARES = np.round(np.arange(1, 11) / 10, 1)
GAPS = np.round(np.arange(10) / 10, 1)
_CELLS: Mapping[str, dict[Any, str]] = {
    "class": {0: "class=0", 1: "class=1"},
    "marginal": {"all": "all"},
}
METRICS = {"accuracy": accuracy, "sensitivity": sensitivity, "specificity": specificity}


def certainty(
    predictions: pd.DataFrame,
    inner: pd.DataFrame,
    *,
    design: LearningSettings,
    cell_sizes: Mapping[str, int],
    is_ranked: bool = True,
) -> dict[str, Any]:
    """Return what stands behind the answers of the selected model, as plain data.

    Nothing of a bootstrap, whose draws answer for a case several times.

    Parameters
    ----------
    predictions : DataFrame
        Out-of-fold predictions, one model of them ``selected``.
    inner : DataFrame
        What the inner chains of the models that outer folds chose said of training rows, as
        `radpred.pipeline.learning.held_out.held_out_table` returns it.
    design : LearningSettings
        What was asked.
    cell_sizes : mapping of str to int
        Calibration rows of each cell of the final model.
    is_ranked : bool
        Whether answers of different parts may be ranked together.
    """
    if design.design.kind == "bootstrap":
        return {}
    rows = predictions[predictions["model"] == HEADLINE]
    given = predictions_of(predictions, HEADLINE, is_ranked=is_ranked)
    rng = np.random.default_rng([design.seed, 1])
    weights = patient_weights(given.patients, n_draws=N_DRAWS, rng=rng)
    levels = design.confidence_levels
    strata = _strata(rows)
    # A fold calibrates with about as many rows as the final model, less those that it holds out.
    kept = 1 - 1 / design.outer_folds if design.design.kind == "folds" else 1.0
    sizes = {cell: int(kept * n) for cell, n in cell_sizes.items()}
    return dict(
        plain(
            {
                "calibrators": _calibrators(rows, inner, method=design.calibration, rng=rng),
                "reach": [_reached(cell_sizes, level) for level in levels],
                "coverage": [
                    row for level in levels for row in _coverage(given, strata, level, sizes)
                ],
                "unstable": [_unstable(rows, level, design.conformal.method) for level in levels],
                "abstention": _abstention(given, weights),
                "guarantees": [_guarantee(given, asked) for asked in design.guarantee],
            }
        )
    )


def with_chance(
    conformal: Sequence[Mapping[str, Any]],
    settings: ConformalSettings,
    cell_sizes: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Return rows of coverage with the spread that chance gives to sets of these settings.

    Where every training row calibrates within its class, rows stay as they are. Else the spread is
    that of the final model's cell, and None where a row is of no single cell.

    Parameters
    ----------
    conformal : sequence of mapping
        As in ``evaluation["conformal"]``: ``level``, ``class`` (0, 1 or ``"all"``).
    settings : ConformalSettings
        How sets are made.
    cell_sizes : mapping of str to int
        Calibration rows of each cell of the final model.
    """
    if settings.by == "class" and settings.method != "split":
        return [dict(row) for row in conformal]
    cells: dict[Any, str] = _CELLS.get(settings.by, {})
    rows = []
    for row in conformal:
        cell = cells.get(row["class"])
        spread = None if cell is None else expected_coverage_sd(cell_sizes[cell], row["level"])
        rows.append({**row, "expected_sd": plain(spread)})
    return rows


def _calibrators(
    rows: pd.DataFrame, inner: pd.DataFrame, *, method: str, rng: np.random.Generator
) -> dict[str, Any]:
    """Return every calibrator that the scores allow on the same rows, and which is used."""
    given = comparable(inner, rows)
    table = compare_calibrators(
        given.parts, given.y, given.patients, judged=given.judged, rng=rng, n_draws=N_DRAWS
    )
    return {"used": method, "rows": table.to_dict("records"), "n_draws": N_DRAWS}


def _reached(cell_sizes: Mapping[str, int], level: float) -> dict[str, Any]:
    """Return what each cell of the final model can promise at one level."""
    cells = [
        {
            "cell": reach.cell,
            "n_rows": reach.n_rows,
            "least_error": reach.least_error,
            "expected_sd": reach.expected_sd,
            "is_reachable": reach.is_reachable,
            "sentence": reach.sentence,
        }
        for reach in reach_of(cell_sizes, level=level)
    ]
    return {"level": level, "cells": cells}


def _strata(rows: pd.DataFrame) -> Array | None:
    """Return the group of each case, ascending, or its site; None where there is one or none."""
    name = "stratum" if "stratum" in rows else "site"
    if name not in rows:
        return None
    by_case = rows.drop_duplicates("case_id").sort_values("case_id")[name].fillna("").astype(str)
    names = by_case.to_numpy()
    return np.where(names == "", "not told", names) if len(np.unique(names)) > 1 else None


def _coverage(
    given: OutOfFold, strata: Array | None, level: float, sizes: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Return how often sets held the truth, of all cases, each outcome and each site.

    ``chance`` is how likely so few are; where cases of a row were compared by outcome, of both.
    """
    covered = np.mean(
        [prediction_set(p, level=level)[np.arange(given.y.size), given.y] for p in given.p_values],
        axis=0,
    )
    members = {"all": np.ones(given.y.size, dtype=bool)}
    members |= {f"class={label}": given.y == label for label in (0, 1)}
    if strata is not None:
        members |= {f"group={name}": strata == name for name in np.unique(strata)}
    result = []
    for cell, member in members.items():
        n_covered, n = round(float(covered[member].sum()), 9), int(member.sum())
        found = exact_interval(n_covered, n)
        classes = {f"class={label}": member & (given.y == label) for label in (0, 1)}
        held = {cell: member} if cell in sizes else classes
        tested = {name: (float(covered[own].sum()), int(own.sum())) for name, own in held.items()}
        chance = _chance(tested, sizes, level=level)
        result.append({"level": level, "cell": cell, "n": n, "coverage": found, "chance": chance})
    return result


def _unstable(rows: pd.DataFrame, level: float, method: str) -> dict[str, Any]:
    """Return the share of sets that the cautious view would enlarge, over all repeats.

    One chain alone, of the method ``split``, has no other to disagree with.
    """
    if method == "split" or not set(CAUTIOUS) <= set(rows):
        return {"level": level, "method": method, "share": None}
    usual, cautious = rows[["p_0", "p_1"]].to_numpy(), rows[list(CAUTIOUS)].to_numpy()
    share = float(enlarged(usual, cautious, level=level).mean())
    # Chains of leave-one-out share all patients but two; others differ more, and may disagree.
    is_unstable = method == "leave_one_out" and share > UNSTABLE
    return {"level": level, "method": method, "share": share, "is_unstable": is_unstable}


def _chance(
    tested: Mapping[str, tuple[float, int]], sizes: Mapping[str, int], *, level: float
) -> float | None:
    """Return how likely so few covered cases are, if they are like those that calibrated.

    Of several cells the smallest, times their number (Bonferroni).
    """
    found = [
        coverage_shortfall(round(n_covered), n, n_calibration=sizes[cell], level=level)
        for cell, (n_covered, n) in tested.items()
        if sizes.get(cell) and n
    ]
    return min(1.0, len(found) * min(found)) if found else None


def _abstention(given: OutOfFold, weights: Array) -> dict[str, Any]:
    """Return metrics among the surest cases, by the share that is answered and by certainty.

    Called is the outcome with the larger p-value; certainty is the distance of the two.
    """
    sure = p_value_gap(given.p_values)
    called = (given.p_values[..., 1] > given.p_values[..., 0]).astype(float)
    curves = {
        "by_share": abstention_curve(
            given.y, called, sure, weights, shares=SHARES, metrics=METRICS
        ),
        "by_certainty": certainty_curve(
            given.y, called, sure, weights, thresholds=GAPS, metrics=METRICS
        ),
    }
    return {
        name: {
            "at": curve.at,
            "answered": curve.answered.value,
            "metrics": {
                metric: {"value": band.value, "low": band.low, "high": band.high}
                for metric, band in curve.metrics.items()
            },
        }
        for name, curve in curves.items()
    }


def _guarantee(given: OutOfFold, asked: Any) -> dict[str, Any]:
    """Return a threshold on the risk that keeps a metric, or why there is none.

    Chosen on the first repeat; of a patient's cases the one with the highest risk counts.
    """
    risk = given.probability[0]
    order = np.argsort(-risk, kind="stable")
    _, first = np.unique(given.patients[order], return_index=True)
    own = order[np.sort(first)]
    rows = held_out(
        given.y[own], risk[own], case_ids=given.case_ids[own], patients=given.patients[own]
    )
    found = choose_threshold(asked.metric, rows, target=asked.at_least, confidence=asked.confidence)
    return {
        "metric": asked.metric,
        "at_least": asked.at_least,
        "confidence": asked.confidence,
        "threshold": found.threshold,
        "n_rows": found.n_rows,
        "n_needed": found.n_needed,
        "counted": found.counted,
        "sentence": found.answer.replace("score >=", "risk >="),
    }
