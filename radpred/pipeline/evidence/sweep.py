"""Predictions of several variants of a study to one comparison, paired by patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from radpred.errors import InputError
from radpred.evaluate import (
    Interval,
    OutOfFold,
    auroc,
    delong_interval,
    mean_over_repeats,
    patient_weights,
    percentile_interval,
    predictions_of,
)
from radpred.evaluate.paired import holm, two_sided_p
from radpred.pipeline.evidence.plain import plain

_KEYS = ["repeat", "case_id", "fold"]


def compare_variants(
    predictions: Mapping[str, pd.DataFrame],
    *,
    reference: str,
    model: str = "selected",
    bootstrap_draws: int = 1000,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return a row for each variant: its AUROC, and how far that is from the reference's.

    The area is that of all the variant's cases, with the interval that its own evaluation has.
    The difference is on the cases that it shares with the reference, on the same bootstrap
    draws of patients, stratified by outcome.

    Parameters
    ----------
    predictions : mapping of str to DataFrame
        Out-of-fold predictions of each variant, as of `pipeline.learning.train.out_of_fold`.
    reference : str
        What the others are compared with.
    model : str
        Whose predictions are compared.
    bootstrap_draws : int
        How many draws of patients.
    seed : int
        Start of the draws.

    Returns
    -------
    list of dict
        ``variant``, ``n_cases``, ``n_patients``, ``n_events``, ``auroc``; and but for the
        reference ``difference``, ``p`` (two-sided, by the draws), ``p_holm`` (of all variants
        together), ``n_common`` patients, and whether their ``folds_agree``. Plain data.

    Raises
    ------
    InputError
        No such reference or model, variants without a common case, or with other outcomes.
    """
    if reference not in predictions:
        msg = f"no variant is called {reference!r}; there are {', '.join(predictions)}"
        raise InputError(msg)
    draws = {"n_draws": bootstrap_draws, "seed": seed}
    rows = []
    for name, table in predictions.items():
        row = {"variant": name, **_area(table, model, name, **draws)}
        if name != reference:
            row |= _difference(table, predictions[reference], (name, reference), model, **draws)
        rows.append(row)
    adjusted = holm([row.get("p", np.nan) for row in rows])
    for row, p in zip(rows, adjusted, strict=True):
        if "p" in row:
            row["p_holm"] = float(p)
    found: list[dict[str, Any]] = plain(rows)
    return found


def _given(table: pd.DataFrame, model: str, name: str) -> OutOfFold:
    """Return what one model of a variant said."""
    if model not in set(table["model"]):
        there = ", ".join(dict.fromkeys(table["model"]))
        msg = f"variant {name} has no model {model!r}; it has {there}; name one of these"
        raise InputError(msg)
    return predictions_of(table, model)


def _area(table: pd.DataFrame, model: str, name: str, *, n_draws: int, seed: int) -> dict[str, Any]:
    """Return how many cases a variant has, and its area under the ROC curve."""
    given = _given(table, model, name)
    if given.is_one_row_a_patient and len(given.fold) == 1:
        area: Interval = delong_interval(given.y, given.probability[0])
    else:
        area = percentile_interval(_draws(given, _weights(given, n_draws=n_draws, seed=seed)))
    return {
        "n_cases": int(given.y.size),
        "n_patients": int(np.unique(given.patients).size),
        "n_events": int(np.unique(given.patients[given.y == 1]).size),
        "auroc": area,
    }


def _difference(
    table: pd.DataFrame,
    other: pd.DataFrame,
    names: tuple[str, str],
    model: str,
    *,
    n_draws: int,
    seed: int,
) -> dict[str, Any]:
    """Return the area of a variant minus the reference's, on the cases that both have."""
    common = set(table["case_id"]) & set(other["case_id"])
    if not common:
        msg = f"variants {names[0]} and {names[1]} have no case in common; compare like with like"
        raise InputError(msg, code="nothing_shared")
    ours, theirs = (t[t["case_id"].isin(common) & (t["model"] == model)] for t in (table, other))
    one, two = _given(ours, model, names[0]), _given(theirs, model, names[1])
    if not (np.array_equal(one.y, two.y) and np.array_equal(one.patients, two.patients)):
        msg = f"variants {names[0]} and {names[1]} give cases other outcomes or patients"
        raise InputError(msg, code="unmatched_cases")
    weights = _weights(one, n_draws=n_draws, seed=seed)
    draws = _draws(one, weights) - _draws(two, weights)
    return {
        "difference": percentile_interval(draws),
        "p": two_sided_p(draws),
        "n_common": int(np.unique(one.patients).size),
        "folds_agree": _places(ours).equals(_places(theirs)),
    }


def _weights(given: OutOfFold, *, n_draws: int, seed: int) -> np.ndarray:
    """Return the bootstrap weights of a set of cases; the same cases have the same weights."""
    rng = np.random.default_rng(seed)
    return patient_weights(given.patients, n_draws=n_draws, rng=rng, y=given.y)


def _draws(given: OutOfFold, weights: np.ndarray) -> np.ndarray:
    """Return the area in the sample and in every draw, the mean over repeats."""
    return mean_over_repeats(auroc, given.y, given.probability, weights)


def _places(table: pd.DataFrame) -> pd.DataFrame:
    """Return in which fold each case was held out, in a fixed order."""
    return table[_KEYS].sort_values(_KEYS, ignore_index=True)
