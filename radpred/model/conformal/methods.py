"""Split, cross and leave-one-out: three ways to get scores of rows that a chain has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from radpred.cohort.split import Split, check_disjoint, outer_folds
from radpred.errors import InputError, SettingsError
from radpred.model.calibrators.scale import scale_of
from radpred.model.conformal.cells import Taxonomy
from radpred.model.conformal.cross import ConformalFold, CrossConformal, calibration_fold
from radpred.model.score import score_chain

Method = Literal["split", "cross", "leave_one_out"]
METHODS: tuple[Method, ...] = get_args(Method)


def conformal_splits(
    method: Method, y: ArrayLike, groups: ArrayLike, *, n_folds: int = 5, seed: int
) -> list[Split]:
    """Return who is fitted on and who calibrates, always whole patients.

    Parameters
    ----------
    method : str
        ``split`` (one part of ``n_folds`` calibrates one chain), ``cross`` (each part in turn)
        or ``leave_one_out`` (each patient in turn).
    y : array of 0 and 1, shape (n,)
        The outcome.
    groups : array of shape (n,)
        The patient of each row.
    n_folds : int
        Parts of ``split`` and ``cross``.
    seed : int
        Where the draw of parts starts.

    Raises
    ------
    SettingsError
        There is no such method.
    InputError
        Too few patients of either outcome.
    """
    if method not in METHODS:
        msg = f"conformal method {method!r}: unknown; choose one of {', '.join(METHODS)}"
        raise SettingsError(msg)
    if method != "leave_one_out":
        folds = outer_folds(y, groups, n_folds=n_folds, repeats=1, seed=seed)
        return folds[:1] if method == "split" else folds
    patients = np.asarray(groups).astype(str)
    return [
        Split(
            repeat=0,
            fold=fold,
            train=np.flatnonzero(patients != patient),
            test=np.flatnonzero(patients == patient),
        )
        for fold, patient in enumerate(np.unique(patients))
    ]


def conformalise(
    chain: Pipeline,
    X: pd.DataFrame,
    y: NDArray[np.intp],
    *,
    groups: ArrayLike,
    splits: Sequence[Split],
    strata: ArrayLike | None = None,
    taxonomy: Taxonomy = "class",
) -> CrossConformal:
    """Return conformal folds of copies of ``chain``, each fitted on one training part.

    Parameters
    ----------
    chain : Pipeline
        Every step that learns, the model last; it is copied and not changed.
    X : DataFrame of shape (n, p)
        One row a case.
    y : array of 0 and 1, shape (n,)
        The outcome.
    groups : array of shape (n,)
        The patient of each row; none may be fitted on and calibrate the same chain.
    splits : sequence of Split
        As `conformal_splits` makes them.
    strata : array of shape (n,), optional
        Site or other group of each row.
    taxonomy : str
        Whom a case is compared with.

    Raises
    ------
    LeakageError
        A patient is on both sides of a split.
    InputError
        A training part holds one outcome only.
    """
    names = None if strata is None else np.asarray(strata).astype(str)
    folds = []
    for split in splits:
        check_disjoint(split, groups)
        part = None if names is None else names[split.test]
        folds.append(_fold(clone(chain), X, y, split=split, strata=part))
    return CrossConformal(folds=tuple(folds), taxonomy=taxonomy)


def indifferent_score(model: Any) -> float:
    """Return the score at which ``model`` leans to neither outcome.

    One half for a forest, whose score is a share; 0 for log-odds and distances from a plane.
    """
    return 0.5 if scale_of(model) == "probability" else 0.0


def _fold(
    chain: Pipeline,
    X: pd.DataFrame,
    y: NDArray[np.intp],
    *,
    split: Split,
    strata: NDArray[np.str_] | None,
) -> ConformalFold:
    """Fit a chain on a training part and return the fold of its held-out part."""
    if len(np.unique(y[split.train])) < 2:
        msg = (
            f"fold {split.fold}: the training part holds one outcome only; "
            "use fewer folds, or collect more patients of both kinds"
        )
        raise InputError(msg, code="too_few_events")
    chain.fit(X.iloc[split.train], y[split.train])
    return calibration_fold(
        chain,
        score_chain(chain, X.iloc[split.test]),
        y[split.test],
        fitted_rows=split.train,
        scored_rows=split.test,
        strata=strata,
        centre=indifferent_score(chain[-1]),
    )
