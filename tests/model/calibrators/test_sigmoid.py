"""Platt's sigmoid, against scikit-learn and against its own definition."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import SVC

from radpred.model import Sigmoid, fit_sigmoid
from radpred.model.calibrators import forward


@pytest.mark.parametrize("estimator", [SVC(C=0.5), LogisticRegression()])
@pytest.mark.parametrize("n", [40, 200])
def test_it_equals_scikit_learns_sigmoid_on_held_out_scores(rng, estimator, n):
    y = (rng.random(n) < 0.35).astype(int)
    X = rng.normal(size=(n, 6)) + 0.5 * y[:, None]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    theirs = CalibratedClassifierCV(estimator, method="sigmoid", cv=folds, ensemble=False)
    theirs.fit(X, y)
    held_out = cross_val_predict(estimator, X, y, cv=folds, method="decision_function")
    ours = fit_sigmoid(held_out, y)
    scores = estimator.fit(X, y).decision_function(X)
    np.testing.assert_allclose(ours.probability(scores), theirs.predict_proba(X)[:, 1], atol=2e-5)
    calibrator = theirs.calibrated_classifiers_[0].calibrators[0]
    assert (ours.slope, ours.intercept) == pytest.approx((-calibrator.a_, -calibrator.b_), abs=2e-4)


def test_it_equals_scikit_learns_of_a_fitted_model(rng):
    y = (rng.random(200) < 0.4).astype(int)
    X = rng.normal(size=(200, 4)) + 0.6 * y[:, None]
    model = LogisticRegression().fit(X[:100], y[:100])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="sigmoid").fit(X[100:], y[100:])
    ours = fit_sigmoid(model.decision_function(X[100:]), y[100:])
    np.testing.assert_allclose(
        ours.probability(model.decision_function(X)), theirs.predict_proba(X)[:, 1], atol=2e-5
    )


def test_it_is_the_minimum_of_the_smoothed_cross_entropy(rng):
    y = (rng.random(50) < 0.3).astype(int)
    scores = rng.normal(size=50) + y
    target = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / (50 - y.sum() + 2))

    def loss(line):
        z = line[0] * scores + line[1]
        return np.sum(np.logaddexp(0, z) - target * z)

    best = minimize(loss, [0, 0], method="BFGS", options={"gtol": 1e-9})
    ours = fit_sigmoid(scores, y)
    assert (ours.slope, ours.intercept) == pytest.approx(tuple(best.x), abs=1e-5)


def test_log_odds_are_a_line_in_the_score():
    sigmoid = Sigmoid(slope=2.0, intercept=-1.0)
    assert sigmoid.log_odds([0.0, 3.0]).tolist() == [-1.0, 5.0]
    assert sigmoid.probability([0.5]).tolist() == [0.5]


def test_probabilities_of_separated_outcomes_stay_off_0_and_1():
    sigmoid = fit_sigmoid([-2.0, -1.0, 1.0, 2.0], [0, 0, 1, 1])
    assert np.isfinite([sigmoid.slope, sigmoid.intercept]).all()
    low, high = sigmoid.probability([-2.0, 2.0])
    assert 0.1 < low < 0.5 < high < 0.9


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_the_unit_of_the_score_does_not_matter(rng, factor):
    y = (rng.random(60) < 0.4).astype(int)
    scores = rng.normal(size=60) + y
    one, other = fit_sigmoid(scores, y), fit_sigmoid(100 + factor * scores, y)
    np.testing.assert_allclose(
        one.probability(scores), other.probability(100 + factor * scores), rtol=1e-6
    )


def test_equal_scores_give_everyone_the_smoothed_prevalence():
    sigmoid = fit_sigmoid(np.full(10, 0.3), [1, 1, 1] + [0] * 7)
    assert sigmoid.slope == 0
    assert sigmoid.probability([0.3])[0] == pytest.approx((3 * 4 / 5 + 7 / 9) / 10)


def test_mean_probability_equals_mean_smoothed_outcome(rng):
    y = (rng.random(80) < 0.25).astype(int)
    scores = rng.normal(size=80) + y
    target = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / (80 - y.sum() + 2))
    assert fit_sigmoid(scores, y).probability(scores).mean() == pytest.approx(target.mean())


def test_a_falling_sigmoid_is_flattened_to_the_prevalence():
    y = np.array([1, 1, 0, 0, 0])
    falling = fit_sigmoid([0.0, 0.1, 1.0, 1.1, 1.2], y)
    assert falling.slope < 0
    flat = forward(falling, y)
    assert flat.slope == 0
    assert expit(flat.intercept) == pytest.approx((2 * 3 / 4 + 3 / 5) / 5)


def test_a_rising_sigmoid_stays_as_it_is():
    rising = Sigmoid(slope=0.1, intercept=-2.0)
    assert forward(rising, np.array([0, 1])) is rising
