"""Calibration against scikit-learn, closed forms and simulation."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from radpred.evaluate import (
    adaptive_calibration_error,
    brier,
    calibration_curve,
    calibration_in_the_large,
    calibration_line,
    calibration_slope,
    expected_calibration_error,
    log_loss,
    null_calibration_error,
    patient_weights,
)
from radpred.evaluate.calibration._logistic import fit_logistic


@pytest.fixture
def answers(rng):
    """Return outcomes, probabilities that are too extreme, and bootstrap weights."""
    log_odds = rng.normal(-0.5, 1.5, size=150)
    y = (rng.random(150) < expit(0.6 * log_odds + 0.3)).astype(int)
    return y, expit(log_odds), patient_weights(np.arange(150), n_draws=20, rng=rng)


def test_scores_of_every_draw_are_scikit_learns(answers):
    y, p, weights = answers
    assert_allclose(
        brier(y, p, weights), [brier_score_loss(y, p, sample_weight=w) for w in weights]
    )
    assert_allclose(
        log_loss(y, p, weights), [sklearn_log_loss(y, p, sample_weight=w) for w in weights]
    )


def test_log_loss_of_a_certain_and_wrong_prediction_is_finite():
    assert log_loss(np.array([1, 0]), np.array([0.0, 0.0])) == pytest.approx(-np.log(1e-12) / 2)


def test_line_of_every_draw_is_unpenalised_logistic_regression(answers):
    y, p, weights = answers
    x = logit(p)[:, None]
    expected = []
    for w in weights:
        fit = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(x, y, sample_weight=w)
        expected.append([fit.intercept_[0], fit.coef_[0, 0]])
    assert_allclose(calibration_line(y, p, weights), expected, atol=1e-5)


def test_slope_undoes_what_was_done_to_the_log_odds(answers):
    y, p, _ = answers
    intercept, slope = calibration_line(y, p)
    stretched = expit(2 * logit(p) + 0.5)
    assert calibration_slope(y, stretched) == pytest.approx(slope / 2, abs=1e-7)
    assert calibration_line(y, stretched)[0] == pytest.approx(intercept - slope / 4, abs=1e-7)


def test_calibration_in_the_large_makes_predicted_and_observed_counts_equal(answers):
    y, p, weights = answers
    ours = calibration_in_the_large(y, p, weights)
    for own, w in zip(ours, weights, strict=True):
        expected = brentq(lambda a, w=w: w @ (expit(logit(p) + a) - y), -5, 5)
        assert own == pytest.approx(expected, abs=1e-7)


def test_separated_classes_have_an_infinite_slope():
    y = np.array([0, 0, 1, 1])
    assert calibration_slope(y, np.array([0.1, 0.2, 0.3, 0.4])) == np.inf
    assert calibration_slope(y, np.array([0.4, 0.3, 0.2, 0.1])) == -np.inf
    assert calibration_slope(y, np.array([0.1, 0.3, 0.3, 0.4])) == np.inf  # touching is enough


def test_equal_predictions_have_no_slope_but_an_intercept():
    y = np.array([0, 0, 0, 1])
    assert np.isnan(calibration_slope(y, np.full(4, 0.5)))
    assert calibration_in_the_large(y, np.full(4, 0.5)) == pytest.approx(np.log(1 / 3))


def test_a_draw_is_separated_where_its_own_rows_are():
    y, p = np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    weights = np.array([[1, 1, 1, 1], [1, 0, 1, 2], [1, 1, 0, 1]], dtype=float)
    slopes = calibration_slope(y, p, weights)
    assert np.isfinite(slopes[0])
    assert_allclose(slopes[1:], np.inf)


def test_predictions_that_differ_in_their_last_bit_are_equal():
    x = np.array([-1.0, -0.3, -0.3, np.nextafter(-0.3, 0), np.nextafter(-0.3, 0), 0.2])
    line = calibration_line(np.array([1, 1, 0, 1, 0, 0]), expit(x))
    assert np.isnan(line[0]) and line[1] == -np.inf


def test_a_draw_without_events_has_an_infinitely_low_intercept_and_no_curve():
    y, p = np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    weights = np.array([[1, 1, 1, 1], [2, 0, 2, 0]], dtype=float)
    assert calibration_in_the_large(y, p, weights)[1] == -np.inf
    assert np.isnan(calibration_curve(y, p, np.array([0.2]), weights)[1]).all()


def test_predictions_of_exactly_zero_and_one_have_finite_lines_and_curves(rng):
    y = rng.integers(0, 2, 40)
    p = rng.integers(0, 2, 40).astype(float)
    weights = patient_weights(np.arange(40), n_draws=50, rng=rng)
    assert np.isfinite(calibration_line(y, p, weights)).all()
    assert np.isfinite(calibration_in_the_large(y, p, weights)).all()
    assert np.isfinite(calibration_curve(y, p, np.array([0.1, 0.5, 0.9]), weights)).all()


def test_newton_arrives_from_far_away():
    x = np.linspace(-1, 1, 200)
    y = (x > 0).astype(int)
    y[[98, 101]] = 1, 0  # nearly separated: the slope is large
    design = np.column_stack([np.ones(200), x])
    found = fit_logistic(design, y, np.ones((1, 200)))[0]
    gradient = design.T @ (y - expit(design @ found))
    assert found[1] > 50
    assert_allclose(gradient, 0, atol=1e-8)


def test_curve_of_calibrated_predictions_is_the_diagonal(rng):
    p = expit(rng.normal(-0.5, 1.2, size=40000))
    y = (rng.random(p.size) < p).astype(int)
    grid = np.linspace(0.1, 0.8, 8)
    assert_allclose(calibration_curve(y, p, grid), grid, atol=0.02)


def test_curve_finds_a_bend(rng):
    log_odds = rng.normal(0, 1.5, size=40000)
    truth = lambda x: expit(0.3 * x + 0.25 * x**2 - 0.5)  # noqa: E731
    y = (rng.random(log_odds.size) < truth(log_odds)).astype(int)
    grid = expit(np.linspace(-2, 2, 9))
    assert_allclose(calibration_curve(y, expit(log_odds), grid), truth(logit(grid)), atol=0.06)


def test_curve_of_equal_predictions_is_the_event_rate():
    y = np.array([0, 0, 0, 1])
    assert calibration_curve(y, np.full(4, 0.4), np.array([0.4])) == pytest.approx(0.25)


def test_curve_of_separated_classes_is_finite_and_rises():
    y, p = np.repeat([0, 1], 20), np.linspace(0.1, 0.9, 40)
    curve = calibration_curve(y, p, np.linspace(0.1, 0.9, 20))
    assert np.isfinite(curve).all()
    assert (np.diff(curve) > 0).all()


def test_calibration_error_of_a_worked_table():
    # bin 0.2 to 0.3: mean 0.25, observed 1/2; bin 0.9 to 1: mean 0.95, observed 1
    y, p = np.array([0, 1, 1, 1]), np.array([0.24, 0.26, 0.9, 1.0])
    assert expected_calibration_error(y, p) == pytest.approx(0.5 * 0.25 + 0.5 * 0.05)


def test_calibration_error_of_repeated_rows_is_that_of_weights(answers):
    y, p, weights = answers
    for w, own in zip(weights, expected_calibration_error(y, p, weights), strict=True):
        rows = np.repeat(np.arange(y.size), w.astype(int))
        assert own == pytest.approx(expected_calibration_error(y[rows], p[rows]))


def test_null_calibration_error_is_the_mean_deviation_of_a_binomial(rng):
    n = 50
    expected = binom(n, 0.5).expect(lambda k: np.abs(k / n - 0.5))
    assert null_calibration_error(np.full(n, 0.5), rng=rng, n_draws=20000) == pytest.approx(
        expected, rel=0.02
    )


def test_adaptive_error_of_a_worked_table():
    # two bins of two: means 0.15 and 0.7, observed 0 and 1/2
    y, p = np.array([0, 0, 1, 0]), np.array([0.1, 0.2, 0.6, 0.8])
    assert adaptive_calibration_error(y, p, n_bins=2) == pytest.approx((0.15 + 0.2) / 2)


def test_adaptive_error_of_bins_of_one_size_is_nixon_s_mean_over_bins(answers):
    y, p, _ = answers
    order = np.argsort(p)
    gaps = [abs(p[rows].mean() - y[rows].mean()) for rows in np.split(order, 10)]
    assert adaptive_calibration_error(y, p) == pytest.approx(np.mean(gaps))


def test_adaptive_error_of_repeated_rows_is_that_of_weights(answers):
    y, p, weights = answers
    p = np.round(p, 2)  # with ties
    for w, own in zip(weights, adaptive_calibration_error(y, p, weights), strict=True):
        rows = np.repeat(np.arange(y.size), w.astype(int))
        assert own == pytest.approx(adaptive_calibration_error(y[rows], p[rows]))


def test_equal_predictions_share_a_bin():
    y, p = np.arange(40) % 2, np.full(40, 0.3)
    assert adaptive_calibration_error(y, p) == pytest.approx(0.2)


def test_adaptive_error_does_not_depend_on_the_order_of_rows(answers, rng):
    y, p, _ = answers
    p, order = np.round(p, 1), rng.permutation(y.size)
    assert adaptive_calibration_error(y[order], p[order]) == pytest.approx(
        adaptive_calibration_error(y, p)
    )


@pytest.mark.parametrize("error", [expected_calibration_error, adaptive_calibration_error])
def test_null_of_either_error_shrinks_with_the_cohort(rng, error):
    nulls = [
        null_calibration_error(rng.beta(1, 2, n), rng=rng, n_draws=300, error=error)
        for n in (50, 100, 200, 500)
    ]
    assert_allclose(nulls, [0.136, 0.096, 0.066, 0.043], atol=0.012)
