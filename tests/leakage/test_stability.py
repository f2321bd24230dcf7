"""Which columns repeat is learnt from training cases alone, in outer and in inner folds."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpred.cohort.split import outer_folds
from radpred.config.study import LearningSettings, StabilitySettings
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import fit_fold, judge
from radpred.pipeline.variants.repeats import variants_of

DESIGN = LearningSettings(outer_folds=3, inner_folds=2, repeats=1, n_features=(5,))
N_VARIANTS = 3


def again(X, *, seed=0, shaky=0.5):
    """Return variants of a table's image features: some columns repeat, the others do not."""
    rng = np.random.default_rng(seed)
    features = X[[name for name in X.columns if not name.startswith("clinical")]]
    noise = np.where(rng.random(features.shape[1]) < shaky, 2.0, 0.1)
    parts = [features.assign(kind="given", variant=0)]
    for variant in range(1, N_VARIANTS + 1):
        moved = features + rng.normal(size=features.shape) * noise
        parts.append(moved.assign(kind="perturbation", variant=variant))
    return pd.concat(parts).rename_axis("case_id").reset_index()


def stable_columns(fitted):
    """Return how many columns repeated for each model, and all that it learnt."""
    return {name: one.n_columns.get("stability") for name, one in fitted.items()}


@pytest.fixture(scope="module")
def cohort(make):
    """Return a cohort in which there is something to learn, its variants and a fold."""
    X, y, groups = make(90, 40, seed=1, strength=0.8)
    split = outer_folds(y, groups, n_folds=3, repeats=1, seed=0)[0]
    return X, y, groups, again(X), split


def fitted_on(cohort, table):
    """Return models fitted on a fold's training cases, with a table of variants."""
    X, y, groups, _, split = cohort
    variants = variants_of(table, StabilitySettings())
    return fit_fold(
        ["logistic", "volume"], cohort_of(X, y, groups), split, design=DESIGN, variants=variants
    )


def test_spoiling_the_variants_of_held_out_cases_leaves_the_fold_as_it_was(cohort):
    X, _, _, table, split = cohort
    spoiled = table.copy()
    held_out = spoiled["case_id"].isin(X.index[split.test])
    spoiled.loc[held_out, spoiled.columns[1:-2]] = 1e6
    clean, blind = fitted_on(cohort, table), fitted_on(cohort, spoiled)
    assert joblib.hash(blind) == joblib.hash(clean)


def test_spoiling_the_variants_of_training_cases_would_be_seen(cohort):
    X, _, _, table, split = cohort
    spoiled = table.copy()
    rng = np.random.default_rng(9)
    trained = spoiled["case_id"].isin(X.index[split.train]) & (spoiled["variant"] > 0)
    columns = spoiled.columns[1:20]
    spoiled.loc[trained, columns] = rng.normal(size=(int(trained.sum()), len(columns)))
    assert stable_columns(fitted_on(cohort, spoiled)) != stable_columns(fitted_on(cohort, table))


def test_an_inner_fold_is_blind_to_the_variants_of_its_held_out_cases(cohort):
    X, _, _, table, split = cohort
    clean = fitted_on(cohort, table)["logistic"]
    inner = clean.conformal.folds[0]
    own = X.index[split.train].sort_values()
    spoiled = table.copy()
    held_out = spoiled["case_id"].isin(own[inner.scored_rows])
    columns = spoiled.columns[5:25]
    spoiled.loc[held_out, columns] = np.random.default_rng(3).normal(
        size=(int(held_out.sum()), len(columns))
    )
    blind = fitted_on(cohort, spoiled)["logistic"].conformal.folds[0]
    assert joblib.hash(blind.chain[:-1]) == joblib.hash(inner.chain[:-1])


def test_columns_that_do_not_repeat_are_lost_and_counted(cohort):
    n_columns = fitted_on(cohort, cohort[3])["logistic"].n_columns
    assert n_columns["stability"] < n_columns["impute"]
    assert list(n_columns) == [
        "impute",
        "stability",
        "scale",
        "constant",
        "redundancy",
        "relevance",
    ]


def test_baselines_know_nothing_of_stability(cohort):
    assert stable_columns(fitted_on(cohort, cohort[3]))["volume"] is None


def test_noise_scores_chance_with_stability_on(make):
    areas = []
    for seed in range(3):
        X, y, _ = make(100, 200, seed=seed)
        variants = variants_of(again(X, seed=seed), StabilitySettings())
        cohort = cohort_of(X, y, X.index.to_series())
        rows = judge(["logistic"], cohort, design=DESIGN, variants=variants).predictions
        areas.append(roc_auc_score(rows["y"], rows["score"]))
    assert abs(np.mean(areas) - 0.5) < 0.1


def test_what_variants_predict_of_noise_scores_chance_too(make):
    areas = []
    for seed in range(3):
        X, y, _ = make(100, 200, seed=seed)
        variants = variants_of(again(X, seed=seed), StabilitySettings())
        cohort = cohort_of(X, y, X.index.to_series())
        rows = judge(["logistic"], cohort, design=DESIGN, variants=variants).of_variants
        truth = rows["case_id"].map(pd.Series(cohort.y, index=cohort.X.index))
        areas.append(roc_auc_score(truth, rows["probability"]))
    assert abs(np.mean(areas) - 0.5) < 0.1
