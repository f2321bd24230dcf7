"""Each model is one chain of named steps with a small grid."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from radpred.errors import InputError, SettingsError
from radpred.model import BASELINES, CANDIDATES, ENSEMBLES, RECIPES, chain, grid
from radpred.model.estimators import MODELS
from radpred.model.recipes import columns_taken, label_of
from radpred.model.score import score_chain

FEATURE_STEPS = ["impute", "scale", "constant", "redundancy", "relevance", "model"]


def taken(name, X):
    """Return the columns of ``X`` that ``name`` takes."""
    return X.loc[:, list(columns_taken(name, X.columns))]


def test_every_model_of_the_register_is_a_candidate_and_three_baselines_are_known():
    assert tuple(MODELS) == CANDIDATES
    assert BASELINES == ("volume", "clinical", "site", "naive")


def test_the_first_five_stay_in_their_order():
    first = ("elastic_net", "svm", "random_forest", "xgboost", "logistic")
    assert CANDIDATES[:5] == first


@pytest.mark.parametrize("name", [*RECIPES, *ENSEMBLES])
def test_every_name_has_a_label(name):
    assert label_of(name) != name


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous"])
def test_baselines_can_be_made_for_every_kind(kind):
    for name in BASELINES:
        for params in grid(name, n_features=(5,), kind=kind):
            assert chain(name, params, kind=kind).steps


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_candidate_has_the_six_steps(name):
    assert list(chain(name, {"n_features": 5}).named_steps) == FEATURE_STEPS


def test_the_volume_baseline_takes_the_logarithm(table):
    X, y, _ = table
    volume = chain("volume", {}).fit(taken("volume", X), y)
    logs = np.log(X["tumour__original_shape_MeshVolume"].to_numpy())[:, None]
    scaled = (logs - logs.mean()) / logs.std()
    plain = LogisticRegression(C=np.inf, tol=1e-8).fit(scaled, y)
    assert volume["model"].coef_[0, 0] == pytest.approx(plain.coef_[0, 0], rel=1e-3)


def test_the_clinical_baseline_makes_words_numbers(table):
    X, y, _ = table
    fitted = chain("clinical", {"C": 1.0}).fit(taken("clinical", X), y)
    assert {"clinical__age (years)", "clinical__grade=high"} <= set(
        fitted[:-1].get_feature_names_out()
    )


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("which", [0, -1])
def test_a_clone_fits_to_the_same_scores(name, which, table):
    X, y, _ = table
    X = taken(name, X)
    first = chain(name, grid(name, n_features=(3, 6))[which], seed=2)
    again = clone(first)
    first.fit(X, y), again.fit(X, y)
    assert np.array_equal(score_chain(first, X), score_chain(again, X))


@pytest.mark.parametrize("name", RECIPES)
def test_every_step_hands_on_a_table_with_the_names_it_states(name, table):
    X, y, _ = table
    fitted = chain(name, grid(name, n_features=(5,))[0]).fit(taken(name, X), y)
    passed = X
    for _, step in fitted.steps[:-1]:
        passed = step.transform(passed)
        assert isinstance(passed, pd.DataFrame)
        assert passed.columns.tolist() == step.get_feature_names_out().tolist()
        assert passed.index.equals(X.index)


@pytest.mark.parametrize("name", CANDIDATES)
def test_the_model_sees_as_many_columns_as_asked(name, table):
    X, y, _ = table
    fitted = chain(name, grid(name, n_features=(4,))[0]).fit(X, y)
    assert len(fitted[:-1].get_feature_names_out()) == fitted["model"].n_features_in_ == 4


def test_the_correlation_limit_reaches_its_step():
    assert chain("svm", {}, correlation_limit=0.4)["redundancy"].limit == 0.4


def test_xgboost_uses_the_method_that_is_the_same_in_every_version():
    model = chain("xgboost", {})["model"]
    assert (model.tree_method, model.n_jobs) == ("exact", 1)


def test_the_grid_is_every_combination_with_fewer_features_first():
    points = grid("svm", n_features=(10, 5, 5))
    assert len(points) == 2 * 2 * 3
    assert [p["n_features"] for p in points] == [5] * 6 + [10] * 6
    assert grid("volume", n_features=(5,)) == [{}]


@pytest.mark.parametrize("name", RECIPES)
def test_parameters_are_plain_values(name):
    for params in grid(name, n_features=(5, 10)):
        assert all(isinstance(value, int | float | str) for value in params.values())


def test_an_unknown_model_is_refused_with_the_known_names():
    with pytest.raises(SettingsError, match=r"'cnn'; known are elastic_net"):
        chain("cnn", {})


def test_candidates_take_every_column():
    names = ["tumour__original_glcm_Contrast", "clinical__age"]
    assert columns_taken("svm", names) == tuple(names)


def test_the_volume_baseline_takes_the_tumours_mesh_volume_of_every_modality():
    volumes = [f"{m}tumour__original_shape_MeshVolume" for m in ("", "pet__")]
    others = [
        "ring_0_8mm__original_shape_MeshVolume",
        "tumour__original_shape_VoxelVolume",
        "clinical__shape_MeshVolume",
    ]
    assert columns_taken("volume", [*others, *volumes]) == tuple(volumes)


@pytest.mark.parametrize("name", ["volume", "clinical"])
def test_a_baseline_without_its_column_says_what_it_needs(name):
    with pytest.raises(InputError, match=f"the model {name} needs .* leave the model out"):
        columns_taken(name, ["tumour__original_glcm_Contrast"])


def test_nothing_is_resampled(table):
    X, y, _ = table
    fitted = chain("random_forest", {"min_samples_leaf": 2}).fit(X, y)
    assert isinstance(fitted, Pipeline)
    assert fitted["model"].class_weight is None
