"""Tune, calibrate, conformalise and refit: one call, one object, training rows only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from radpred.cohort.split import Split, check_disjoint, most_folds, outer_folds
from radpred.errors import InputError
from radpred.model.assurance import (
    Assurance,
    Bench,
    Refit,
    calibrated,
    conformalised,
    held_out_rows,
)
from radpred.model.ensembles import Held, Method, blended, rejoined
from radpred.model.fitted import Fitted
from radpred.model.prune import pruned
from radpred.model.recipes import CANDIDATES, ENSEMBLES, columns_taken, first_steps, recipe_of
from radpred.model.rows import Cohort, cohort_of
from radpred.model.tune import Prepared, Search, Tuned, finish, prepare, tune

DEFAULT = Assurance()


@dataclass(frozen=True, kw_only=True)
class Made:
    """A tuned model, fitted on all rows: where it was made, and how it is fitted on others."""

    tuned: Tuned
    whole: Pipeline
    bench: Bench
    refit: Refit


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
    made: dict[str, Made] = {}
    among = _members(names, search)
    for name in dict.fromkeys([*among, *names]):
        if name in ENSEMBLES:
            continue
        table = recipe_of(name).table
        if table not in benches:
            benches[table] = _bench(name, cohort, splits, search=search)
        made[name] = _made(name, benches[table], search=search)
    for name in ENSEMBLES:
        if name in names:
            made[name] = _ensemble(name, {member: made[member] for member in among}, search=search)
    return {
        name: _fit(name, made[name], assurance=assurance, notes=notes, seed=search.seed)
        for name in names
    }


def _members(names: Sequence[str], search: Search) -> list[str]:
    """Return the models that the ensembles among ``names`` choose from, if there is one."""
    if not any(name in ENSEMBLES for name in names):
        return []
    return [name for name in search.members or names if name in CANDIDATES]


def _made(name: str, bench: Bench, *, search: Search) -> Made:
    """Return ``name``, tuned by inner folds and fitted on all rows."""
    tuned = tune(name, bench.inner, search=search)
    refit = partial(finish, name, tuned.params, search=search)
    return Made(tuned=tuned, whole=refit(bench.whole), bench=bench, refit=refit)


def _ensemble(name: str, members: Mapping[str, Made], *, search: Search) -> Made:
    """Return an ensemble in the shape of a tuned model; its parameters are the weights."""
    if not members:
        msg = f"{name}: no models to choose from; fit it beside two models or more"
        raise InputError(msg)
    held = [_held(member, made) for member, made in members.items()]
    bench = next(iter(members.values())).bench
    y = [part.y_held_out for part in bench.inner]
    out = blended(cast("Method", name), held, y, kind=search.kind, best=search.best)
    tuned = Tuned(
        params=dict(out.weights), inner_score=out.inner_score, chains=out.chains, scores=out.scores
    )

    def refit(part: Prepared) -> Pipeline:
        """Return the same sum of the members fitted on other rows."""
        chains = [pruned(members[member].refit(part)) for member in out.weights]
        return rejoined(out.whole, chains)

    return Made(tuned=tuned, whole=out.whole, bench=bench, refit=refit)


def _held(name: str, made: Made) -> Held:
    """Return a tuned model, as its ensemble sees it."""
    return Held(
        name=name,
        inner_score=made.tuned.inner_score,
        chains=tuple(pruned(chain) for chain in made.tuned.chains),
        scores=made.tuned.scores,
        whole=pruned(made.whole),
    )


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
    name: str, made: Made, *, assurance: Assurance, notes: tuple[str, ...], seed: int
) -> Fitted:
    """Return ``name`` with its calibration and its conformal folds."""
    tuned, whole, bench = made.tuned, made.whole, made.bench
    held_out = held_out_rows(tuned, bench)
    calibrator, said = calibrated(whole, held_out, assurance=assurance)
    return Fitted(
        model=name,
        params=tuned.params,
        chain=pruned(whole),
        calibrator=calibrator,
        conformal=conformalised(made.refit, tuned, bench, seed=seed, assurance=assurance),
        columns=bench.columns,
        inner_score=tuned.inner_score,
        notes=(*notes, *said),
        n_columns={label: len(step.get_feature_names_out()) for label, step in whole.steps[:-1]},
        held_out=held_out,
    )
