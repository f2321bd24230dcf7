"""Pick parameters by inner folds; what no parameter changes is fitted once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline

from radpred.cohort.split import Split
from radpred.model.frames import ColumnChooser, alone
from radpred.model.fusion.plan import Fusion
from radpred.model.labels import CaseLabels
from radpred.model.outcome_kind import OutcomeKind, inner_score
from radpred.model.preparation.harmonise import LocationScale
from radpred.model.recipes import Chooser, chain, chooser, space
from radpred.model.rows import TrainingRows
from radpred.model.score import score_model
from radpred.model.tuning import Method, Params
from radpred.model.tuning import search as search_in
from radpred.model.weights import fit_rows


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
    selection : str
        How these are chosen: one of `radpred.model.recipes.SELECTIONS`.
    regions : tuple of str, optional
        Only columns of these regions may be seen.
    before : tuple of (str, transformer)
        Unfitted steps that come before all others: habitats, say.
    stable : ColumnChooser, optional
        The unfitted step that keeps columns which repeat.
    harmonise : LocationScale, optional
        The unfitted step that takes the effects of sites away; it knows the site of each case.
    patients : CaseLabels, optional
        Whose each case is; a fit knows it by itself.
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
    fusion : Fusion, optional
        What the blocks of columns are, and how they are fused.
    """

    n_inner_folds: int = 5
    seed: int = 0
    correlation_limit: float = 0.9
    n_features: tuple[int, ...] = (5, 10, 20)
    selection: str = "relevance"
    regions: tuple[str, ...] | None = None
    before: tuple[tuple[str, Any], ...] = ()
    stable: ColumnChooser | None = None
    harmonise: LocationScale | None = None
    patients: CaseLabels | None = None
    kind: OutcomeKind = "binary"
    method: Method = "grid"
    budget: int | None = None
    members: tuple[str, ...] | None = None
    best: int = 3
    fusion: Fusion | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Rows to fit on and rows to score, after the steps that no grid point changes.

    Attributes
    ----------
    first : Pipeline
        These steps, fitted on the training rows.
    train, held_out : DataFrame
        What they make of both; ``held_out`` may be empty.
    y_train, y_held_out : ndarray
        The outcomes.
    chooser : KeepBest or Components, optional
        The step that chooses columns, fitted on the training rows for the largest number of them.
    soft : TrainingRows, optional
        Where some training rows are soft: these rows as they came, doubled; their weights count.
    """

    first: Pipeline
    train: pd.DataFrame
    held_out: pd.DataFrame
    y_train: NDArray[Any]
    y_held_out: NDArray[Any]
    chooser: Chooser | None = None
    soft: TrainingRows | None = None

    def fit(self, step: Any) -> Any:
        """Return ``step``, fitted on the training rows, by their weights where there are any."""
        with warnings.catch_warnings():
            # Where a ridge starts at its optimum, to the last bit, there is no step that improves
            # it: scikit-learn says so, and asks another solver, which agrees.
            warnings.filterwarnings("ignore", "Line search of Newton", ConvergenceWarning)
            if self.soft is None:
                return step.fit(self.train, self.y_train)
            return fit_rows(step, replace(self.soft, X=self.train))


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """The best grid point, with its chain and held-out scores for each inner fold.

    Attributes
    ----------
    tried : tuple of tuple of ndarray
        The held-out scores of every point that was tried, as in ``scores``; empty where a model
        is put together from others.
    """

    params: Params
    inner_score: float
    chains: tuple[Pipeline, ...]
    scores: tuple[NDArray[np.float64], ...]
    tried: tuple[tuple[NDArray[np.float64], ...], ...] = ()


def prepare(
    first: Pipeline,
    X: pd.DataFrame,
    y: NDArray[Any],
    *,
    split: Split,
    soft: TrainingRows | None = None,
) -> Prepared:
    """Return the rows of ``split`` after ``first``, which learns from its training rows only.

    Where some of these are ``soft``, they are given as a model learns from them.
    """
    y_train = y[split.train]
    if soft is None:
        fitted = clone(first)
        train = alone(fitted.fit_transform(X.iloc[split.train], y_train))
    else:
        fitted = fit_rows(first, soft)
        train, y_train = alone(fitted.transform(soft.X)), soft.y
    held_out = alone(fitted.transform(X.iloc[split.test])) if len(split.test) else train.iloc[:0]
    return Prepared(
        first=fitted,
        train=train,
        held_out=held_out,
        y_train=y_train,
        y_held_out=y[split.test],
        soft=soft,
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
        harmonise=search.harmonise,
        patients=search.patients,
        kind=search.kind,
    )
    for label, step in whole.steps[len(part.first.steps) : -1]:
        is_known = label == "relevance" and part.chooser is not None
        part = chosen(part, step.n_features) if is_known else further(part, (label, step))
    label, model = whole.steps[-1]
    return Pipeline([*part.first.steps, (label, part.fit(model))])


def further(part: Prepared, step: tuple[str, Any]) -> Prepared:
    """Return ``part`` after one more step, which learns from its training rows."""
    label, transformer = step
    return after(part, (label, part.fit(transformer)))


def after(part: Prepared, step: tuple[str, Any]) -> Prepared:
    """Return ``part`` after one more step, which was fitted on its training rows."""
    return replace(
        part,
        first=Pipeline([*part.first.steps, step]),
        train=step[1].transform(part.train),
        held_out=step[1].transform(part.held_out),
    )


def with_chooser(part: Prepared, *, search: Search) -> Prepared:
    """Return ``part`` with the step that chooses columns: once for all models and numbers."""
    most = max(search.n_features, default=1)
    step = chooser(search.selection, most, seed=search.seed, patients=search.patients)
    return replace(part, chooser=part.fit(step))


def chosen(part: Prepared, n_features: int | None) -> Prepared:
    """Return ``part`` after the choice of ``n_features`` columns by its own step."""
    if part.chooser is None:
        msg = "no step chooses columns here; call with_chooser first"
        raise TypeError(msg)
    step = part.chooser.narrowed(n_features or 1)
    return replace(after(part, ("relevance", step)), chooser=None)


def tune(name: str, parts: Sequence[Prepared], *, search: Search) -> Tuned:
    """Return the point with the best mean inner score; of equals, the first."""
    best: list[Tuned] = []
    tried: list[tuple[NDArray[np.float64], ...]] = []
    ready: dict[int, Sequence[Prepared]] = {}

    def objective(params: Params) -> float:
        """Return the mean inner score of one point, and keep the best."""
        n = params.get("n_features")
        if n is not None and n not in ready:
            ready[n] = [chosen(part, n) for part in known]
        tuned = _try(name, params, known if n is None else ready[n], search=search)
        tried.append(tuned.scores)
        if not best or tuned.inner_score > best[0].inner_score:
            best[:] = [tuned]
        return tuned.inner_score

    axes = space(
        name,
        n_features=search.n_features,
        kind=search.kind,
        method=search.method,
        selection=search.selection,
    )
    is_unknown = "n_features" in axes and any(part.chooser is None for part in parts)
    known = [with_chooser(part, search=search) for part in parts] if is_unknown else parts
    search_in(axes, objective, budget=search.budget, seed=search.seed, method=search.method)
    return replace(best[0], tried=tuple(tried))


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
