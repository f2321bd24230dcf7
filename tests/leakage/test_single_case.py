"""A case alone gets the same answer as among others, to the last bit."""

import time

import numpy as np
import pandas as pd
import pytest

from radpred.model import RECIPES, Search, fit_all


@pytest.fixture(scope="module")
def fitted(make):
    """Return every model, fitted on a cohort with gaps and words."""
    X, y, groups = make(100, 60, seed=3, strength=0.6, has_site=True)
    search = Search(n_inner_folds=3, n_features=(20,))
    return fit_all(list(RECIPES), X, y, groups=groups, search=search)


@pytest.fixture(scope="module")
def new(make):
    """Return 140 new cases, with gaps and a word that training did not hold."""
    X = make(140, 60, seed=4, strength=0.6, has_site=True).X
    X.loc[X.index[::7], "clinical__grade"] = "never seen"
    X.iloc[::5, 2] = np.nan
    return X


def answers(model, X):
    """Return all that a model says of each case."""
    columns = [model.score(X), model.log_odds(X), model.probability(X), *model.p_values(X).T]
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("name", RECIPES)
def test_one_case_at_a_time_gives_the_answers_of_all_at_once(name, fitted, new):
    some = new.iloc[:40] if name == "random_forest" else new
    alone = np.concatenate([answers(fitted[name], some.iloc[[i]]) for i in range(len(some))])
    assert np.array_equal(alone, answers(fitted[name], new)[: len(some)])


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("size", [2, 3, 63, 65, 130])
def test_who_else_is_in_the_batch_does_not_matter(name, size, fitted, new, rng):
    rows = rng.choice(len(new), size, replace=False)
    assert np.array_equal(answers(fitted[name], new.iloc[rows]), answers(fitted[name], new)[rows])


@pytest.mark.parametrize("name", RECIPES)
def test_layout_order_and_type_of_the_columns_do_not_matter(name, fitted, new, rng):
    expected = answers(fitted[name], new)
    shuffled = new[rng.permutation(new.columns)].assign(extra="x")
    assert np.array_equal(answers(fitted[name], shuffled), expected)
    assert np.array_equal(answers(fitted[name], new.astype(object)), expected)
    by_row = pd.DataFrame([dict(new.iloc[i]) for i in range(3)], index=new.index[:3])
    assert np.array_equal(answers(fitted[name], by_row), expected[:3])


@pytest.mark.parametrize("name", RECIPES)
def test_500_cases_take_under_five_seconds(name, fitted, new):
    many = pd.concat([new] * 4).iloc[:500]
    start = time.process_time()
    answers(fitted[name], many)
    assert time.process_time() - start < 5
