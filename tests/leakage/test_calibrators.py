"""Every calibrator sees held-out scores of training rows, and nothing else."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.evaluate import compare_calibrators, scores_of
from radpred.model.calibrators import METHODS, fit_calibrator
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import fit_fold

DESIGN = LearningSettings(outer_folds=3, inner_folds=3, repeats=1, n_features=(5,))
FITTED = [method for method in METHODS if method != "none"]
LINE = make_pipeline(StandardScaler(), SelectKBest(k=20), LogisticRegression(C=0.1))


@pytest.fixture(scope="module")
def judged(make):
    """Return a cohort, its outer folds and the scores that a model leaves in each."""
    cohort = cohort_of(*make(90, 30, seed=3, strength=0.8))
    splits = outer_folds(cohort.y, cohort.groups, n_folds=3, repeats=1, seed=0)
    fitted = [
        fit_fold(["elastic_net"], cohort, split, design=DESIGN)["elastic_net"] for split in splits
    ]
    parts = [scores_of(one, cohort, split) for one, split in zip(fitted, splits, strict=True)]
    return cohort, splits, fitted, parts


def test_rows_that_calibrate_are_the_training_rows_each_once(judged):
    _, splits, _, parts = judged
    for split, part in zip(splits, parts, strict=True):
        assert np.array_equal(np.sort(part.inner_rows), split.train)
        assert not np.intersect1d(part.inner_rows, part.outer_rows).size


def test_their_sigmoid_is_the_one_that_the_model_was_shipped_with(judged):
    cohort, _, fitted, parts = judged
    for one, part in zip(fitted, parts, strict=True):
        again = fit_calibrator("sigmoid", part.inner_scores, cohort.y[part.inner_rows])
        assert again == one.calibrator


@pytest.mark.parametrize("method", METHODS)
def test_spoiling_what_judges_leaves_every_calibrator_as_it_was(method, judged):
    cohort, splits, fitted, parts = judged
    X, y = cohort.X.copy(), cohort.y.copy()
    numbers = X.columns[[dtype.kind == "f" for dtype in X.dtypes]]
    X.loc[X.index[splits[0].test], numbers] = 1e6
    y[splits[0].test] = 1 - y[splits[0].test]
    bad = scores_of(fitted[0], cohort_of(X, y, cohort.groups), splits[0])
    clean, blind = (
        fit_calibrator(method, part.inner_scores, outcomes[part.inner_rows], folds=part.inner_folds)
        for part, outcomes in ((parts[0], cohort.y), (bad, y))
    )
    assert joblib.hash(blind) == joblib.hash(clean)


def test_the_table_of_a_whole_cohort_ranks_what_knows_something_above_chance(judged):
    cohort, _, _, parts = judged
    rng = np.random.default_rng(0)
    found = compare_calibrators(parts, cohort.y, cohort.groups, rng=rng, n_draws=50)
    assert (found["log_loss"] < np.log(2)).all()


def noise(seed, n=120, p=1000):
    """Return features and outcomes that know nothing of each other, and more of them."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n + 500, p)), rng.integers(0, 2, n + 500)
    return X[:n], y[:n], X[n:], y[n:]


def loss_on_noise(method, *, seed, peek=False):
    """Return the log loss on new noise; with ``peek``, features are chosen outside the folds."""
    X, y, new_X, new_y = noise(seed)
    chain, columns = clone(LINE), np.arange(X.shape[1])
    if peek:
        columns = SelectKBest(k=20).fit(X, y).get_support(indices=True)
    folds = np.empty(len(y), dtype=int)
    splitter = StratifiedKFold(5, shuffle=True, random_state=seed)
    for k, (_, held_out) in enumerate(splitter.split(X, y)):
        folds[held_out] = k
    scores = cross_val_predict(chain, X[:, columns], y, cv=splitter, method="decision_function")
    calibrator = fit_calibrator(method, scores, y, folds=folds)
    new = chain.fit(X[:, columns], y).decision_function(new_X[:, columns])
    return log_loss(new_y, calibrator.probability(new))


@pytest.mark.parametrize("method", FITTED)
def test_a_calibrated_model_of_noise_is_little_worse_than_saying_half(method):
    limit = 0.72 if method != "isotonic" else 0.75  # its steps follow 120 rows of chance
    assert np.mean([loss_on_noise(method, seed=seed) for seed in range(3)]) < limit


@pytest.mark.parametrize("method", ["sigmoid", "venn_abers", "cross_venn_abers"])
def test_features_chosen_outside_the_folds_would_be_seen(method):
    assert np.mean([loss_on_noise(method, seed=seed, peek=True) for seed in range(3)]) > 0.72
