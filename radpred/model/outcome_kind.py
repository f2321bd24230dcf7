"""How well an inner fold was predicted, by what kind of outcome is predicted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.cohort.outcomes.kinds import KINDS, OutcomeKind
from radpred.errors import InputError
from radpred.model.selection.ranks import rank_auc

__all__ = ["KINDS", "OutcomeKind", "inner_score"]


def inner_score(kind: OutcomeKind, scores: ArrayLike, y: ArrayLike) -> float:
    """Return how well ``scores`` predict ``y``; higher is better.

    Parameters
    ----------
    kind : {"binary", "multiclass", "continuous"}
        Binary: the area under the ROC curve. Multiclass: the mean area of each class against the
        rest, over the classes that are in ``y``. Continuous: the root mean squared error,
        negative.
    scores : array of shape (n,), or (n, n_classes) for more than two classes
        Of rows that the model did not see.
    y : array of shape (n,)
        0 or 1, the place of the class among the columns of ``scores``, or numbers.

    Raises
    ------
    InputError
        An unknown kind, shapes that do not match, or fewer than two classes in ``y``.
    """
    values, outcomes = np.asarray(scores, dtype=np.float64), np.asarray(y)
    wanted = 2 if kind == "multiclass" else 1
    if kind not in KINDS or values.ndim != wanted or len(values) != len(outcomes):
        msg = (
            f"scores of shape {values.shape} for outcomes of shape {outcomes.shape} of the kind "
            f"{kind!r}; give one row an outcome, of a kind among {', '.join(KINDS)}, and a "
            "column a class where there are more than two"
        )
        raise InputError(msg)
    if kind == "continuous":
        return -float(np.sqrt(np.mean((values - outcomes) ** 2)))
    if len(set(outcomes.tolist())) < 2:
        msg = f"{len(outcomes)} rows of one class came, wanted two; use fewer folds"
        raise InputError(msg)
    return rank_auc(values, outcomes) if kind == "binary" else _macro_area(values, outcomes)


def _macro_area(scores: NDArray[np.float64], y: NDArray[np.intp]) -> float:
    """Return the mean ROC area of each class in ``y`` against the rest."""
    present = sorted(set(y.tolist()))
    return float(np.mean([rank_auc(scores[:, c], (y == c).astype(np.intp)) for c in present]))
