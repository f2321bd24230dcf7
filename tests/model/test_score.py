"""Scores are those of the libraries, on each model's own scale."""

import numpy as np
import pytest
import xgboost
from sklearn.linear_model import Perceptron

from radpred.model.score import score_chain, score_model


def test_logistic_regression_scores_its_log_odds(all_fitted, table):
    for name in ("elastic_net", "volume", "clinical"):
        model_chain = all_fitted[name].chain
        expected = model_chain.decision_function(table[0])
        np.testing.assert_allclose(score_chain(model_chain, table[0]), expected, atol=1e-12)


def test_a_support_vector_machine_scores_its_decision_function(all_fitted, table):
    svm = all_fitted["svm"].chain
    assert np.array_equal(score_chain(svm, table[0]), svm.decision_function(table[0]))


def test_a_forest_scores_the_share_of_class_1(all_fitted, table):
    forest = all_fitted["random_forest"].chain
    assert np.array_equal(score_chain(forest, table[0]), forest.predict_proba(table[0])[:, 1])


def test_xgboost_scores_its_margin(all_fitted, table):
    boosted = all_fitted["xgboost"].chain
    matrix = xgboost.DMatrix(boosted[:-1].transform(table[0]))
    expected = boosted[-1].get_booster().predict(matrix, output_margin=True)
    assert np.array_equal(score_chain(boosted, table[0]), expected)


def test_a_higher_score_speaks_for_the_event(fitted, table):
    X, y, _ = table
    score = fitted.score(X)
    if fitted.model == "naive":
        assert np.ptp(score) == 0
        return
    assert score[y == 1].mean() > score[y == 0].mean()


def test_a_model_without_a_score_is_refused():
    with pytest.raises(TypeError, match="Perceptron"):
        score_model(Perceptron(), None)
