"""Tune, calibrate, conformalise and refit: one call, one object, training rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from radpred.cohort.split import Split, check_disjoint, most_folds, outer_folds
from radpred.errors import InputError
from radpred.model.assurance import (
    Assurance,
    Bench,
    calibrated,
    conformalised,
    held_out_rows,
)
from radpred.model.fitted import Fitted
from radpred.model.prune import pruned
from radpred.model.recipes import columns_taken, first_steps, recipe_of
from radpred.model.rows import Cohort, cohort_of
from radpred.model.tune import Search, finish, prepare, tune

DEFAULT = Assurance()


def fit(
    name: str,
    X: pd.DataFrame,
    y: ArrayLike | pd.Series,
    *,
    groups: ArrayLike | pd.Series,
    search: Search,
    assurance: Assurance = DEFAULT,
    strata: ArrayLike | pd.Series | None = None,
) -> Fitted:
    """Return the model called ``name``, tuned, calibrated, conformalised and fitted on all rows.

    The inner folds by patient pick the parameters; the scores that they give to rows they did not
    see calibrate the chain and make its conformal folds; the chain is then fitted on all rows.

    Parameters
    ----------
    name : str
        A key of :data:`radpred.model.recipes.RECIPES`.
    X : DataFrame of shape (n, p)
        One row a case, indexed by case; columns may hold words and gaps.
    y : Series or array of shape (n,)
        0 or 1. A Series is matched by index, an array by position; so are ``groups``.
    groups : Series or array of shape (n,)
        The patient of each row.
    search : Search
        How the model is tuned.
    assurance : Assurance
        How it is calibrated and conformalised.
    strata : Series or array of shape (n,), optional
        Site or other group of each row, where prediction sets look at it.

    Raises
    ------
    InputError
        Too few events for two inner folds, no usable column, or rows that do not match.
    """
    fitted = fit_all([name], X, y, groups=groups, search=search, assurance=assurance, strata=strata)
    return fitted[name]


def fit_all(
    names: Sequence[str],
    X: pd.DataFrame,
    y: ArrayLike | pd.Series,
    *,
    groups: ArrayLike | pd.Series,
    search: Search,
    assurance: Assurance = DEFAULT,
    strata: ArrayLike | pd.Series | None = None,
) -> dict[str, Fitted]:
    """Return each model of ``names``, equal to :func:`fit`; shared steps are fitted once."""
    cohort = cohort_of(X, y, groups, strata=strata)
    splits, notes = inner_folds(cohort.y, cohort.groups, search=search)
    benches: dict[str, Bench] = {}
    fitted = {}
    for name in names:
        table = recipe_of(name).table
        if table not in benches:
            benches[table] = _bench(name, cohort, splits, search=search)
        fitted[name] = _fit(name, benches[table], search=search, assurance=assurance, notes=notes)
    return fitted


def inner_folds(
    y: NDArray[np.intp], groups: NDArray[np.str_], *, search: Search
) -> tuple[list[Split], tuple[str, ...]]:
    """Return the inner folds, fewer than asked where events are few, and a note if so."""
    asked = search.n_inner_folds
    n_folds = max(2, min(asked, most_folds(y, groups)))
    while True:
        try:
            splits = outer_folds(y, groups, n_folds=n_folds, repeats=1, seed=search.seed)
            break
        except InputError:
            if n_folds == 2:
                raise
            n_folds -= 1
    if n_folds == asked:
        return splits, ()
    n_patients = len(np.unique(groups[y == 1]))
    note = f"{n_folds} inner folds instead of {asked}: {y.sum()} events in {n_patients} patients"
    return splits, (note,)


def _bench(name: str, cohort: Cohort, splits: list[Split], *, search: Search) -> Bench:
    """Fit the first steps of ``name`` on each inner training part and on all rows."""
    columns = columns_taken(name, cohort.X.columns, regions=search.regions)
    offered = replace(cohort, X=cohort.X.loc[:, list(columns)])
    steps = first_steps(
        recipe_of(name).table,
        correlation_limit=search.correlation_limit,
        before=search.before,
        stable=search.stable,
    )
    everyone = np.arange(len(cohort.y))
    whole = Split(repeat=0, fold=len(splits), train=everyone, test=everyone[:0])
    for split in splits:
        check_disjoint(split, cohort.groups)
    first = Pipeline(steps)
    inner = [prepare(first, offered.X, cohort.y, split=split) for split in splits]
    everything = prepare(first, offered.X, cohort.y, split=whole)
    return Bench(cohort=offered, first=first, splits=splits, inner=inner, whole=everything)


def _fit(
    name: str, bench: Bench, *, search: Search, assurance: Assurance, notes: tuple[str, ...]
) -> Fitted:
    """Return ``name`` fitted on the rows of ``bench``."""
    tuned = tune(name, bench.inner, search=search)
    held_out = held_out_rows(tuned, bench)
    whole = finish(name, tuned.params, bench.whole, search=search)
    calibrator, said = calibrated(whole, held_out, assurance=assurance)
    return Fitted(
        model=name,
        params=tuned.params,
        chain=pruned(whole),
        calibrator=calibrator,
        conformal=conformalised(name, tuned, bench, search=search, assurance=assurance),
        columns=bench.columns,
        inner_score=tuned.inner_score,
        notes=(*notes, *said),
        n_columns={label: len(step.get_feature_names_out()) for label, step in whole.steps[:-1]},
        held_out=held_out,
    )
