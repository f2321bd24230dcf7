"""Predictions of several models for the same cases, laid out to be held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.evaluate.predictions import OutOfFold, predictions_of

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Answers:
    """What every model said of the same cases.

    Attributes
    ----------
    y, patients : ndarray of shape (n_cases,)
        Outcome and patient of each case.
    probability : mapping of ndarray, shape (n_repeats, n_cases)
        Out-of-fold probability of the event by each model.
    """

    y: Array
    patients: Array
    probability: Mapping[str, Array]

    @property
    def is_simple(self) -> bool:
        """Return whether every patient has one row, in one repeat, so that rows are independent."""
        first = next(iter(self.probability.values()))
        return len(first) == 1 and np.unique(self.patients).size == self.patients.size


def answers_of(predictions: pd.DataFrame, models: Sequence[str] | None = None) -> Answers:
    """Return the predictions of ``models``, by default of all, on the same cases.

    Parameters
    ----------
    predictions : DataFrame
        Long table: ``case_id``, ``patient_id``, ``model``, ``repeat``, ``fold``, ``y``,
        ``probability``; others are left alone.
    models : sequence of str, optional
        Which of its models, in this order.

    Raises
    ------
    InputError
        Rows are missing or doubled, or models were not judged on the same cases.
    """
    if models is None:
        models = list(dict.fromkeys(predictions["model"])) if "model" in predictions else []
    if not models:
        msg = "predictions: no model among them; give the long table of out-of-fold predictions"
        raise InputError(msg)
    # Conformal p-values are not judged here, and need not be there.
    given = predictions.assign(p_0=1.0, p_1=1.0)
    found = {name: predictions_of(given, name) for name in models}
    first = found[models[0]]
    for name, other in found.items():
        if not _is_alike(first, other):
            msg = (
                f"predictions of {name}: {len(other.fold)} repeats of {other.y.size} cases, of "
                f"{models[0]}: {len(first.fold)} of {first.y.size}; models must answer for the "
                "same cases, outcomes and repeats"
            )
            raise InputError(msg)
    return Answers(first.y, first.patients, {name: one.probability for name, one in found.items()})


def _is_alike(first: OutOfFold, other: OutOfFold) -> bool:
    """Return whether two models answered for the same cases."""
    return (
        np.array_equal(first.case_ids, other.case_ids)
        and np.array_equal(first.y, other.y)
        and np.array_equal(first.patients, other.patients)
        and len(first.fold) == len(other.fold)
    )
