"""A model's out-of-fold predictions, checked and laid out by repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError

Array = NDArray[Any]

COLUMNS = ("case_id", "patient_id", "model", "repeat", "fold", "y", "probability", "p_0", "p_1")


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What one model said of every case when it had not seen it.

    Parameters
    ----------
    case_ids, patients : array of str, shape (n_cases,)
        Which case, and whose.
    y : array of 0 and 1, shape (n_cases,)
        The outcome.
    fold : array of int, shape (n_repeats, n_cases)
        In which outer fold the case was held out.
    probability : array of shape (n_repeats, n_cases)
        Calibrated probability of the event.
    p_values : array of shape (n_repeats, n_cases, 2)
        Conformal p-values of class 0 and class 1.
    """

    case_ids: Array
    patients: Array
    y: Array
    fold: Array
    probability: Array
    p_values: Array

    @property
    def is_one_row_a_patient(self) -> bool:
        """Return whether every patient has a single case."""
        return np.unique(self.patients).size == self.patients.size

    def calibration_rows(self, label: int) -> float:
        """Return the mean number of training rows with outcome ``label`` over all outer folds."""
        counts = [
            np.sum((self.y == label) & (fold != held_out))
            for fold in self.fold
            for held_out in np.unique(fold)
        ]
        return float(np.mean(counts))


def predictions_of(predictions: pd.DataFrame, model: str, *, is_ranked: bool = True) -> OutOfFold:
    """Return the predictions of ``model``, every case once in each repeat, ordered by case.

    Parameters
    ----------
    predictions : DataFrame
        Long table with the columns in `COLUMNS`.
    model : str
        Which of its models.
    is_ranked : bool
        Whether answers are to be ranked against each other, which folds of one case rule out.

    Raises
    ------
    InputError
        Columns or rows are missing or doubled, an outcome is neither 0 nor 1, a patient lies on
        both sides of a fold, or every fold holds a single case.
    """
    missing = [name for name in COLUMNS if name not in predictions.columns]
    if missing:
        msg = f"predictions: columns {missing} are missing; train the models again"
        raise InputError(msg)
    rows = predictions[predictions["model"] == model].sort_values(["repeat", "case_id"])
    _refuse_incomplete(rows, model)
    shape = (rows["repeat"].nunique(), rows["case_id"].nunique())
    result = OutOfFold(
        case_ids=rows["case_id"].to_numpy()[: shape[1]],
        patients=rows["patient_id"].to_numpy()[: shape[1]],
        y=rows["y"].to_numpy(dtype=int)[: shape[1]],
        fold=rows["fold"].to_numpy(dtype=int).reshape(shape),
        probability=rows["probability"].to_numpy(dtype=float).reshape(shape),
        p_values=rows[["p_0", "p_1"]].to_numpy(dtype=float).reshape(*shape, 2),
    )
    _refuse_unusable(result, model, is_ranked=is_ranked)
    return result


def _refuse_incomplete(rows: pd.DataFrame, model: str) -> None:
    """Raise where a case is not predicted exactly once in every repeat."""
    if rows.empty:
        msg = f"predictions: no rows of model {model!r}; train it, or leave it out"
        raise InputError(msg)
    expected = rows["repeat"].nunique() * rows["case_id"].nunique()
    if len(rows) != expected or rows.duplicated(["repeat", "case_id"]).any():
        msg = (
            f"predictions of {model}: {len(rows)} rows where {expected} were wanted, each case "
            "once in each repeat; train the model again"
        )
        raise InputError(msg)
    if rows.groupby("case_id")[["y", "patient_id"]].nunique().max().max() > 1:
        msg = f"predictions of {model}: outcome or patient of a case differs between repeats"
        raise InputError(msg)


def _refuse_unusable(given: OutOfFold, model: str, *, is_ranked: bool) -> None:
    """Raise where the values cannot be judged."""
    problem = ""
    if set(np.unique(given.y)) != {0, 1}:
        problem = "outcomes of both kinds, 0 and 1, are needed"
    elif not np.isfinite(given.probability).all() or not np.isfinite(given.p_values).all():
        problem = "a probability or p-value is missing or infinite"
    elif given.probability.min() < 0 or given.probability.max() > 1:
        problem = "probabilities must lie between 0 and 1"
    elif is_ranked and all(np.unique(fold).size == fold.size for fold in given.fold):
        # A model that predicts the training prevalence scores a pooled AUROC of 0 here.
        problem = "every fold holds a single case, so pooled ranks mean nothing; use fewer folds"
    elif any(_crosses_folds(given.patients, fold) for fold in given.fold):
        problem = "a patient's cases lie in more than one outer fold; split by patient"
    if problem:
        msg = f"predictions of {model}: {problem}"
        raise InputError(msg)


def _crosses_folds(patients: Array, fold: Array) -> bool:
    """Return whether a patient's cases lie in different folds."""
    return len(set(zip(patients, fold, strict=True))) > np.unique(patients).size
