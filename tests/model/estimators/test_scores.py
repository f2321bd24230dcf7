"""Scores are those of the libraries, and the same for one row and for many."""

import numpy as np
import pytest
from scipy.special import logit, softmax

from radpred.model.estimators import make, model_of
from radpred.model.score import score_model

from .conftest import PAIRS, made

BY_DECISION = ("logistic_plain", "logistic", "lasso", "elastic_net", "svm", "svm_linear",
               "svm_rbf", "lda")  # fmt: skip
BY_SHARE = ("tree", "random_forest", "extra_trees", "knn", "naive")


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_one_row_at_a_time_gives_the_scores_of_all_at_once(name, kind, fitted):
    new, _ = made(kind, n=130, seed=9)
    model = fitted[name, kind]
    alone = [score_model(model, new.iloc[[i]])[0] for i in range(25)]
    assert np.array_equal(alone, score_model(model, new)[:25])


@pytest.mark.parametrize(("name", "kind"), PAIRS)
@pytest.mark.parametrize("size", [2, 7, 64, 129])
def test_who_else_is_in_the_batch_does_not_matter(name, kind, size, fitted, rng):
    new, _ = made(kind, n=130, seed=9)
    rows = rng.choice(len(new), size, replace=False)
    model = fitted[name, kind]
    assert np.array_equal(score_model(model, new.iloc[rows]), score_model(model, new)[rows])


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_the_layout_of_the_table_does_not_matter(name, kind, fitted):
    new, _ = made(kind, n=40, seed=9)
    by_column = new.copy()
    by_column[:] = np.asfortranarray(new.to_numpy())
    other = type(new)({column: new[column].to_numpy() for column in new.columns})
    expected = score_model(fitted[name, kind], new)
    assert np.array_equal(score_model(fitted[name, kind], by_column), expected)
    assert np.array_equal(score_model(fitted[name, kind], other), expected)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_the_shape_is_a_row_a_case_and_a_column_a_class(name, kind, fitted):
    X, _ = made(kind)
    shape = (len(X), 3) if kind == "multiclass" else (len(X),)
    assert score_model(fitted[name, kind], X).shape == shape


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
@pytest.mark.parametrize("name", BY_DECISION)
def test_planes_score_their_decision_function(name, kind, fitted):
    X, _ = made(kind)
    model = fitted[name, kind]
    np.testing.assert_allclose(score_model(model, X), model.decision_function(X), atol=1e-9)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
@pytest.mark.parametrize("name", BY_SHARE)
def test_shares_are_the_probabilities_of_the_library(name, kind, fitted):
    X, _ = made(kind)
    shares = fitted[name, kind].predict_proba(X)
    expected = shares[:, 1] if kind == "binary" else shares
    np.testing.assert_allclose(score_model(fitted[name, kind], X), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["naive_bayes", "mlp", "xgboost"])
def test_log_odds_become_the_probabilities_of_the_library(name, fitted):
    X, _ = made("binary")
    expected = fitted[name, "binary"].predict_proba(X)[:, 1]
    # XGBoost adds in single precision.
    np.testing.assert_allclose(
        score_model(fitted[name, "binary"], X), logit(expected), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("name", ["logistic", "lda", "naive_bayes", "mlp", "xgboost"])
def test_softmax_of_several_scores_is_the_probability_of_the_library(name, fitted):
    X, _ = made("multiclass")
    scores = score_model(fitted[name, "multiclass"], X)
    expected = fitted[name, "multiclass"].predict_proba(X)
    np.testing.assert_allclose(softmax(scores, axis=1), expected, atol=1e-5)


@pytest.mark.parametrize("name", [n for n, kind in PAIRS if kind == "continuous"])
def test_a_number_is_the_prediction_of_the_library(name, fitted):
    X, _ = made("continuous")
    model = fitted[name, "continuous"]
    np.testing.assert_allclose(score_model(model, X), model.predict(X), rtol=1e-6)


@pytest.mark.parametrize("name", [n for n, kind in PAIRS if kind == "binary" and n != "naive"])
def test_a_higher_score_speaks_for_the_event(name, fitted):
    X, y = made("binary")
    scores = score_model(fitted[name, "binary"], X)
    assert scores[y == 1].mean() > scores[y == 0].mean()


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous"])
def test_fewer_rows_than_neighbours_are_all_neighbours(kind):
    X, y = made(kind, n=12)
    said = score_model(make("knn", kind=kind, n_neighbors=25).fit(X, y), X)
    everyone = y.mean() if kind != "multiclass" else [np.mean(y == c) for c in range(3)]
    np.testing.assert_allclose(said, np.broadcast_to(everyone, said.shape))


def test_every_classifier_says_what_its_score_is():
    scales = {name: model_of(name).scale for name, kind in PAIRS if kind == "binary"}
    assert {name for name, scale in scales.items() if scale == "probability"} == set(BY_SHARE)
    assert {name for name, scale in scales.items() if scale == "distance"} == {
        "svm", "svm_linear", "svm_rbf"
    }  # fmt: skip
