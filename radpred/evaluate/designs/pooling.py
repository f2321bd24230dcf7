"""What may be said of scores that come from different models, one for each part of a design."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError
from radpred.evaluate.calibration.measures import brier, log_loss
from radpred.evaluate.discrimination.ranks import auroc

Array = NDArray[Any]


def refuse_pooled_ranks(patients: ArrayLike, parts: ArrayLike) -> None:
    """Refuse to rank scores of different models together where each tested a single patient.

    Leaving out a patient with the event lowers the share of events that the model is fitted on,
    and so the score of just this patient: a model that knows nothing has a pooled area under the
    ROC curve of 0, and a logistic regression on noise one of about 0.4 (Parker et al. 2007;
    Airola et al. 2011).

    Parameters
    ----------
    patients, parts : array of shape (n,)
        Whose each tested row is, and in which part of the design it was tested.

    Raises
    ------
    InputError
        No part holds two patients.
    """
    whose, where = np.asarray(patients).astype(str), np.asarray(parts).astype(str)
    if where.size and all(len(np.unique(whose[where == part])) == 1 for part in np.unique(where)):
        msg = (
            f"each of {len(np.unique(where))} parts holds a single patient, so an area under the "
            "ROC curve of pooled scores means nothing (0 for a model that knows nothing); use "
            "Brier score, log loss or conformal scores, leave_pair_out, or folds of more patients"
        )
        raise InputError(msg, code="pooled_ranks")


def pooled_auroc(y: Array, score: Array, *, patients: ArrayLike, parts: ArrayLike) -> float:
    """Return the area under the ROC curve of the scores of all parts together.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
        The outcome.
    score : array of shape (n,)
        Held-out scores.
    patients, parts : array of shape (n,)
        As in `refuse_pooled_ranks`, which is asked first.
    """
    refuse_pooled_ranks(patients, parts)
    return float(auroc(np.asarray(y), np.asarray(score)))


def leave_one_out_losses(y: Array, probability: Array) -> dict[str, float]:
    """Return what is sound where each part holds one patient: Brier score and log loss.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
        The outcome.
    probability : array of shape (n,)
        Held-out probabilities of the event.
    """
    y, probability = np.asarray(y), np.asarray(probability, dtype=float)
    return {"brier": float(brier(y, probability)), "log_loss": float(log_loss(y, probability))}


def leave_pair_out_auroc(
    y: ArrayLike, score: ArrayLike, *, patients: ArrayLike, parts: ArrayLike
) -> float:
    """Return the share of left-out pairs that their model orders rightly, ties counted half.

    Airola et al. 2011. Rows are compared within a part and between patients only.

    Parameters
    ----------
    y : array of 0 and 1, shape (m,)
        The outcome of each tested row; a row stands once for each part that tested it.
    score : array of shape (m,)
        Held-out scores.
    patients, parts : array of shape (m,)
        Whose each row is, and in which part it was tested.

    Raises
    ------
    InputError
        No part holds an event and a non-event of different patients.
    """
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    whose, where = np.asarray(patients).astype(str), np.asarray(parts)
    won, n_pairs = 0.0, 0
    for part in np.unique(where):
        rows = where == part
        events, others = np.flatnonzero(rows & (y == 1)), np.flatnonzero(rows & (y == 0))
        is_pair = whose[events][:, None] != whose[others][None, :]
        difference = (score[events][:, None] - score[others][None, :])[is_pair]
        won += float(np.sum(difference > 0) + np.sum(difference == 0) / 2)
        n_pairs += difference.size
    if not n_pairs:
        msg = "no part holds an event and a non-event of different patients; use leave_pair_out"
        raise InputError(msg, code="too_few_events")
    return won / n_pairs
