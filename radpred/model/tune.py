"""Pick parameters by inner folds; what no parameter changes is fitted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from radpred.cohort.split import Split
from radpred.model.frames import ColumnChooser
from radpred.model.outcome_kind import OutcomeKind, inner_score
from radpred.model.recipes import chain, chooser, space
from radpred.model.score import score_model
from radpred.model.selection.ordered import KeepBest
from radpred.model.tuning import Method, Params
from radpred.model.tuning import search as search_in


@dataclass(frozen=True, kw_only=True)
class Search:
    """How a model is tuned.

    Attributes
    ----------
    n_inner_folds : int
        Folds by patient; fewer where events are few.
    seed : int
        Where the folds and the models' randomness start.
    correlation_limit : float
        The largest absolute rank correlation between two columns that a model may see.
    n_features : tuple of int
        How many columns a model may see, to be tuned.
    selection : {"relevance", "shap"}
        How these are chosen.
    regions : tuple of str, optional
        Only columns of these regions may be seen.
    before : tuple of (str, transformer)
        Unfitted steps that come before all others: habitats, say.
    stable : ColumnChooser, optional
        The unfitted step that keeps columns which repeat.
    kind : {"binary", "multiclass", "continuous"}
        What is predicted.
    method : {"grid", "random", "tpe"}
        How parameters are looked for.
    budget : int, optional
        How many points are tried at most; a grid needs none.
    members : tuple of str, optional
        The models that ensembles choose from; by default all that are fitted beside them.
    best : int
        How many of these they take.
    """

    n_inner_folds: int = 5
    seed: int = 0
    correlation_limit: float = 0.9
    n_features: tuple[int, ...] = (5, 10, 20)
    selection: str = "relevance"
    regions: tuple[str, ...] | None = None
    before: tuple[tuple[str, Any], ...] = ()
    stable: ColumnChooser | None = None
    kind: OutcomeKind = "binary"
    method: Method = "grid"
    budget: int | None = None
    members: tuple[str, ...] | None = None
    best: int = 3


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Rows to fit on and rows to score, after the steps that no grid point changes.

    Attributes
    ----------
    first : Pipeline
        These steps, fitted on the training rows.
    train, held_out : DataFrame
        What they make of both; ``held_out`` may be empty.
    y_train, y_held_out : ndarray of int
        The outcomes.
    """

    first: Pipeline
    train: pd.DataFrame
    held_out: pd.DataFrame
    y_train: NDArray[np.intp]
    y_held_out: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """The best grid point, with its chain and held-out scores for each inner fold."""

    params: Params
    inner_score: float
    chains: tuple[Pipeline, ...]
    scores: tuple[NDArray[np.float64], ...]


def prepare(first: Pipeline, X: pd.DataFrame, y: NDArray[np.intp], *, split: Split) -> Prepared:
    """Return the rows of ``split`` after ``first``, which learns from its training rows only."""
    fitted = clone(first)
    train = fitted.fit_transform(X.iloc[split.train])
    held_out = fitted.transform(X.iloc[split.test]) if len(split.test) else train.iloc[:0]
    return Prepared(
        first=fitted,
        train=train,
        held_out=held_out,
        y_train=y[split.train],
        y_held_out=y[split.test],
    )


def finish(name: str, params: Params, part: Prepared, *, search: Search) -> Pipeline:
    """Return the whole chain, fitted: equal to fitting it at once on the same rows."""
    whole = chain(
        name,
        params,
        correlation_limit=search.correlation_limit,
        seed=search.seed,
        selection=search.selection,
        before=search.before,
        stable=search.stable,
        kind=search.kind,
    )
    for step in whole.steps[len(part.first.steps) : -1]:
        part = further(part, step)
    label, model = whole.steps[-1]
    return Pipeline([*part.first.steps, (label, model.fit(part.train, part.y_train))])


def further(part: Prepared, step: tuple[str, Any]) -> Prepared:
    """Return ``part`` after one more step, which learns from its training rows."""
    label, transformer = step
    return after(part, (label, transformer.fit(part.train, part.y_train)))


def after(part: Prepared, step: tuple[str, Any]) -> Prepared:
    """Return ``part`` after one more step, which was fitted on its training rows."""
    return replace(
        part,
        first=Pipeline([*part.first.steps, step]),
        train=step[1].transform(part.train),
        held_out=step[1].transform(part.held_out),
    )


def tune(name: str, parts: Sequence[Prepared], *, search: Search) -> Tuned:
    """Return the point with the best mean inner score; of equals, the first."""
    best: list[Tuned] = []
    chosen: dict[int, list[Prepared]] = {}
    choosers: list[KeepBest] = []

    def objective(params: Params) -> float:
        """Return the mean inner score of one point, and keep the best."""
        ready = parts
        if (n_features := params.get("n_features")) is not None:
            choosers.extend([] if choosers else [_fitted_chooser(part, search) for part in parts])
            if n_features not in chosen:
                chosen[n_features] = [
                    after(part, ("relevance", one.narrowed(n_features)))
                    for part, one in zip(parts, choosers, strict=True)
                ]
            ready = chosen[n_features]
        tuned = _try(name, params, ready, search=search)
        if not best or tuned.inner_score > best[0].inner_score:
            best[:] = [tuned]
        return tuned.inner_score

    axes = space(name, n_features=search.n_features, kind=search.kind, method=search.method)
    search_in(axes, objective, budget=search.budget, seed=search.seed, method=search.method)
    return best[0]


def _fitted_chooser(part: Prepared, search: Search) -> KeepBest:
    """Return the step that chooses columns, fitted once for every number of them."""
    step = chooser(search.selection, max(search.n_features))
    return step.fit(part.train, part.y_train)


def _try(name: str, params: Params, parts: Sequence[Prepared], *, search: Search) -> Tuned:
    """Return one grid point, fitted and scored on each inner fold."""
    chains = tuple(finish(name, params, part, search=search) for part in parts)
    scores = tuple(
        score_model(fitted[-1], part.held_out) for fitted, part in zip(chains, parts, strict=True)
    )
    judged = [
        inner_score(search.kind, said, part.y_held_out)
        for said, part in zip(scores, parts, strict=True)
    ]
    return Tuned(params=params, inner_score=float(np.mean(judged)), chains=chains, scores=scores)
