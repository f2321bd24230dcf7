"""What models of several classes, or of a number, say of the cases of a fold, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.cohort.split import Split
from radpred.errors import warn
from radpred.model.conformal import least_rows
from radpred.model.others import FittedClasses, FittedNumber
from radpred.model.rows import Cohort


def probability_names(n_classes: int) -> list[str]:
    """Return the columns with the probability of each class, by code."""
    return [f"probability_{code}" for code in range(n_classes)]


def p_names(n_classes: int) -> list[str]:
    """Return the columns with the conformal p-value of each class, by code."""
    return [f"p_{code}" for code in range(n_classes)]


def end_names(level: float) -> list[str]:
    """Return the columns with both ends of the interval at a level.

    Examples
    --------
    >>> end_names(0.9)
    ['low_90', 'high_90']
    """
    return [f"{end}_{100 * level:g}" for end in ("low", "high")]


def answers_of(
    fitted: FittedClasses | FittedNumber, X: pd.DataFrame, *, levels: Sequence[float]
) -> pd.DataFrame:
    """Return what a model says of cases, by case: probabilities and p-values, or value and ends."""
    if isinstance(fitted, FittedClasses):
        n = len(fitted.classes)
        columns = [*probability_names(n), *p_names(n)]
        said = np.column_stack([fitted.probability(X), fitted.p_values(X)])
        return pd.DataFrame(said, index=X.index, columns=columns)
    table = pd.DataFrame({"value": fitted.value(X)}, index=X.index)
    for level in levels:
        table[end_names(level)] = fitted.intervals(X, level=level)
    return table


def predictions_of_fold(
    fitted: FittedClasses | FittedNumber, cohort: Cohort, split: Split, *, levels: Sequence[float]
) -> pd.DataFrame:
    """Return the predictions of one model for the test rows of one fold."""
    X = cohort.X.iloc[split.test]
    facts = pd.DataFrame(
        {
            "case_id": X.index.astype(str),
            "patient_id": cohort.groups[split.test].astype(str),
            "model": fitted.model,
            "repeat": split.repeat,
            "fold": split.fold,
            "y": cohort.y[split.test],
        }
    )
    said = answers_of(fitted, X, levels=levels).reset_index(drop=True)
    return facts.join(said).assign(inner_score=fitted.inner_score)


def tell_shortage(
    cohort: Cohort,
    parts: Sequence[NDArray[np.intp]],
    n_inner: int,
    *,
    inner_folds: int,
    levels: Sequence[float],
) -> None:
    """Warn, with the numbers, where a class or the whole cohort is too small for what was asked."""
    if cohort.kind == "continuous":
        fewest, what = min(len(rows) for rows in parts), "cases"
    else:
        n_classes = len(cohort.classes)
        counts = [np.bincount(cohort.y[rows], minlength=n_classes) for rows in parts]
        fewest, what = int(np.min(counts)), "of the rarest class"
    messages = []
    if n_inner < inner_folds:
        messages.append(f"only {n_inner} of {inner_folds} inner folds could be filled")
    short = sorted(level for level in levels if fewest < least_rows(level))
    if short:
        needs = ", ".join(f"{least_rows(level)} at {level:.0%}" for level in short)
        messages.append(
            f"a training part holds only {fewest} {what}, and an answer can leave anything out "
            f"only with {needs}"
        )
    if messages:
        n_patients = len(np.unique(cohort.groups))
        counted = f"{len(cohort.y)} cases of {n_patients} patients"
        warn(f"few cases ({counted}): {'; '.join(messages)}")
