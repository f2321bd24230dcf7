"""Whatever chooses the columns sees training rows only."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from radpred.cohort.split import outer_folds
from radpred.model.preparation import DropConstant, Impute, Standardise
from radpred.model.preparation.components import Components
from radpred.model.selection.all_relevant import KeepAllRelevant
from radpred.model.selection.clustered import KeepOfClusters
from radpred.model.selection.elastic_net import KeepByElasticNet
from radpred.model.selection.mrmr import KeepMrmr
from radpred.model.selection.passing import KeepAll
from radpred.model.selection.univariate import KeepUnivariate

CHOOSERS = {
    "univariate": KeepUnivariate(10),
    "univariate_unbounded": KeepUnivariate(10, fdr=1),
    "mrmr": KeepMrmr(10),
    "mrmr_f_quotient": KeepMrmr(10, "f", "quotient"),
    "elastic_net": KeepByElasticNet(10),
    "all_relevant": KeepAllRelevant(10, n_rounds=8, n_trees=20),
    "components": Components(10),
    "none": KeepAll(),
}
EACH = pytest.mark.parametrize("name", CHOOSERS)
N_COHORTS, N_FOLDS = 4, 4


def chain(name):
    """Return a chain that chooses columns by ``name``."""
    first = [("impute", Impute()), ("scale", Standardise()), ("constant", DropConstant())]
    chooser = [("clusters", KeepOfClusters()), ("choose", clone(CHOOSERS[name]))]
    return Pipeline([*first, *chooser, ("model", LogisticRegression(C=0.1))])


@EACH
def test_noise_scores_chance(name, make):
    areas = []
    for seed in range(N_COHORTS):
        X, y, _ = make(100, 300, seed=seed)
        for split in outer_folds(y, np.arange(100), n_folds=N_FOLDS, repeats=1, seed=seed):
            fitted = chain(name).fit(X.iloc[split.train], y[split.train])
            scores = fitted.decision_function(X.iloc[split.test])
            areas.append(roc_auc_score(y[split.test], scores))
    assert abs(np.mean(areas) - 0.5) < 0.1


@pytest.mark.parametrize("name", ["univariate_unbounded", "mrmr", "elastic_net"])
def test_chosen_on_all_rows_noise_would_look_like_knowledge(name, make):
    X, y, _ = make(100, 1000)
    first = chain(name)[:-1]
    peeked = first.fit_transform(X, y)
    areas = []
    for split in outer_folds(y, np.arange(100), n_folds=N_FOLDS, repeats=1, seed=0):
        model = LogisticRegression(C=0.1).fit(peeked.iloc[split.train], y[split.train])
        scores = model.decision_function(peeked.iloc[split.test])
        areas.append(roc_auc_score(y[split.test], scores))
    assert np.mean(areas) > 0.75


@EACH
def test_spoiling_held_out_rows_leaves_the_fitted_chain_as_it_was(name, make):
    X, y, _ = make(90, 40, seed=1, strength=0.8)
    train, test = np.arange(60), np.arange(60, 90)
    bad_X, bad_y = X.copy(), y.copy()
    bad_X.iloc[test, :-1] = 1e6
    bad_y[test] = 1 - y[test]
    clean = chain(name).fit(X.iloc[train], y[train])
    blind = chain(name).fit(bad_X.iloc[train], bad_y[train])
    assert joblib.hash(blind) == joblib.hash(clean)


@EACH
def test_one_case_at_a_time_gets_the_columns_of_all_at_once(name, make):
    X, y, _ = make(60, 40, seed=2, strength=0.8)
    first = chain(name)[:-1].fit(X, y)
    alone = pd.concat([first.transform(X.iloc[[i]]) for i in range(60)])
    pd.testing.assert_frame_equal(alone, first.transform(X), check_exact=True)


@EACH
def test_a_fitted_chain_can_do_without_the_columns_that_do_not_reach_the_model(name, make):
    X, y, _ = make(60, 40, seed=2, strength=0.8)
    first = chain(name)[:-1].fit(X, y)
    names, steps = first.get_feature_names_out().tolist(), []
    for label, step in reversed(first.steps):
        narrow = step.restricted_to(names)
        names = narrow.feature_names_in_.tolist()
        steps.append((label, narrow))
    out = Pipeline(steps[::-1]).transform(X[names])
    pd.testing.assert_frame_equal(out, first.transform(X), check_exact=True)
