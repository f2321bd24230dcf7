"""One table through the whole of learning: what the study would say of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from radpred.config.study import LearningSettings
from radpred.pipeline.evidence.evaluate import evaluate_study
from radpred.pipeline.learning.selected import select_by_inner_score
from radpred.pipeline.learning.train import out_of_fold
from radpred.table.copies import copies_among
from tables_bench.tables import Table

RIDGE = "logistic"
LEVEL = 0.9


def design_of(preset: str) -> LearningSettings:
    """Return how tables are judged: a study's defaults with this preset."""
    return LearningSettings(preset=preset)  # type: ignore[arg-type]


def judged(
    table: Table, *, preset: str, told: Callable[[int, int], Any] | None = None
) -> dict[str, Any]:
    """Return what a table gives: discrimination, calibration, coverage of each class.

    The ridge logistic regression is judged on the same folds, and is no candidate unless the
    study's defaults make it one.
    """
    design = design_of(preset)
    ridge = () if RIDGE in design.models else (RIDGE,)
    predictions = out_of_fold(
        [*design.models, *ridge],
        table.X,
        table.y,
        table.patients,
        design=design,
        progress=told,
    )
    chosen, counts = select_by_inner_score(predictions[predictions["model"].isin(design.models)])
    evaluation = evaluate_study(
        pd.concat([chosen, predictions], ignore_index=True),
        study={"name": table.name, "n_features": table.X.shape[1], "n_clinical": 0},
        design={"confidence_levels": [LEVEL], "repeats": design.n_repeats},
        selected={"final_model": None, "chosen": counts},
        threshold_range=(0.05, 0.8),
        bootstrap_draws=design.bootstrap_draws,
        seed=design.seed,
    )
    return facts(evaluation) | {
        "n_columns": table.X.shape[1],
        "chosen": counts,
        "n_copies": len(copies_among(table.X.index, numbers_of(table), table.patients.to_numpy())),
    }


def numbers_of(table: Table) -> np.ndarray:
    """Return the columns of a table that hold numbers, shape (n_cases, n_columns)."""
    return table.X.select_dtypes("number").to_numpy(dtype=float)


def facts(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of an evaluation that the page tells."""
    metrics = {model["name"]: model["metrics"] for model in evaluation["models"]}
    coverage = [
        {"class": row["class"], "n": row["n"], "coverage": row["coverage"]["value"]}
        for row in evaluation["conformal"]
        if row["level"] == LEVEL and row["class"] != "all"
    ]
    return {
        "n": evaluation["study"]["n_cases"],
        "n_events": evaluation["study"]["n_events"],
        "auroc": metrics["selected"]["auroc"],
        "slope": metrics["selected"]["calibration_slope"],
        "brier": metrics["selected"]["brier"],
        "ridge": metrics[RIDGE]["auroc"],
        "by_model": {
            name: values["auroc"]["value"] for name, values in metrics.items() if name != "selected"
        },
        "coverage": coverage,
    }
