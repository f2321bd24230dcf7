"""Columns that beat their shadows stay, all of them."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, false_discovery_control
from sklearn.ensemble import RandomForestClassifier

from radpred.model.selection.all_relevant import KeepAllRelevant, judged


@pytest.fixture(scope="module")
def some():
    """Return 100 rows of 30 columns; three tell the outcome, one of them twice."""
    rng = np.random.default_rng(20)
    X = pd.DataFrame(rng.normal(size=(100, 30)), columns=[f"f{i}" for i in range(30)])
    y = (X["f3"] + X["f9"] + X["f15"] + 0.5 * rng.normal(size=100) > 0).astype(int).to_numpy()
    X["f22"] = X["f9"] + 0.1 * rng.normal(size=100)
    return X, y


@pytest.fixture(scope="module")
def fitted(some):
    """Return the step fitted on it."""
    return KeepAllRelevant(30, n_rounds=20, n_trees=60).fit(*some)


def test_every_relevant_column_stays_twins_included(fitted):
    assert fitted.kept_ == ["f3", "f9", "f15", "f22"]


def test_most_noise_leaves_play(fitted):
    assert (fitted.verdict_ == -1).sum() > 20


def test_no_more_stay_than_asked(fitted):
    kept = fitted.narrowed(2).kept_
    assert len(kept) == 2
    assert set(kept) < {"f3", "f9", "f15", "f22"}


def test_where_nothing_is_relevant_one_column_stays_and_it_is_told(rng):
    X, y = pd.DataFrame(rng.normal(size=(60, 20))), np.arange(60) % 2
    step = KeepAllRelevant(10, n_rounds=10, n_trees=30).fit(X, y)
    assert (step.n_passing_, len(step.kept_)) == (0, 1)


def test_few_columns_have_five_shadows(rng):
    y = np.arange(60) % 2
    X = pd.DataFrame({"real": y + rng.normal(size=60), "noise": rng.normal(size=60)})
    assert KeepAllRelevant(2, n_rounds=15, n_trees=30).fit(X, y).kept_ == ["real"]


def test_the_seed_decides_the_rounds(some):
    fits = [KeepAllRelevant(n_rounds=6, n_trees=20, seed=s).fit(*some) for s in (0, 0, 1)]
    assert np.array_equal(fits[0].order_, fits[1].order_)
    assert not np.array_equal(fits[0].order_, fits[2].order_)


@pytest.mark.filterwarnings("ignore")
def test_boruta_finds_the_same_columns(some, fitted):
    boruta = pytest.importorskip("boruta")
    forest = RandomForestClassifier(class_weight="balanced", max_depth=5, random_state=0)
    theirs = boruta.BorutaPy(forest, n_estimators=60, max_iter=20, random_state=0)
    theirs.fit(some[0].to_numpy(), some[1])
    assert some[0].columns[theirs.support_].tolist() == fitted.kept_


@pytest.mark.parametrize("n_rounds", [1, 4, 8, 20])
def test_verdicts_are_two_binomial_tests(n_rounds):
    hits = np.array([n_rounds, n_rounds, n_rounds // 2, 0, 0, 0])
    found = judged(hits, np.zeros(6, dtype=int), n_rounds=n_rounds, alpha=0.05)
    for side, answer in (("greater", 1), ("less", -1)):
        p = np.array([binomtest(int(h), n_rounds, alternative=side).pvalue for h in hits])
        passes = (false_discovery_control(p) <= 0.05) & (p <= 0.05 / n_rounds)
        assert np.array_equal(found == answer, passes)


def test_a_verdict_stands():
    verdict = np.array([1, -1, 0])
    assert judged(np.array([0, 20, 20]), verdict, n_rounds=20, alpha=0.05).tolist() == [1, -1, 1]


def test_a_narrowed_step_is_the_one_fitted_with_fewer(some, fitted):
    few = KeepAllRelevant(2, n_rounds=20, n_trees=60).fit(*some)
    assert fitted.narrowed(2).kept_ == few.kept_
