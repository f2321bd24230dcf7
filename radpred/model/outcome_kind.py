"""What kind of outcome is predicted, and how well an inner fold was predicted."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError
from radpred.model.selection.ranks import rank_auc

OutcomeKind: TypeAlias = Literal["binary", "multiclass", "continuous"]
KINDS: tuple[OutcomeKind, ...] = get_args(OutcomeKind)
MOST_CLASSES = 10


def kind_of(y: ArrayLike) -> OutcomeKind:
    """Return what kind of outcome ``y`` is, as far as its values say.

    Two values are binary. Words, and whole numbers of at most 10 values, are classes. All other
    numbers are continuous. Grades that are meant as numbers have to be stated.

    Raises
    ------
    InputError
        Missing values, a single value, or words of more than 10 values.
    """
    values = np.asarray(y)
    numbers = _as_numbers(values)
    if len(values) == 0 or (numbers is None and any(v is None or v != v for v in values)):
        msg = f"{len(values)} outcomes came, some missing or none at all; give one a case"
        raise InputError(msg, code="bad_outcome")
    if numbers is not None and not np.isfinite(numbers).all():
        msg = f"{np.count_nonzero(~np.isfinite(numbers))} outcomes are missing; leave these out"
        raise InputError(msg, code="bad_outcome")
    n_values = len(set(values.tolist()))
    if n_values < 2 or (numbers is None and n_values > MOST_CLASSES):
        msg = f"the outcome has {n_values} values, wanted 2 to {MOST_CLASSES} classes or numbers"
        raise InputError(msg, code="bad_outcome")
    if n_values == 2:
        return "binary"
    if numbers is None or (n_values <= MOST_CLASSES and (numbers == np.round(numbers)).all()):
        return "multiclass"
    return "continuous"


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


def _as_numbers(values: NDArray[np.generic]) -> NDArray[np.float64] | None:
    """Return ``values`` as numbers, or nothing where they are words."""
    if values.dtype.kind in "biuf":
        return values.astype(np.float64)
    return None
