"""Habitats are learnt from training tumours only, and noise stays noise with them."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings
from radpred.explain import explain
from radpred.model.preparation import Habitats
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import fit_final, fit_fold, out_of_fold
from radpred.table.bags import Bag, bag_name, with_column

DESIGN = LearningSettings(outer_folds=3, inner_folds=2, repeats=1, n_features=(4,))
BEFORE = (("habitats", Habitats(3, maps=("original", "gradient"))),)


def bag(rng, n=60, *, share=0.5):
    """Return a bag of two maps, of which ``share`` of the voxels are bright."""
    values = rng.normal(size=(n, 2)) + 6.0 * (rng.random((n, 1)) < share)
    return Bag(
        values=values.astype(np.float32),
        n_voxels=np.ones(n, dtype=np.int32),
        pairs=np.stack([np.arange(n - 1), np.arange(1, n)], axis=1).astype(np.int32),
        shared_mm2=np.ones(n - 1, dtype=np.float32),
        within_mm2=np.zeros(n, dtype=np.float32),
        surface_mm2=np.ones(n, dtype=np.float32),
        voxel_mm3=1.0,
    )


def cohort(n=60, *, seed=0, effect=0.0):
    """Return a table with bags, in which the share of bright voxels may tell the outcome."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 2)
    names = [f"c{i:03d}" for i in range(n)]
    columns = [f"tumour__original_glcm_F{i}" for i in range(6)]
    X = pd.DataFrame(rng.normal(size=(n, 6)), index=names, columns=columns)
    bags = {c: bag(rng, share=0.4 + effect * one) for c, one in zip(names[1:], y[1:], strict=True)}
    return with_column(X, bags), y, np.array(names)


@pytest.mark.parametrize("name", ["elastic_net", "svm"])
def test_spoiling_held_out_tumours_leaves_the_fitted_fold_as_it_was(name, rng):
    X, y, groups = cohort(effect=0.3)
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=0)[0]
    bad = X.copy()
    for place in split.test:
        bad.iat[place, X.columns.get_loc(bag_name())] = bag(rng, share=0.0)
    bad.iloc[split.test, 0] = 1e6
    fits = [
        fit_fold([name], cohort_of(t, y, groups), split, design=DESIGN, before=BEFORE)[name]
        for t in (X, bad)
    ]
    assert joblib.hash(fits[0]) == joblib.hash(fits[1])


def test_habitats_that_saw_all_tumours_would_be_found(rng):
    X, y, groups = cohort(effect=0.3)
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=0)[0]
    bad = X.copy()
    for place in split.test:
        bad.iat[place, X.columns.get_loc(bag_name())] = bag(rng, share=0.0)
    leaky = [joblib.hash(Habitats(3, maps=("a", "b")).fit(t)) for t in (X, bad)]
    assert leaky[0] != leaky[1]


def test_every_inner_fold_has_habitats_of_its_own():
    X, y, groups = cohort(effect=0.3)
    fitted = fit_final("svm", X, y, groups, design=DESIGN, before=BEFORE)
    steps = [fold.chain.named_steps["habitats"] for fold in fitted.conformal.folds]
    steps.append(fitted.chain.named_steps["habitats"])
    assert len({step.centres_.tobytes() for step in steps}) == len(steps)


@pytest.mark.parametrize("name", ["elastic_net", "random_forest"])
def test_habitats_of_noise_score_chance(name):
    areas = []
    for seed in range(4):
        X, y, groups = cohort(seed=seed)
        rows = out_of_fold(name, X, y, groups, design=DESIGN, before=BEFORE)
        areas.append(roc_auc_score(rows["y"], rows["score"]))
    assert abs(np.mean(areas) - 0.5) < 0.12


def test_a_planted_difference_of_shares_is_found():
    X, y, groups = cohort(seed=1, effect=0.35)
    rows = out_of_fold("elastic_net", X, y, groups, design=DESIGN, before=BEFORE)
    assert roc_auc_score(rows["y"], rows["score"]) > 0.85


def test_order_of_cases_and_company_change_no_answer(rng):
    X, y, groups = cohort(effect=0.3)
    order = rng.permutation(len(X))
    one = fit_final("elastic_net", X, y, groups, design=DESIGN, before=BEFORE)
    other = fit_final(
        "elastic_net", X.iloc[order], y[order], groups[order], design=DESIGN, before=BEFORE
    )
    assert joblib.hash(one) == joblib.hash(other)
    alone = np.concatenate([one.log_odds(X.iloc[[i]]) for i in range(len(X))])
    assert np.array_equal(alone, one.log_odds(X))


def test_what_moved_an_answer_is_told_by_habitat_and_adds_up():
    X, y, groups = cohort(effect=0.35)
    fitted = fit_final("elastic_net", X, y, groups, design=DESIGN, before=BEFORE)
    explained = explain(fitted, X)
    assert any(name.startswith("habitat_") for name in explained.features)
    assert np.abs(explained.gap).max() < 1e-9
    assert explained.values.shape == explained.shap.shape


def test_baselines_do_not_look_at_habitats():
    X, y, groups = cohort()
    X = X.assign(**{"tumour__original_shape_MeshVolume": np.arange(1.0, len(X) + 1)})
    plain = out_of_fold("volume", X.drop(columns=bag_name()), y, groups, design=DESIGN)
    beside = out_of_fold("volume", X, y, groups, design=DESIGN, before=BEFORE)
    pd.testing.assert_frame_equal(plain, beside, check_exact=True)
