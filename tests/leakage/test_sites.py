"""Sites differ in their images and in their outcomes: a model must not live on that."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.errors import InputError
from radpred.model.labels import CaseLabels
from radpred.model.preparation import DropConstant, Impute, Standardise
from radpred.model.preparation.harmonise import Combat, LocationScale, at_sites
from radpred.model.recipes import columns_taken
from radpred.model.selection import DropRedundant, KeepRelevant
from radpred.pipeline.learning.train import out_of_fold

N_COHORTS = 5
DESIGN = LearningSettings(inner_folds=3, repeats=1, n_features=(10,))
RATES = {"A": 0.2, "B": 0.5, "C": 0.8}


def confounded(seed):
    """Return 120 cases of three sites, 200 columns of noise and shifts, and outcomes by site."""
    rng = np.random.default_rng(seed)
    site = rng.permutation(np.repeat(list(RATES), 40))
    y = (rng.random(120) < [RATES[one] for one in site]).astype(int)
    place = np.searchsorted(list(RATES), site)
    values = rng.normal(size=(120, 200)) * rng.uniform(0.7, 1.5, (3, 200))[place]
    values += rng.normal(0, 1.5, (3, 200))[place]
    index = [f"case_{i:03d}" for i in range(120)]
    X = pd.DataFrame(
        values, index=index, columns=[f"tumour__original_glcm_F{i}" for i in range(200)]
    )
    return X, y, site, CaseLabels(dict(zip(index, site, strict=True)))


def chain(*harmonise):
    """Return a chain with or without a step that harmonises."""
    first = [("impute", Impute()), *(("harmonise", step) for step in harmonise)]
    second = [("scale", Standardise()), ("constant", DropConstant())]
    third = [("redundancy", DropRedundant()), ("relevance", KeepRelevant(10))]
    return Pipeline([*first, *second, *third, ("model", LogisticRegression(C=0.1))])


def by_site(X, y, site, split):
    """Return the rate of events of each test row's site in the training rows."""
    rates = pd.Series(y[split.train]).groupby(site[split.train]).mean()
    return rates[site[split.test]].to_numpy()


def mean_area(scores_of):
    """Return the mean ROC area of scores over folds and cohorts."""
    areas = []
    for seed in range(N_COHORTS):
        X, y, site, sites = confounded(seed)
        for split in outer_folds(y, np.arange(120), n_folds=5, repeats=1, seed=seed):
            areas.append(roc_auc_score(y[split.test], scores_of(X, y, site, sites, split)))
    return np.mean(areas)


def with_step(kind):
    """Return a function that scores the test rows of a split by a chain."""

    def scores(X, y, site, sites, split):
        steps = [] if kind is None else [kind(sites)]
        fitted = chain(*steps).fit(X.iloc[split.train], y[split.train])
        return fitted.decision_function(X.iloc[split.test])

    return scores


@pytest.fixture(scope="module")
def site_only():
    """Return the ROC area of knowing the site and nothing else."""
    return mean_area(lambda X, y, site, sites, split: by_site(X, y, site, split))


@pytest.mark.parametrize("kind", [Combat, LocationScale])
def test_harmonised_noise_tells_nothing_though_sites_differ_in_outcome(kind, site_only):
    area = mean_area(with_step(kind))
    assert abs(area - 0.5) < 0.1 < site_only - area


def test_without_it_noise_tells_the_site_and_no_more(site_only):
    area = mean_area(with_step(None))
    assert 0.6 < area <= site_only + 0.02


@pytest.mark.parametrize("kind", [Combat, LocationScale])
def test_spoiling_held_out_rows_and_their_sites_leaves_the_fitted_chain_as_it_was(kind):
    X, y, site, sites = confounded(0)
    train, test = np.arange(0, 80), np.arange(80, 120)
    bad_X = X.copy()
    bad_X.iloc[test] = 1e6
    bad_y = y.copy()
    bad_y[test] = 1 - y[test]
    bad_site = np.where(np.arange(120) < 80, site, "Z")
    bad_sites = CaseLabels(dict(zip(X.index, bad_site, strict=True)))
    clean = chain(kind(sites)).fit(X.iloc[train], y[train])
    blind = chain(kind(bad_sites)).fit(bad_X.iloc[train], bad_y[train])
    assert joblib.hash(at_sites(clean, None)) == joblib.hash(at_sites(blind, None))


def test_a_patient_of_a_new_site_is_refused_or_left_as_it_is_as_declared():
    X, y, _, sites = confounded(1)
    new = X.iloc[[0]].set_axis(["from_site_d"])
    with pytest.raises(InputError, match=r"\(no site\)"):
        chain(Combat(sites)).fit(X, y).predict_proba(new)
    pooled = chain(Combat(sites, new_site="pooled")).fit(X, y)
    kept = X.iloc[[0]].set_axis(["another"]) + 0.0
    assert np.array_equal(pooled.predict_proba(new), pooled.predict_proba(kept))
    assert pooled["harmonise"].is_new(new.index).all()


def test_a_model_of_sites_is_no_better_than_the_site_alone():
    """Pitfall 11: noise that sites shift looks like knowledge until the site stands beside it."""
    areas = []
    for seed in range(3):
        X, y, site, _ = confounded(seed)
        rows = out_of_fold(
            ["logistic", "site"], X.assign(site=site), y, X.index.to_numpy(), design=DESIGN
        )
        own = {name: roc_auc_score(one["y"], one["score"]) for name, one in rows.groupby("model")}
        areas.append((own["logistic"], own["site"]))
    features, alone = np.mean(areas, axis=0)
    assert features > 0.65
    assert features < alone + 0.03


def test_no_model_on_features_sees_the_site():
    X, _y, site, _ = confounded(0)
    offered = [columns_taken(name, X.assign(site=site).columns) for name in ("logistic", "site")]
    assert offered == [tuple(X.columns), ("site",)]
