"""A design judged part by part: each site, each fold, each date for itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from radpred.cohort.designs import Design, place_of
from radpred.errors import InputError
from radpred.evaluate.calibration.measures import brier, log_loss
from radpred.evaluate.discrimination.ranks import auroc

FEW_PATIENTS = 10
COLUMNS = ("patient_id", "repeat", "fold", "y", "probability")


def metrics_by_part(predictions: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return what one model is worth in each part of a design.

    Parameters
    ----------
    predictions : DataFrame
        Held-out rows of one model with columns patient_id, repeat, fold, y and probability.
    design : Design
        Whose parts they are.

    Returns
    -------
    DataFrame
        One row a part: label, repeat, fold, n_rows, n_patients, n_events, auroc, brier,
        log_loss, note. A metric that a part cannot have is NaN, and the note says why.

    Raises
    ------
    InputError
        A column is missing, or the rows of a part are not those of the design.
    """
    missing = [name for name in COLUMNS if name not in predictions.columns]
    if missing:
        msg = f"predictions: columns {missing} are missing; give those of out_of_fold"
        raise InputError(msg)
    by_part = dict(list(predictions.groupby(["repeat", "fold"])))
    judged = []
    for split in design.splits:
        rows = by_part.get((split.repeat, split.fold), predictions.iloc[:0])
        if len(rows) != len(split.test):
            msg = (
                f"{place_of(split)}: {len(rows)} predictions for {len(split.test)} tested rows; "
                "give the rows of one model, made by this design"
            )
            raise InputError(msg)
        place = {"label": place_of(split), "repeat": split.repeat, "fold": split.fold}
        judged.append({**place, **_judged(rows)})
    return pd.DataFrame(judged)


def _judged(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers and metrics of one part."""
    y = rows["y"].to_numpy(dtype=int)
    probability = rows["probability"].to_numpy(dtype=float)
    n_events, n_patients = int(y.sum()), int(rows["patient_id"].nunique())
    return {
        "n_rows": len(y),
        "n_patients": n_patients,
        "n_events": n_events,
        "auroc": float(auroc(y, probability)) if 0 < n_events < len(y) else np.nan,
        "brier": float(brier(y, probability)),
        "log_loss": float(log_loss(y, probability)),
        "note": _note(n_events, len(y), n_patients),
    }


def _note(n_events: int, n_rows: int, n_patients: int) -> str:
    """Say why a metric is missing, or says little."""
    notes = []
    if not 0 < n_events < n_rows:
        absent = "event" if not n_events else "row without the event"
        notes.append(f"no {absent} among {n_rows} rows: area under the ROC curve undefined")
    if n_patients < FEW_PATIENTS:
        notes.append(f"{n_patients} patients, fewer than {FEW_PATIENTS}: metrics say little")
    return "; ".join(notes)
