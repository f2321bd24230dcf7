"""An explanation as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from radpred.explain.explanation import Explanation
from radpred.explain.groups import group_shares, shares_of
from radpred.table.columns import GROUP_KINDS

_OWN_SCORE = (
    "The risks were calibrated by a curve, and parts of a score have no exact share in what a "
    "curve makes of it. The contributions are therefore those to the model's own score before "
    "calibration: what raises the score never lowers the risk."
)
_NOTHING = (
    "The model looks at no column and gives every case the same answer, so there is nothing to "
    "explain."
)


def explanation_record(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON types: columns ranked, groups, and every case.

    ``gap`` is the most by which the parts of a case miss its answer on ``scale``; ``note`` says
    why that is not the log-odds, where it is not, or that there are no parts.

    Parameters
    ----------
    explanation : Explanation
        As `radpred.explain.explain` returns it.
    """
    return {
        "model": explanation.model,
        "scale": explanation.scale,
        **({"note": note} if (note := _note(explanation)) else {}),
        "base_value": float(explanation.base_value),
        "n_cases": len(explanation.values),
        "gap": float(np.abs(explanation.gap).max()),
        "features": _ranked(explanation),
        "groups": {
            kind: group_shares(explanation.features, explanation.shap, by=kind)
            for kind in GROUP_KINDS
        },
        "cases": [_case(explanation, place) for place in range(len(explanation.values))],
    }


def _note(explanation: Explanation) -> str:
    """Return what has to be known about the parts, if anything."""
    if not explanation.features:
        return _NOTHING
    return "" if explanation.score is None else _OWN_SCORE


def _ranked(explanation: Explanation) -> list[dict[str, Any]]:
    """Return the columns by how much they move a case on average, the largest first."""
    means = np.abs(explanation.shap).mean(axis=0)
    shares = shares_of(means)
    return [
        {
            "name": explanation.features[i],
            "mean_abs": float(means[i]),
            "share": float(shares[i]),
            "rank": rank,
        }
        for rank, i in enumerate(np.argsort(-means, kind="stable").tolist(), start=1)
    ]


def _case(explanation: Explanation, place: int) -> dict[str, Any]:
    """Return one case with all its parts."""
    values = explanation.values.iloc[place]
    own = {} if explanation.score is None else {"score": float(explanation.score[place])}
    return {
        "case_id": str(explanation.values.index[place]),
        "probability": float(explanation.probability[place]),
        "log_odds": _plain(explanation.log_odds[place]),
        **own,
        "contributions": [
            {"name": name, "value": _plain(values.iloc[i]), "shap": float(part)}
            for i, (name, part) in enumerate(
                zip(explanation.features, explanation.shap[place], strict=True)
            )
        ],
    }


def _plain(value: Any) -> float | str | None:
    """Return a value as it came: a number, a word, or None where there is none."""
    if pd.isna(value):
        return None
    if isinstance(value, str):
        return value
    number = float(value)
    return number if np.isfinite(number) else None
