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

from radpred.cohort.designs import repeated_k_fold
from radpred.cohort.split import Split, most_folds, outer_folds
from radpred.errors import InputError
from radpred.model.assurance import (
    Assurance,
    Bench,
    Refit,
    bench_of,
    calibrated,
    conformalised,
    held_out_rows,
)
from radpred.model.ensembles import Held, Method, blended, rejoined
from radpred.model.fitted import Fitted
from radpred.model.fusion.fitted import fused
from radpred.model.fusion.plan import is_of_fusion
from radpred.model.labels import CaseLabels
from radpred.model.others.soft import certain_part, with_soft
from radpred.model.prune import pruned
from radpred.model.recipes import CANDIDATES, ENSEMBLES, columns_taken, first_steps, recipe_of
from radpred.model.rows import Cohort, cohort_of
from radpred.model.tune import Prepared, Search, Tuned, finish, tune, with_chooser

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


def fit_all(  # noqa: PLR0913 - what a row has, each by its name
    names: Sequence[str],
    X: pd.DataFrame,
    y: ArrayLike | pd.Series,
    *,
    groups: ArrayLike | pd.Series,
    search: Search,
    assurance: Assurance = DEFAULT,
    strata: ArrayLike | pd.Series | None = None,
    event_probability: ArrayLike | pd.Series | None = None,
) -> dict[str, Fitted]:
    """Return each model of ``names``, equal to :func:`fit`; shared steps are fitted once.

    Where some labels are soft, ``event_probability`` is that of every row: these are learnt from
    twice, by their weights, and calibrate nothing.
    """
    cohort = cohort_of(X, y, groups, strata=strata, event_probability=event_probability)
    made, notes = make_all(names, cohort, search=search)
    return {
        name: _fit(name, made[name], assurance=assurance, notes=notes, seed=search.seed)
        for name in names
    }


def make_all(
    names: Sequence[str], cohort: Cohort, *, search: Search
) -> tuple[dict[str, Made], tuple[str, ...]]:
    """Return each model, tuned by inner folds and fitted on all rows, and notes on these folds."""
    if search.patients is None:
        whose = dict(zip(cohort.X.index, cohort.groups, strict=True))
        search = replace(search, patients=CaseLabels(whose))
    splits, notes = inner_folds_of(cohort, search=search)
    benches: dict[str, Bench] = {}
    made: dict[str, Made] = {}
    among = _members(names, search)
    for name in dict.fromkeys([*among, *names]):
        if name in ENSEMBLES or is_of_fusion(name):
            continue
        table = recipe_of(name).table
        if table not in benches:
            benches[table] = _bench(name, cohort, splits, search=search)
        made[name] = _made(name, benches[table], search=search)
    for name, one in fused(names, cohort, splits, search=search).items():
        made[name] = Made(**vars(one))
    for name in ENSEMBLES:
        if name in names:
            made[name] = _ensemble(name, {member: made[member] for member in among}, search=search)
    return made, notes


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


def inner_folds_of(cohort: Cohort, *, search: Search) -> tuple[list[Split], tuple[str, ...]]:
    """Return the inner folds of a cohort of any kind; soft labels are in no test part."""
    sure = certain_part(cohort)
    if cohort.kind == "binary":
        splits, notes = inner_folds(sure.y, sure.groups, search=search)
    else:
        design = repeated_k_fold(
            cohort.y,
            cohort.groups,
            n_folds=search.n_inner_folds,
            seed=search.seed,
            kind=cohort.kind,
            shortage=None if cohort.kind == "continuous" else "keep",
        )
        splits, notes = list(design.splits), design.notes
    return with_soft(splits, cohort), tuple(notes)


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
    steps = first_steps(
        recipe_of(name).table,
        correlation_limit=search.correlation_limit,
        before=search.before,
        stable=search.stable,
        harmonise=search.harmonise,
        selection=search.selection,
    )
    bench = bench_of(cohort, columns, steps, splits)
    if recipe_of(name).table != "features":
        return bench
    inner = [with_chooser(part, search=search) for part in bench.inner]
    return replace(bench, inner=inner, whole=with_chooser(bench.whole, search=search))


def _fit(
    name: str, made: Made, *, assurance: Assurance, notes: tuple[str, ...], seed: int
) -> Fitted:
    """Return ``name`` with its calibration and its conformal folds."""
    tuned, whole, bench = made.tuned, made.whole, made.bench
    held_out = held_out_rows(tuned, bench)
    calibrator, said = calibrated(
        whole,
        held_out,
        assurance=assurance,
        groups=bench.cohort.groups[held_out.rows],
        tried=tuned.tried,
    )
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
