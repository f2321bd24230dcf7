"""Bootstrap draws of patients to one evaluation: apparent, out of the bag, and between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.evaluate import auroc, brier, log_loss
from radpred.evaluate.designs.optimism import Metric, optimism_632
from radpred.model import BASELINES
from radpred.model.recipes import label_of
from radpred.pipeline.evidence.evaluate import kind_of
from radpred.pipeline.evidence.plain import plain
from radpred.pipeline.learning.selected import SELECTED

METRICS = {"auroc": auroc, "brier": brier, "log_loss": log_loss}
_WITHOUT = ("auprc", "calibration_slope", "calibration_intercept")


def evaluate_draws(
    predictions: pd.DataFrame,
    apparent: pd.DataFrame,
    *,
    study: Mapping[str, Any],
    design: Mapping[str, Any],
    selected: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the evaluation of a study that is judged by bootstrap draws, as plain data.

    Every metric of ``models`` is .632+ of `radpred.evaluate.designs.optimism_632`, without an
    interval; ``optimism`` holds all that it is made of, and the range of the draws, which is
    no interval: draws share their patients.

    Parameters
    ----------
    predictions : DataFrame
        Of all models, with ``selected``: a ``repeat`` is a draw, and only cases out of its bag are
        there.
    apparent : DataFrame
        ``case_id``, ``model``, ``probability``: models fitted on all cases, of these cases.
    study, design, selected : mapping
        As in `radpred.pipeline.evidence.evaluate.evaluate_study`.

    Raises
    ------
    InputError
        A model has no apparent predictions.
    """
    names = list(dict.fromkeys(predictions["model"]))
    candidates = [name for name in names if name not in (SELECTED, *BASELINES)]
    ordered = [SELECTED, *candidates, *(name for name in BASELINES if name in names)]
    rows = [row for name in ordered for row in _of_model(predictions, apparent, name)]
    result = {
        "study": dict(study),
        "design": dict(design),
        "models": [_model(name, rows) for name in ordered],
        "selected": dict(selected),
        "differences": [],
        "optimism": rows,
        "conformal": [],
    }
    return plain(result)


def _of_model(predictions: pd.DataFrame, apparent: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    """Return each metric of one model: apparent, out of the bag, .632 and .632+."""
    own = apparent[apparent["model"] == name].set_index("case_id")["probability"].sort_index()
    if own.empty:
        msg = f"{name}: no predictions of the cases it was fitted on; fit the models again"
        raise InputError(msg)
    rows = predictions[predictions["model"] == name]
    wide = rows.pivot(index="repeat", columns="case_id", values="probability")
    held_out = wide.reindex(columns=own.index).to_numpy(dtype=float)
    y = rows.groupby("case_id")["y"].first().reindex(own.index)
    is_judged = y.notna().to_numpy()
    outcome = y[is_judged].to_numpy(dtype=int)
    found = []
    for metric in get_args(Metric):
        one = optimism_632(metric, outcome, own.to_numpy()[is_judged], held_out[:, is_judged])
        low, high = _range(metric, outcome, held_out[:, is_judged])
        found.append({"model": name, **asdict(one), "draws_low": low, "draws_high": high})
    return found


def _range(metric: str, y: NDArray[np.intp], held_out: NDArray[np.float64]) -> tuple[float, float]:
    """Return the middle 95 % of a metric over draws, each on the cases that it left out."""
    values = []
    for drawn in held_out:
        is_out = ~np.isnan(drawn)
        if len(np.unique(y[is_out])) == 2:
            values.append(float(METRICS[metric](y[is_out], drawn[is_out])))
    low, high = np.quantile(values, [0.025, 0.975]) if values else (np.nan, np.nan)
    return float(low), float(high)


def _model(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one model's metrics as a report reads them."""
    own = [row for row in rows if row["model"] == name]
    metrics = {
        row["metric"]: {
            "value": row["value_632_plus"],
            "low": None,
            "high": None,
            "note": f".632+ of {row['n_draws']} draws, without an interval",
        }
        for row in own
    }
    missing = {"value": None, "low": None, "high": None, "note": "not made from bootstrap draws"}
    label = "Selected model" if name == SELECTED else label_of(name)
    return {
        "name": name,
        "label": label,
        "kind": kind_of(name),
        "metrics": metrics | dict.fromkeys(_WITHOUT, missing),
        "inner_score": None,
    }
