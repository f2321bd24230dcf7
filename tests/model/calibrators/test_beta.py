"""Beta calibration, against betacal and against its own definition."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from radpred.model.calibrators import fit_sigmoid
from radpred.model.calibrators._newton import cross_entropy
from radpred.model.calibrators.beta import Beta, fit_beta
from radpred.model.calibrators.sigmoid import smoothed


def bent(n, *, seed, shape):
    """Return scores whose log-odds bend, and outcomes."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=n)
    return scores, (rng.random(n) < expit(shape(scores))).astype(int)


SHAPES = [
    lambda s: 2 * log_expit(s) - 0.5 * log_expit(-s) + 0.3,
    lambda s: 0.3 * log_expit(s) - 3 * log_expit(-s) - 1,
    lambda s: 1.5 * s,
    lambda s: 3 * np.minimum(s, 0) - 0.8,
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [60, 400])
def test_it_equals_betacal_on_what_the_sigmoid_says(n, shape):
    betacal = pytest.importorskip("betacal")
    scores, y = bent(n, seed=n, shape=shape)
    q, target = fit_sigmoid(scores, y).probability(scores), smoothed(y)
    theirs = betacal.BetaCalibration("abm").fit(
        np.concatenate([q, q]), np.repeat([1, 0], n), np.concatenate([target, 1 - target])
    )
    np.testing.assert_allclose(
        fit_beta(scores, y).probability(scores), theirs.predict(q), atol=2e-3
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_no_curve_that_rises_has_a_lower_loss(shape):
    scores, y = bent(120, seed=5, shape=shape)
    ours, target = fit_beta(scores, y), smoothed(y)
    z = ours.slope * scores + ours.intercept

    def loss(theta):
        return cross_entropy(theta[0] * log_expit(z) - theta[1] * log_expit(-z) + theta[2], target)

    best = minimize(loss, [1, 1, 0], bounds=[(0, None), (0, None), (None, None)])
    assert loss([ours.a, ours.b, ours.c]) <= best.fun + 1e-6


def test_ones_and_zero_leave_the_sigmoid():
    same = Beta(slope=2.0, intercept=-1.0, a=1.0, b=1.0, c=0.0)
    np.testing.assert_allclose(same.log_odds([-3.0, 0.2, 5.0]), [-7.0, -0.6, 9.0], atol=1e-12)


def test_two_different_scores_are_left_to_the_sigmoid():
    scores, y = np.repeat([0.0, 1.0], 10), np.array([0] * 8 + [1] * 2 + [0] * 3 + [1] * 7)
    fitted = fit_beta(scores, y)
    np.testing.assert_allclose(
        fitted.probability(scores), fit_sigmoid(scores, y).probability(scores), atol=1e-9
    )
