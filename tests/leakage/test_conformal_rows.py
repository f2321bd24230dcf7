"""What conformalises a chain never fitted it, and where the promise of coverage ends."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.evaluate.uncertainty.coverage import coverage_by_cell, coverage_shortfall
from radpred.model.conformal import METHODS, conformal_splits, conformalise, prediction_sets


def chain():
    """Return a chain that learns in two steps and hands tables on."""
    return make_pipeline(StandardScaler(), LogisticRegression()).set_output(transform="pandas")


def at_site(rng, n, *, noise):
    """Return features and outcomes; of the four features only noise differs between sites."""
    y = rng.permutation(np.arange(n) % 2)
    X = pd.DataFrame((2 * y - 1)[:, None] + noise * rng.normal(size=(n, 4)))
    return X.rename(columns=lambda i: f"x{i}"), y


@pytest.mark.parametrize("method", METHODS)
def test_held_out_rows_cannot_change_the_chain_that_scores_them(method, rng):
    X, y = at_site(rng, 24, noise=1.0)
    groups = np.arange(24) // 2
    splits = conformal_splits(method, y, groups, n_folds=3, seed=0)
    for split in splits:
        spoilt = X.copy()
        spoilt.iloc[split.test] = 1e6
        clean, dirty = (
            conformalise(chain(), table, y, groups=groups, splits=[split]).folds[0].chain
            for table in (X, spoilt)
        )
        assert np.array_equal(clean[0].mean_, dirty[0].mean_)
        assert np.array_equal(clean[1].coef_, dirty[1].coef_)


def test_the_promise_ends_at_a_site_that_calibration_has_not_seen():
    rng = np.random.default_rng(0)
    X, y = at_site(rng, 200, noise=1.5)
    new, truth = at_site(rng, 300, noise=4.0)
    groups, site = np.arange(200), np.full(200, "A")
    splits = conformal_splits("split", y, groups, n_folds=2, seed=0)
    conformal = conformalise(
        chain(), X, y, groups=groups, splits=splits, strata=site, taxonomy="group_class"
    )
    answers = conformal.answers(new, strata=np.full(300, "B"), level=0.9)
    holds = prediction_sets(answers, level=0.9).holds
    found = coverage_by_cell(truth, holds, strata=np.full(300, "B"))["group=B"]
    covered = round(found.value * 300)
    assert found.high < 0.9
    assert not answers.is_claimed.any()
    assert coverage_shortfall(covered, 300, n_calibration=100, level=0.9) < 0.001


def test_calibrating_on_rows_that_were_fitted_on_would_cover_too_little():
    rng = np.random.default_rng(1)
    honest, flattered = [], []
    loose = make_pipeline(StandardScaler(), LogisticRegression(C=1e6, max_iter=5000))
    loose.set_output(transform="pandas")
    for _ in range(20):
        y = rng.permutation(np.arange(360) % 2)
        X = pd.DataFrame(rng.normal(size=(360, 20)) + 0.3 * y[:, None])
        X = X.rename(columns=lambda i: f"x{i}")
        splits = conformal_splits("split", y[:60], np.arange(60), n_folds=2, seed=0)
        conformal = conformalise(loose, X[:60], y[:60], groups=np.arange(60), splits=splits)
        fold = conformal.folds[0]
        own = fold.chain.decision_function(X.iloc[fold.fitted_rows])
        new, truth = fold.chain.decision_function(X[60:]), y[60:]
        sets = prediction_sets(conformal.answers(X[60:], level=0.8), level=0.8).holds
        honest.append(sets[np.arange(300), truth].mean())
        sign = np.where(y[fold.fitted_rows] == 1, -1, 1)
        bound = np.sort(sign * own)[int(np.ceil(0.8 * (len(own) + 1))) - 1]
        flattered.append((np.where(truth == 1, -new, new) <= bound).mean())
    assert np.mean(honest) >= 0.8 - 2 * np.std(honest) / np.sqrt(20)
    assert np.mean(flattered) < 0.7
