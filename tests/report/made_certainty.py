"""What stands behind the answers of the made study, worked out as a study does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from radpred.config.study import LearningSettings
from radpred.pipeline.evidence.certainty import certainty
from radpred.pipeline.learning.held_out import COLUMNS

DESIGN = LearningSettings.model_validate(
    {
        "guarantee": [
            {"metric": "sensitivity", "at_least": 0.9},
            {"metric": "sensitivity", "at_least": 0.98, "confidence": 0.95},
            {"metric": "ppv", "at_least": 0.7},
        ]
    }
)


def certainty_of(rng: np.random.Generator, predictions: pd.DataFrame) -> dict[str, Any]:
    """Return what `radpred.pipeline.evidence.certainty` makes of the predictions of one repeat."""
    own = predictions[(predictions["model"] == "selected") & (predictions["repeat"] == 0)]
    own = own.assign(fold=own["patient_id"].str[1:].astype(int) % 5)
    inner = pd.concat([_inner(rng, own, fold) for fold in range(5)], ignore_index=True)
    sizes = {f"class={label}": int((own["y"] == label).sum()) for label in (0, 1)}
    return certainty(own, inner, design=DESIGN, cell_sizes=sizes)


def _inner(rng: np.random.Generator, own: pd.DataFrame, fold: int) -> pd.DataFrame:
    """Return scores of the rows outside a fold, a little worse than those of the final chains."""
    rows = own[own["fold"] != fold]
    return rows.assign(
        scale="log_odds",
        fold=fold,
        inner_fold=rng.integers(0, 5, len(rows)),
        score=0.8 * rows["score"] + 0.4 * rng.standard_normal(len(rows)),
    )[list(COLUMNS)]
