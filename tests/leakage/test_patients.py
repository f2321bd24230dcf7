"""Lesions of a patient stay together, in outer and in inner folds."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpred.cohort.split import Split, outer_folds
from radpred.config.study import LearningSettings
from radpred.errors import LeakageError
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import fit_fold, out_of_fold

DESIGN = LearningSettings(outer_folds=5, inner_folds=2, repeats=1, n_features=(30,))


def twins(seed):
    """Return three nearly equal lesions of each of 40 patients, and an outcome by chance."""
    rng = np.random.default_rng(seed)
    y = np.repeat(rng.permutation(np.arange(40) % 2), 3)
    values = np.repeat(rng.normal(size=(40, 30)), 3, axis=0) + 0.3 * rng.normal(size=(120, 30))
    index = [f"lesion_{i:03d}" for i in range(120)]
    names = [f"tumour__original_glcm_F{i}" for i in range(30)]
    return pd.DataFrame(values, index=index, columns=names), y, np.repeat(np.arange(40), 3)


def mean_area(by_row):
    """Return the ROC area over a few cohorts, split by row or by patient."""
    areas = []
    for seed in range(4):
        X, y, patients = twins(seed)
        groups = np.arange(len(X)) if by_row else patients
        rows = out_of_fold("svm", X, y, groups, design=DESIGN)
        areas.append(roc_auc_score(rows["y"], rows["score"]))
    return np.mean(areas)


def test_twin_lesions_split_by_row_would_look_like_knowledge():
    assert mean_area(by_row=True) > 0.9


def test_twin_lesions_split_by_patient_score_chance():
    assert abs(mean_area(by_row=False) - 0.5) < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_no_patient_is_in_two_folds_of_a_repeat(seed, make):
    X, y, groups = make(80, 10, seed=seed)
    design = LearningSettings(outer_folds=4, inner_folds=2, repeats=2, seed=seed)
    rows = out_of_fold("volume", X, y, groups, design=design)
    assert (rows.groupby(["repeat", "patient_id"])["fold"].nunique() == 1).all()


def test_inner_folds_keep_patients_together_too(make):
    X, y, groups = make(90, 10, seed=1)
    cohort = cohort_of(X, y, groups)
    design = LearningSettings(outer_folds=3, inner_folds=4)
    for split in outer_folds(y, groups, n_folds=3, repeats=1, seed=0):
        own = cohort.groups[split.train]
        for fold in fit_fold(["volume"], cohort, split, design=design)["volume"].conformal.folds:
            assert not set(own[fold.fitted_rows]) & set(own[fold.scored_rows])


def test_a_fold_that_splits_a_patient_is_refused_before_any_fit(make):
    X, y, groups = make(90, 10)
    rows = np.arange(len(X))
    split = Split(repeat=0, fold=0, train=rows[:45], test=rows[45:])
    with pytest.raises(LeakageError, match="1 patient"):
        fit_fold(["volume"], cohort_of(X, y, groups), split, design=LearningSettings())
