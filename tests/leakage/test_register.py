"""Every model of the register, tuned in inner folds: blind to held-out rows, chance on noise."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline

from radpred.model.ensembles import METHODS, Held, blended
from radpred.model.estimators import MODELS, NAIVE, make, model_of, space_of
from radpred.model.outcome_kind import inner_score
from radpred.model.recipes import first_steps
from radpred.model.score import score_chain
from radpred.model.tuning import best, search

KINDS = ("binary", "multiclass", "continuous")
PAIRS = [(n, k) for n in (*MODELS, NAIVE.name) for k in KINDS if k in model_of(n).outcomes]


def made(kind, *, n=60, p=12, seed=0, strength=1.0):
    """Return a table with gaps and outcomes of a kind; noise where ``strength`` is 0."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, p))
    y = rng.permutation(np.arange(n) % (2 if kind == "binary" else 3)).astype(np.intp)
    if kind == "continuous":
        y = 50.0 + 9.0 * rng.normal(size=n)
    values[:, 0] += strength * (y - y.mean()) / y.std()
    values[rng.random(n) < 0.1, 3] = np.nan
    return pd.DataFrame(values, columns=[f"tumour__original_glcm_F{i}" for i in range(p)]), y


def spoiled(X, y, rows):
    """Return the table and outcomes with ``rows`` turned into nonsense."""
    X, y = X.copy(), y.copy()
    X.iloc[rows] = 1e6
    y[rows] = y[rows][::-1]
    return X, y


def fitted(name, kind, X, y, rows, **params):
    """Return the whole chain of a model, fitted on ``rows``."""
    model = ("model", make(name, 2, kind=kind, **params))
    steps = [*first_steps("features", correlation_limit=0.9), model]
    return Pipeline(steps).fit(X.iloc[rows], y[rows])


def held(name, kind, X, y, splits, **params):
    """Return a model as its ensemble would see it, from the inner folds ``splits``."""
    chains = tuple(fitted(name, kind, X, y, train, **params) for train, _ in splits)
    scores = tuple(score_chain(c, X.iloc[t]) for c, (_, t) in zip(chains, splits, strict=True))
    judged = [inner_score(kind, s, y[t]) for s, (_, t) in zip(scores, splits, strict=True)]
    rows = np.sort(np.concatenate([test for _, test in splits]))
    return Held(
        name=name,
        inner_score=float(np.mean(judged)),
        chains=chains,
        scores=scores,
        whole=fitted(name, kind, X, y, rows, **params),
    )


def tuned(name, kind, X, y, rows, *, method="grid"):
    """Return a model tuned by two inner folds of ``rows``."""
    splits = [(rows[train], rows[test]) for train, test in KFold(2).split(rows)]
    found = best(
        search(
            space_of(name, kind=kind, method=method),
            lambda params: held(name, kind, X, y, splits, **params).inner_score,
            method=method,
            budget=None if method == "grid" else 4,
        )
    )
    return held(name, kind, X, y, splits, **found.params)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_spoiling_held_out_rows_leaves_the_tuned_model_as_it_was(name, kind):
    X, y = made(kind)
    rows, test = np.arange(45), np.arange(45, 60)
    bad_X, bad_y = spoiled(X, y, test)
    assert not np.array_equal(bad_y, y)
    clean, blind = tuned(name, kind, X, y, rows), tuned(name, kind, bad_X, bad_y, rows)
    assert joblib.hash(blind) == joblib.hash(clean)


@pytest.mark.parametrize("name", ["logistic", "svm_rbf", "tree"])
@pytest.mark.parametrize("method", ["random", "tpe"])
def test_spoiling_held_out_rows_leaves_a_search_by_chance_as_it_was(name, method):
    X, y = made("binary")
    rows, test = np.arange(45), np.arange(45, 60)
    bad_X, bad_y = spoiled(X, y, test)
    clean, blind = (
        tuned(name, "binary", table, true, rows, method=method)
        for table, true in ((X, y), (bad_X, bad_y))
    )
    assert joblib.hash(blind) == joblib.hash(clean)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_inner_fold_is_unknown_to_the_members_of_its_own_ensemble(kind, method):
    X, y = made(kind)
    splits = list(KFold(3).split(X))
    bad_X, bad_y = spoiled(X, y, splits[1][1])
    chains = []
    for table, true in ((X, y), (bad_X, bad_y)):
        members = [held(name, kind, table, true, splits) for name in ("logistic", "tree", "knn")]
        by_fold = [true[test] for _, test in splits]
        chains.append(blended(method, members, by_fold, kind=kind, best=3).chains[1][-1].chains)
    hashes = [sorted(joblib.hash(chain) for chain in each) for each in chains]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_tuned_model_of_noise_is_no_better_than_knowing_nothing(name, kind):
    gains = []
    for seed in range(3):
        X, y = made(kind, n=560, seed=seed, strength=0.0)
        rows, new = np.arange(60), np.arange(60, 560)
        said = score_chain(tuned(name, kind, X, y, rows).whole, X.iloc[new])
        found = inner_score(kind, said, y[new])
        gains.append(found / y[new].std() + 1 if kind == "continuous" else found - 0.5)
    assert np.mean(gains) < 0.05
    assert kind == "continuous" or np.mean(gains) > -0.05


def test_a_model_that_saw_the_new_rows_would_be_found():
    X, y = made("binary", n=560, strength=0.0)
    rows, new = np.arange(60), np.arange(60, 560)
    seen = fitted("knn", "binary", X, y, np.concatenate([rows, new]), n_neighbors=3)
    assert inner_score("binary", score_chain(seen, X.iloc[new]), y[new]) > 0.7
