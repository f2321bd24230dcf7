"""Fusions and their blocks: blind to held-out rows, chance on noise, alone as among others."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.fusion import candidates_of, parts_of_fusion
from radpred.pipeline.learning.train import fit_every, fit_fold, out_of_fold

from .test_held_out_rows import spoiled

DESIGN = LearningSettings.model_validate(
    {
        "models": ["logistic"],
        "outer_folds": 3,
        "inner_folds": 3,
        "repeats": 1,
        "n_features": [5],
        "seed": 4,
        "blocks": {"tumour": {"regions": ["tumour"]}, "clinic": {"clinical": True}},
        "fusion": {"kind": "both"},
    }
)
FUSIONS = ["early_fusion", "late_fusion"]
NAMES = [*candidates_of(DESIGN), *parts_of_fusion(DESIGN)]


def test_all_models_of_blocks_are_fitted_beside_the_others():
    assert [
        *("logistic", "early_fusion", "late_fusion", "block:tumour", "block:clinic"),
        *(f"{one}:without:{block}" for one in FUSIONS for block in ("tumour", "clinic")),
    ] == NAMES


def test_spoiling_the_test_rows_changes_no_bit(make):
    X, y, groups = make(90, 40, seed=1, strength=0.8)
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=DESIGN.seed)[0]
    clean = fit_fold(NAMES, cohort_of(X, y, groups), split, design=DESIGN)
    bad_X, bad_y = spoiled(X, y, split.test)
    blind = fit_fold(NAMES, cohort_of(bad_X, bad_y, groups), split, design=DESIGN)
    for name in NAMES:
        assert joblib.hash(blind[name]) == joblib.hash(clean[name])


def test_two_processes_give_what_one_gives(make):
    made = make(90, 40, seed=1, strength=0.8)
    first = out_of_fold(NAMES, *made, design=DESIGN)
    parallel = out_of_fold(NAMES, *made, design=DESIGN, n_jobs=2)
    pd.testing.assert_frame_equal(parallel, first, check_exact=True)


def test_fusions_of_noise_score_chance(make):
    areas = {name: [] for name in FUSIONS}
    for seed in range(4):
        X, y, _ = make(100, 200, seed=seed)
        rows = out_of_fold(FUSIONS, X, y, X.index.to_numpy(), design=DESIGN)
        for name, own in rows.groupby("model"):
            folds = own.groupby("fold")
            areas[name].extend(roc_auc_score(f["y"], f["probability"]) for _, f in folds)
    for found in areas.values():
        assert abs(np.mean(found) - 0.5) < 0.1


def test_sets_of_fusions_of_noise_hold_the_truth_as_promised(make):
    covered = []
    for seed in range(4):
        X, y, _ = make(100, 60, seed=10 + seed)
        rows = out_of_fold(FUSIONS, X, y, X.index.to_numpy(), design=DESIGN)
        own = np.where(rows["y"] == 1, rows["p_1"], rows["p_0"])
        covered.append(np.mean(own > 0.1))
    # 400 cases at 0.9: three standard errors, and what few calibration rows add.
    assert np.mean(covered) > 0.85


@pytest.fixture(scope="module")
def fitted(make):
    """Return fusions, fitted on a cohort with gaps and words."""
    X, y, groups = make(90, 40, seed=3, strength=0.6)
    return fit_every(NAMES, X, y, groups, design=DESIGN)


@pytest.mark.parametrize("name", NAMES)
def test_one_case_at_a_time_gives_the_answers_of_all_at_once(name, fitted, make):
    X = make(40, 40, seed=5, strength=0.6).X
    model = fitted[name]

    def said(rows):
        return np.column_stack([model.log_odds(rows), model.p_values(rows)])

    alone = np.concatenate([said(X.iloc[[i]]) for i in range(len(X))])
    assert np.array_equal(alone, said(X))
