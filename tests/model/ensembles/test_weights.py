"""Weights and lines are the least of their loss, within their bounds."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from radpred.model.calibrators import fit_sigmoid
from radpred.model.ensembles import fit_line, fit_weights
from radpred.model.ensembles.lines import cross_entropy, log_shares


def parts_of(kind, rng, n=150, k=3):
    """Return what ``k`` members of rising quality say, and the truth."""
    y = (
        rng.normal(size=n)
        if kind == "continuous"
        else np.arange(n) % (3 if kind == "multiclass" else 2)
    )
    if kind == "multiclass":
        true = 2.0 * np.eye(3)[y]
        return [i * true + rng.normal(size=(n, 3)) for i in range(k)], y
    return [i * (y - y.mean()) + rng.normal(size=n) for i in range(k)], y


def loss_of(kind, parts, y, weights, ridge):
    """Return the loss as its definition says."""
    mixed = sum(w * part for w, part in zip(weights, parts, strict=True))
    away = ridge / 2 * np.sum((weights - 1 / len(parts)) ** 2)
    if kind == "continuous":
        centred = sum(w * (p - y.mean()) for w, p in zip(weights, parts, strict=True))
        return 0.5 * np.sum((y - y.mean() - centred) ** 2) / y.var() + away
    if kind == "binary":
        mixed = np.stack([np.zeros(len(y)), mixed], axis=1)
    return len(y) * cross_entropy(mixed, y) + away


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous"])
@pytest.mark.parametrize("ridge", [0.1, 1.0, 50.0])
def test_weights_are_the_least_of_their_loss(kind, ridge, rng):
    parts, y = parts_of(kind, rng)
    found = fit_weights(kind, parts, y, ridge=ridge)
    reference = minimize(
        lambda w: loss_of(kind, parts, y, w, ridge),
        np.ones(3),
        method="SLSQP",
        bounds=[(0, None)] * 3,
        options={"ftol": 1e-13, "maxiter": 500},
    )
    np.testing.assert_allclose(found, reference.x, atol=2e-4)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous"])
def test_a_member_that_points_the_wrong_way_weighs_nothing(kind, rng):
    parts, y = parts_of(kind, rng)
    wrong = [*parts[:2], -3.0 * parts[2]]
    assert fit_weights(kind, wrong, y)[2] == 0.0


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous"])
def test_a_strong_ridge_is_the_average(kind, rng):
    parts, y = parts_of(kind, rng)
    np.testing.assert_allclose(fit_weights(kind, parts, y, ridge=1e9), 1 / 3, atol=1e-5)


def test_of_one_member_far_from_the_bound_it_is_logistic_regression(rng):
    y = np.arange(200) % 2
    said = y + rng.normal(size=200)
    plain = LogisticRegression(C=1e9, fit_intercept=False, tol=1e-10).fit(said[:, None], y)
    found = fit_weights("binary", [said], y, ridge=1e-9)
    assert found[0] == pytest.approx(plain.coef_[0, 0], rel=1e-5)


def test_equal_members_weigh_the_same(rng):
    parts, y = parts_of("binary", rng)
    weights = fit_weights("binary", [parts[2], parts[2]], y)
    assert weights[0] == pytest.approx(weights[1], rel=1e-9)


def test_two_classes_are_brought_together_by_the_sigmoid(rng):
    y = np.arange(80) % 2
    said = y + rng.normal(size=80)
    line, platt = fit_line("binary", said, y, scale="distance"), fit_sigmoid(said, y)
    assert (line.slope, line.intercept) == (platt.slope, platt.intercept)


def test_a_number_is_brought_together_by_least_squares(rng):
    said = rng.normal(size=80)
    y = 3.0 * said + 7.0 + rng.normal(size=80)
    line = fit_line("continuous", said, y, scale="log_odds")
    assert (line.slope, line.intercept) == pytest.approx(tuple(np.polyfit(said, y, 1)))


def test_several_classes_are_brought_together_by_one_temperature(rng):
    y = np.arange(300) % 3
    said = 5.0 * (np.eye(3)[y] + 0.7 * rng.normal(size=(300, 3)))
    slope = fit_line("multiclass", said, y, scale="log_odds").slope
    losses = [cross_entropy(s * said, y) for s in (0.98 * slope, slope, 1.02 * slope)]
    assert losses[1] == min(losses)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous"])
def test_scores_that_point_the_wrong_way_say_nothing(kind, rng):
    parts, y = parts_of(kind, rng)
    line = fit_line(kind, -parts[2], y, scale="log_odds")
    assert np.ptp(line.apply(-parts[2])) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("scale", ["log_odds", "distance", "probability"])
def test_log_shares_are_logarithms_of_shares(scale, rng):
    scores = rng.dirichlet(np.ones(4), 20) if scale == "probability" else rng.normal(size=(20, 4))
    np.testing.assert_allclose(np.exp(log_shares(scores, scale)).sum(axis=1), 1.0)


def test_a_share_of_nothing_stays_finite():
    assert np.isfinite(log_shares(np.array([[0.0, 1.0, 0.0]]), "probability")).all()
