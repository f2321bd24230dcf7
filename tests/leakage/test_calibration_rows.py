"""What calibrates and conformalises a model is never what fitted it."""

import numpy as np
import pytest

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.model import RECIPES, fit_sigmoid
from radpred.model.calibrators import forward
from radpred.model.rows import cohort_of
from radpred.model.score import score_chain
from radpred.pipeline.learning.train import fit_fold

DESIGN = LearningSettings(outer_folds=3, inner_folds=3, repeats=1, n_features=(5,))


@pytest.fixture(scope="module")
def fold(make):
    """Return the training rows of one outer fold and every model fitted on them."""
    cohort = cohort_of(*make(90, 30, seed=2, strength=0.8, has_site=True))
    split = outer_folds(cohort.y, cohort.groups, n_folds=3, repeats=1, seed=0)[0]
    fitted = fit_fold(list(RECIPES), cohort, split, design=DESIGN)
    return cohort.X.iloc[split.train], cohort.y[split.train], fitted


@pytest.mark.parametrize("name", RECIPES)
def test_scoring_chains_and_scored_rows_are_disjoint_and_complete(name, fold):
    X, _, fitted = fold
    folds = fitted[name].conformal.folds
    for one in folds:
        assert not set(one.fitted_rows) & set(one.scored_rows)
        assert sorted([*one.fitted_rows, *one.scored_rows]) == list(range(len(X)))
    assert sorted(np.concatenate([one.scored_rows for one in folds])) == list(range(len(X)))


@pytest.mark.parametrize("name", RECIPES)
def test_the_calibrator_is_fitted_on_just_these_scores(name, fold):
    X, y, fitted = fold
    rows = np.concatenate([one.scored_rows for one in fitted[name].conformal.folds])
    scores = np.concatenate(
        [score_chain(one.chain, X.iloc[one.scored_rows]) for one in fitted[name].conformal.folds]
    )
    assert fitted[name].calibrator == forward(fit_sigmoid(scores, y[rows]), y[rows])


@pytest.mark.parametrize("name", RECIPES)
def test_the_conformal_scores_are_just_these_scores(name, fold):
    X, y, fitted = fold
    for one in fitted[name].conformal.folds:
        scores = score_chain(one.chain, X.iloc[one.scored_rows])
        outcomes = y[one.scored_rows]
        assert np.array_equal(one.strangeness[0], np.sort(scores[outcomes == 0]))
        assert np.array_equal(one.strangeness[1], np.sort(-scores[outcomes == 1]))


def test_scores_of_training_rows_would_have_calibrated_otherwise(fold):
    X, y, fitted = fold
    forest = fitted["random_forest"]
    flattered = fit_sigmoid(forest.score(X), y)
    assert flattered.slope > 1.5 * forest.calibrator.slope
