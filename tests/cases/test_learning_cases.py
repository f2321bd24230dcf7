"""What users of other tools ran into when they learnt: cases that no other test holds."""

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from radpred.config.study import LearningSettings
from radpred.model.fit import fit
from radpred.model.selection import KeepRelevant
from radpred.model.selection.univariate import KeepUnivariate
from radpred.model.tune import Search
from radpred.pipeline.learning.train import out_of_fold

DESIGN = LearningSettings(inner_folds=3, repeats=1, n_features=(5,))
VOLUME = "tumour__original_shape_MeshVolume"


def cohort(n, p, *, share=0.5, seed=0):
    """Return features of noise, outcomes with ``share`` events, and one patient a row."""
    rng = np.random.default_rng(seed)
    names = [f"tumour__original_glcm_F{i}" for i in range(p)]
    cases = pd.Index([f"case_{i:03d}" for i in range(n)])
    X = pd.DataFrame(rng.normal(size=(n, p)), columns=names, index=cases)
    return X, rng.permutation((np.arange(n) < share * n).astype(int)), cases.to_numpy()


def area(rows):
    """Return the mean over folds of the ROC area of scores."""
    return np.mean([roc_auc_score(fold["y"], fold["score"]) for _, fold in rows.groupby("fold")])


def held_out_area(X, y, make):
    """Return the mean area over five folds of what ``make`` makes."""
    splits = StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)
    areas = [
        roc_auc_score(
            y[test], make().fit(X.iloc[train], y[train]).predict_proba(X.iloc[test])[:, 1]
        )
        for train, test in splits
    ]
    return np.mean(areas)


@pytest.mark.parametrize("chooser", [KeepRelevant, KeepUnivariate])
def test_over_20_tables_of_noise_choosing_inside_scores_chance_and_outside_090(chooser):
    """Case 53 and pitfall 1: 80 rows, 1,000 columns, the ten best by one test each."""

    def model():
        return LogisticRegression(C=0.1)

    inside, outside = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # no column of noise passes: told, and known
        for seed in range(20):
            X, y, _ = cohort(80, 1000, seed=seed)
            inside.append(held_out_area(X, y, lambda: make_pipeline(chooser(10), model())))
            peeked = KeepRelevant(10).fit(X, y).transform(X)
            outside.append(held_out_area(peeked, y, model))
    assert np.mean(inside) == pytest.approx(0.5, abs=0.05)
    assert np.mean(outside) > 0.85


@pytest.mark.parametrize("name", ["logistic", "svm", "random_forest", "xgboost"])
def test_mean_risk_is_the_share_of_events_where_events_are_rare(name):
    """Pitfall 8: 17 events in 100; resampling would more than double the mean risk."""
    X, y, patients = cohort(200, 30, share=0.17, seed=3)
    X += 0.6 * y[:, None] * (np.arange(30) < 3)
    rows = out_of_fold(name, X, y, patients, design=DESIGN)
    assert 0.8 < rows["probability"].mean() / y.mean() < 1.25


def test_texture_that_only_carries_volume_is_no_better_than_volume():
    """Pitfall 11: thirty columns that follow volume tell what volume tells, and no more."""
    gains = []
    for seed in range(5):
        X, y, patients = cohort(120, 30, seed=seed)
        size = np.random.default_rng(100 + seed).normal(size=120) + 1.2 * y
        X = 0.7 * X + size[:, None]
        assert spearmanr(X.iloc[:, 0], size).statistic > 0.7
        X[VOLUME] = np.exp(size)
        rows = out_of_fold(["logistic", "volume"], X, y, patients, design=DESIGN)
        own = {name: area(found) for name, found in rows.groupby("model")}
        gains.append(own["logistic"] - own["volume"])
    assert np.mean(gains) < 0.03


def test_permuted_outcomes_score_chance_where_the_true_ones_do_not():
    """Pitfall 12: the whole procedure on a cohort with something to learn, outcomes shuffled."""
    X, y, patients = cohort(100, 60, seed=5)
    X += 0.9 * y[:, None] * (np.arange(60) < 4)
    rng = np.random.default_rng(8)
    shuffled = [
        area(out_of_fold("logistic", X, rng.permutation(y), patients, design=DESIGN))
        for _ in range(12)
    ]
    assert np.mean(shuffled) == pytest.approx(0.5, abs=0.06)
    assert area(out_of_fold("logistic", X, y, patients, design=DESIGN)) > 0.75


@pytest.mark.parametrize("name", ["logistic", "elastic_net", "svm", "random_forest", "xgboost"])
def test_constant_doubled_and_separating_columns_stop_no_model(name):
    """Case 57: 40 patients, a constant column, a column twice, and one that separates."""
    X, y, patients = cohort(40, 6, seed=2)
    X.iloc[:, 0] = 3.0
    X.iloc[:, 2] = X.iloc[:, 1]
    X.iloc[:, 3] = np.where(y == 1, 1.0, -1.0) * (1 + np.abs(X.iloc[:, 3]))
    fitted = fit(name, X, y, groups=patients, search=Search(n_inner_folds=3, n_features=(3,)))
    risk = fitted.calibrator.probability(fitted.score(X))
    assert np.isfinite(risk).all()
    assert risk[y == 1].min() > risk[y == 0].max()


IMPORTS = """
import sys, numpy
before = numpy.geterr()
import radpred.model, radpred.evaluate, radpred.deploy, radpred.pipeline.learning.train
assert numpy.geterr() == before, numpy.geterr()
print(*[name for name in ("crepes", "venn_abers", "boruta", "imblearn") if name in sys.modules])
"""


def test_learning_imports_no_foreign_library_of_uncertainty_and_changes_no_global_state():
    """Cases 56, 61 and pitfall 23: what others rename or set at import is not imported."""
    told = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == ""
