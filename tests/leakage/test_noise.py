"""What knows nothing scores chance: the whole learning code on noise."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radpred.config.study import LearningSettings
from radpred.model import CANDIDATES, RECIPES
from radpred.model.selection import KeepRelevant
from radpred.pipeline.learning.selected import select_by_inner_score
from radpred.pipeline.learning.train import out_of_fold

DESIGN = LearningSettings(inner_folds=3, repeats=1, n_features=(10,))
N_COHORTS = 3


def area(rows, column):
    """Return the mean over repeats and folds of the ROC area."""
    folds = rows.groupby(["repeat", "fold"])
    return np.mean([roc_auc_score(fold["y"], fold[column]) for _, fold in folds])


@pytest.fixture(scope="module")
def judged(make):
    """Return the predictions of every model on cohorts of noise: 100 rows, 1,000 features."""
    tables = []
    for seed in range(N_COHORTS):
        X, y, _ = make(100, 1000, seed=seed, has_site=True)
        rows = out_of_fold(list(RECIPES), X, y, X.index.to_numpy(), design=DESIGN)
        tables.append((rows, select_by_inner_score(rows)[0]))
    return tables


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("column", ["score", "probability"])
def test_a_model_of_noise_scores_chance(name, column, judged):
    areas = [area(rows[rows["model"] == name], column) for rows, _ in judged]
    assert abs(np.mean(areas) - 0.5) < 0.1


def test_choosing_among_models_of_noise_scores_chance(judged):
    assert abs(np.mean([area(selected, "probability") for _, selected in judged]) - 0.5) < 0.1


def test_the_inner_score_that_chose_them_is_flattering(judged):
    inner = [selected["inner_score"].mean() for _, selected in judged]
    assert np.mean(inner) > 0.52


def test_probabilities_of_noise_are_the_prevalence(judged):
    for rows, _ in judged:
        candidates = rows[rows["model"].isin(CANDIDATES)]
        assert abs(candidates["probability"].mean() - 0.5) < 0.05


def test_columns_of_noise_chosen_by_shap_score_chance(make):
    design = LearningSettings(
        inner_folds=2, outer_folds=3, repeats=1, n_features=(10,), selection="shap"
    )
    areas = []
    for seed in range(N_COHORTS):
        X, y, _ = make(100, 200, seed=seed)
        rows = out_of_fold("logistic", X, y, X.index.to_numpy(), design=design)
        areas.append(area(rows, "score"))
    assert abs(np.mean(areas) - 0.5) < 0.1


def test_choosing_columns_outside_the_folds_would_be_seen(make):
    X, y, _ = make(100, 1000)
    features = X.filter(like="glcm").drop(columns="tumour__original_glcm_F4")
    peeked = KeepRelevant(10).fit(features, y).transform(features)
    rows = out_of_fold("svm", peeked, y, X.index.to_numpy(), design=DESIGN)
    assert area(rows, "score") > 0.75
