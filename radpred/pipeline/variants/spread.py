"""How far a patient's risk moves when the mask does: each case's spread over its variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from radpred.evaluate import auroc
from radpred.model.conformal import prediction_set

INNER = (0.05, 0.95)  # between these shares of the variants lies what is called a spread
KEYS = ["repeat", "fold"]


def of_selected(of_variants: pd.DataFrame, winners: pd.Series, name: str) -> pd.DataFrame:
    """Return the predictions of variants by the model that each fold chose, under one name.

    Parameters
    ----------
    of_variants : DataFrame
        Columns model, repeat, fold, case_id, kind, variant, probability, p_0, p_1.
    winners : Series
        The chosen model by repeat and fold.
    name : str
        What the choice is called.
    """
    places = pd.MultiIndex.from_frame(of_variants[KEYS])
    is_chosen = of_variants["model"].to_numpy() == winners.reindex(places).to_numpy()
    return of_variants[is_chosen].assign(model=name)


def spread_of(
    of_variants: pd.DataFrame,
    predictions: pd.DataFrame,
    *,
    level: float | None,
    threshold: float | None,
    model: str = "selected",
) -> pd.DataFrame:
    """Return one row a case and kind of variant: how far its out-of-fold risk moves.

    Parameters
    ----------
    of_variants : DataFrame
        Predictions of variants, as `of_selected` and `learning.train.judge` give them.
    predictions : DataFrame
        Predictions of the cases as they were given, by the same chains.
    level : float or None
        Of the prediction sets whose changes are counted.
    threshold : float or None
        The risk from which on one would act, whose crossings are counted.
    model : str
        Whose predictions.

    Returns
    -------
    DataFrame
        Columns ``case_id``, ``kind``, ``y``, ``risk`` (as given, mean over the repeats), ``low``
        and ``high`` (5 and 95 % of the variants, each a mean over the repeats), ``lowest``,
        ``highest``, ``sd`` (of variants, n - 1), ``n_variants``, ``set_flips`` (share of variants,
        over all repeats, with another prediction set than the case in that repeat) and
        ``threshold_flips`` (share of variants on the other side of the threshold); NaN where there
        is no level or threshold.
    """
    given = predictions[predictions["model"] == model]
    own = of_variants[of_variants["model"] == model]
    cases = given.groupby("case_id").agg(y=("y", "first"), risk=("probability", "mean"))
    risks = own.groupby(["case_id", "kind", "variant"])["probability"].mean()
    by_case = risks.groupby(["case_id", "kind"])
    low, high = (by_case.quantile(share) for share in INNER)
    table = by_case.agg(lowest="min", highest="max", sd="std", n_variants="count")
    table = table.assign(low=low, high=high).reset_index().merge(cases, on="case_id")
    keys = ["case_id", "kind"]
    table = table.merge(_set_flips(own, given, level), on=keys, how="left")
    return table.merge(_threshold_flips(risks, cases["risk"], threshold), on=keys, how="left")


def _set_flips(own: pd.DataFrame, given: pd.DataFrame, level: float | None) -> pd.DataFrame:
    """Return how often the prediction set of a variant is not that of its case."""
    keys = ["repeat", "fold", "case_id"]
    pairs = own.merge(given[[*keys, "p_0", "p_1"]], on=keys, suffixes=("", "_given"))
    flips = np.full(len(pairs), np.nan)
    if level is not None:
        sets, before = (
            prediction_set(pairs[names].to_numpy(), level=level)
            for names in (["p_0", "p_1"], ["p_0_given", "p_1_given"])
        )
        flips = (sets != before).any(axis=1).astype(float)
    shares = pairs.assign(set_flips=flips).groupby(["case_id", "kind"])["set_flips"].mean()
    return shares.reset_index()


def _threshold_flips(risks: pd.Series, given: pd.Series, threshold: float | None) -> pd.DataFrame:
    """Return how often the risk of a variant lies on the other side of a threshold."""
    before = given.reindex(risks.index.get_level_values("case_id")).to_numpy()
    flips = np.full(len(risks), np.nan)
    if threshold is not None:
        flips = ((risks.to_numpy() >= threshold) != (before >= threshold)).astype(float)
    shares = pd.Series(flips, index=risks.index, name="threshold_flips")
    return shares.groupby(["case_id", "kind"]).mean().reset_index()


def spread_record(
    table: pd.DataFrame,
    of_variants: pd.DataFrame,
    predictions: pd.DataFrame,
    *,
    level: float | None,
    threshold: float | None,
    model: str = "selected",
) -> list[dict[str, Any]]:
    """Return what spreads say of a cohort, one record a kind of variant, as JSON can hold it.

    Parameters
    ----------
    table : DataFrame
        As of `spread_of`.
    of_variants, predictions, level, threshold, model
        As for `spread_of`.
    """
    y = predictions.groupby("case_id")["y"].first()
    own = of_variants[of_variants["model"] == model]
    areas = _areas(own.assign(y=own["case_id"].map(y)))
    return [
        {
            "kind": str(kind),
            "n_cases": len(cases),
            "n_variants": int(cases["n_variants"].max()),
            "level": level,
            "threshold": threshold,
            "median_sd": _known(cases["sd"].median()),
            "median_width": _known((cases["high"] - cases["low"]).median()),
            "largest_width": _known((cases["high"] - cases["low"]).max()),
            "set_flips": _known(cases["set_flips"].mean()),
            "n_cases_set_flips": int((cases["set_flips"] > 0).sum()),
            "threshold_flips": _known(cases["threshold_flips"].mean()),
            "n_cases_threshold_flips": int((cases["threshold_flips"] > 0).sum()),
            "auroc": areas.get(kind, []),
        }
        for kind, cases in table.groupby("kind")
    ]


def _areas(rows: pd.DataFrame) -> Mapping[Any, list[dict[str, Any]]]:
    """Return the AUROC if all cases came as one and the same variant, mean over the repeats."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for (kind, _), group in rows.groupby(["kind", "variant"]):
        areas = [
            float(auroc(one["y"].to_numpy(), one["probability"].to_numpy()))
            for _, one in group.groupby("repeat")
        ]
        number = int(group["variant"].iloc[0])
        value = {"variant": number, "value": _known(float(np.mean(areas)))}
        found.setdefault(kind, []).append({**value, "n_cases": group["case_id"].nunique()})
    return found


def _known(value: float) -> float | None:
    """Return a number that JSON can hold, None for NaN."""
    return None if value != value else float(value)
