"""Ensembles are blind to held-out rows, repeatable, and chance on noise, as their members are."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.model import ENSEMBLES
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import fit_fold, out_of_fold

from .test_held_out_rows import spoiled

NAMES = ["logistic", "svm_linear", "tree", "knn", *ENSEMBLES]
DESIGN = LearningSettings(outer_folds=3, inner_folds=3, repeats=1, n_features=(5,), seed=4)


@pytest.fixture(scope="module")
def cohort(make):
    """Return a cohort, and the predictions of ensembles and members on it."""
    made = make(90, 40, seed=1, strength=0.8)
    return made, out_of_fold(NAMES, *made, design=DESIGN)


def test_spoiling_the_test_rows_leaves_the_ensembles_as_they_were(cohort):
    (X, y, groups), _ = cohort
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=DESIGN.seed)[0]
    clean = fit_fold(NAMES, cohort_of(X, y, groups), split, design=DESIGN)
    bad_X, bad_y = spoiled(X, y, split.test)
    blind = fit_fold(NAMES, cohort_of(bad_X, bad_y, groups), split, design=DESIGN)
    for name in ENSEMBLES:
        assert joblib.hash(blind[name]) == joblib.hash(clean[name])


def test_two_processes_give_what_one_gives(cohort):
    made, first = cohort
    parallel = out_of_fold(NAMES, *made, design=DESIGN, n_jobs=2)
    pd.testing.assert_frame_equal(parallel, first, check_exact=True)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_of_models_of_noise_scores_chance(name, make):
    areas = []
    for seed in range(3):
        X, y, _ = make(100, 300, seed=seed)
        rows = out_of_fold(NAMES, X, y, X.index.to_numpy(), design=DESIGN)
        folds = rows[rows["model"] == name].groupby("fold")
        areas.extend(roc_auc_score(fold["y"], fold["probability"]) for _, fold in folds)
    assert abs(np.mean(areas) - 0.5) < 0.1
