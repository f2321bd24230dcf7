"""Models side by side, what imaging adds, and thresholds by need: plain data for a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from radpred.errors import InputError
from radpred.evaluate import (
    OutOfFold,
    judge_across_folds,
    operating_table,
    predictions_of,
    threshold_of_harm,
)
from radpred.evaluate.compare import added_value, compare_models
from radpred.pipeline.evidence.plain import plain
from radpred.pipeline.learning.selected import SELECTED

REFERENCES = ("volume", "clinical")
Share = Literal["sensitivity", "specificity", "ppv", "npv"]


def comparison_of(
    predictions: pd.DataFrame, *, thresholds: Sequence[float] = (), n_draws: int, seed: int
) -> dict[str, Any]:
    """Return all models in one table, held against volume alone, or clinical data alone.

    Intervals are those of `evaluate.evaluate_study` in this room with the same seed: the
    draws are the same.

    Parameters
    ----------
    predictions : DataFrame
        Of all models, on the same cases.
    thresholds : sequence of float
        Risks at which net benefit is judged.
    n_draws : int
        Bootstrap draws of patients.
    seed : int
        Where they start.

    Returns
    -------
    dict
        ``reference``, the model that others are held against ("" for none), and ``rows`` as of
        `radpred.evaluate.compare.compare_models`.
    """
    names = predictions["model"].unique()
    reference = next((name for name in REFERENCES if name in names), None)
    table = compare_models(
        predictions,
        rng=np.random.default_rng(seed),
        reference=reference,
        thresholds=thresholds,
        n_draws=n_draws,
    )
    return {"reference": reference or "", "rows": plain(table.to_dict("records"))}


def added_by_imaging(
    predictions: pd.DataFrame, *, thresholds: Sequence[float], n_draws: int, seed: int
) -> list[dict[str, Any]]:
    """Return what the selected model does better than clinical data alone; empty without them."""
    if "clinical" not in set(predictions["model"]):
        return []
    table = added_value(
        predictions,
        clinical="clinical",
        combined=SELECTED,
        thresholds=thresholds,
        rng=np.random.default_rng(seed),
        n_draws=n_draws,
    )
    return plain(table.to_dict("records"))


def operating_points(
    predictions: pd.DataFrame, needs: Mapping[str, float], *, seed: int
) -> list[dict[str, Any]]:
    """Return what the selected model does at thresholds by need.

    Parameters
    ----------
    predictions : DataFrame
        Of all models.
    needs : mapping of str to float
        What is wanted, by its name: a share, or the odds of harm.
    seed : int
        Where draws start.

    Returns
    -------
    list of dict
        One a need: ``need``, ``wanted``, ``thresholds`` (lowest, median, highest over folds),
        ``rows`` as of `radpred.evaluate.operating_table`, and ``note``, why there are none.
    """
    given = predictions_of(predictions, SELECTED)
    return [
        {"need": need, "wanted": wanted, "thresholds": [], "rows": [], "note": ""}
        | _point(given, need, wanted, rng=np.random.default_rng(seed))
        for need, wanted in needs.items()
    ]


def _point(
    given: OutOfFold, need: str, wanted: float, *, rng: np.random.Generator
) -> dict[str, Any]:
    """Return what one threshold does, or why there is none."""
    if need == "harm_odds":
        at = threshold_of_harm(wanted)
        table = operating_table(given.y, at.positive(given.probability), given.patients, rng=rng)
        return _told(table, np.array([at.threshold]))
    if all(len(np.unique(fold)) < 2 for fold in given.fold):
        return {"note": "one part is tested, and a threshold has to be chosen on others"}
    try:
        table, thresholds = judge_across_folds(
            given.y,
            given.probability,
            given.fold,
            given.patients,
            need=cast("Share", need),
            wanted=wanted,
            rng=rng,
        )
    except InputError as error:
        return {"note": str(error)}
    return _told(table, thresholds[np.isfinite(thresholds)])


def _told(table: pd.DataFrame, thresholds: np.ndarray) -> dict[str, Any]:
    """Return a table and the range of its thresholds as plain data."""
    ends = [float(q) for q in np.quantile(thresholds, [0, 0.5, 1])]
    return {"thresholds": ends, "rows": plain(table.to_dict("records"))}
