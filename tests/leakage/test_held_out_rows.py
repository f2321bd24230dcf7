"""A fit is blind to the rows that will judge it: spoil them, and not a bit of it changes."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.model import RECIPES, grid
from radpred.model.recipes import chain, columns_taken, first_steps
from radpred.model.rows import cohort_of
from radpred.model.tune import Search, finish, prepare
from radpred.pipeline.learning.train import fit_fold

DESIGNS = [
    LearningSettings(outer_folds=3, inner_folds=2, repeats=1, n_features=(4, 8)),
    LearningSettings(outer_folds=3, inner_folds=3, repeats=1, n_features=(3,), seed=9,
                     correlation_limit=0.3),
    LearningSettings(outer_folds=3, inner_folds=2, repeats=1, n_features=(3, 6), seed=4,
                     selection="shap"),
]  # fmt: skip


def spoiled(X, y, rows):
    """Return the table and outcomes with ``rows`` turned into nonsense."""
    X, y = X.copy(), y.copy()
    numbers = X.columns[[dtype.kind == "f" for dtype in X.dtypes]]
    X.loc[X.index[rows], numbers] = 1e6
    X.loc[X.index[rows], "clinical__grade"] = "spoiled"
    X.loc[X.index[rows[::2]], "tumour__original_glcm_F1"] = np.nan
    y[rows] = 1 - y[rows]
    return X, y


@pytest.fixture(scope="module")
def cohort(make):
    """Return a cohort in which there is something to learn."""
    return make(90, 40, seed=1, strength=0.8, has_site=True)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("name", RECIPES)
def test_spoiling_the_test_rows_leaves_the_fitted_fold_as_it_was(name, design, cohort):
    X, y, groups = cohort
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=design.seed)[0]
    clean = fit_fold([name], cohort_of(X, y, groups), split, design=design)[name]
    bad_X, bad_y = spoiled(X, y, split.test)
    blind = fit_fold([name], cohort_of(bad_X, bad_y, groups), split, design=design)[name]
    assert joblib.hash(blind) == joblib.hash(clean)


@pytest.mark.parametrize("name", RECIPES)
def test_spoiling_the_rows_of_an_inner_fold_leaves_its_chain_as_it_was(name, cohort):
    X, y, groups = cohort
    search = Search(n_features=(4, 8))
    columns = list(columns_taken(name, X.columns))
    first = Pipeline(first_steps(RECIPES[name].table, correlation_limit=0.9))
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=0)[1]
    bad_X, bad_y = spoiled(X, y, split.test)
    clean = prepare(first, X[columns], y, split=split)
    blind = prepare(first, bad_X[columns], bad_y, split=split)
    for params in grid(name, n_features=search.n_features):
        fits = [finish(name, params, part, search=search) for part in (clean, blind)]
        assert joblib.hash(fits[0]) == joblib.hash(fits[1])


def test_a_step_that_saw_the_test_rows_would_be_found(cohort):
    X, y, groups = cohort
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=0)[0]
    hashes = []
    for table, outcome in ((X, y), spoiled(X, y, split.test)):
        leaky = clone(chain("svm", {"n_features": 5}))
        leaky["impute"].fit(table)
        hashes.append(joblib.hash(leaky.fit(table.iloc[split.train], outcome[split.train])))
        hashes.append(joblib.hash(clone(leaky["impute"]).fit(table)))
    assert hashes[0] == hashes[2]
    assert hashes[1] != hashes[3]
