"""Conformal p-values, against MAPIE, crepes, and their exact distribution."""

import numpy as np
import pytest
from crepes import WrapClassifier
from mapie.classification import SplitConformalClassifier
from scipy import stats
from sklearn.linear_model import LogisticRegression

from radpred.model.conformal import (
    count_as_strange,
    least_error,
    least_rows,
    nonconformity,
    p_values,
    prediction_set,
    smoothed_p_values,
)


@pytest.fixture
def split(rng):
    """Return a model with calibration and test rows that it has not seen."""
    y = (rng.random(400) < 0.35).astype(int)
    X = rng.normal(size=(400, 4)) + 0.6 * y[:, None]
    model = LogisticRegression().fit(X[:100], y[:100])
    return model, (X[100:180], y[100:180]), (X[180:], y[180:])


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_marginal_split_sets_equal_mapie(split, level):
    model, (X_cal, y_cal), (X_new, _) = split
    theirs = SplitConformalClassifier(
        model, confidence_level=level, conformity_score="lac", prefit=True
    ).conformalize(X_cal, y_cal)
    expected = theirs.predict_set(X_new)[1][:, :, 0]
    strangeness = 1 - model.predict_proba(X_cal)[np.arange(len(y_cal)), y_cal]
    new = 1 - model.predict_proba(X_new)
    ours = np.stack([p_values(strangeness, new[:, c]) for c in (0, 1)], axis=1)
    assert np.array_equal(prediction_set(ours, level=level), expected)


def test_class_conditional_split_p_values_equal_crepes(split):
    model, (X_cal, y_cal), (X_new, _) = split
    theirs = WrapClassifier(model)
    theirs.calibrate(X_cal, y_cal, class_cond=True)
    expected = theirs.predict_p(X_new, smoothing=False)
    for outcome in (0, 1):
        score = model.decision_function(X_cal[y_cal == outcome])
        ours = p_values(
            nonconformity(score, outcome=outcome),
            nonconformity(model.decision_function(X_new), outcome=outcome),
        )
        np.testing.assert_allclose(ours, expected[:, outcome], atol=1e-12)


@pytest.mark.parametrize(("n", "level"), [(19, 0.9), (30, 0.8), (59, 0.95)])
def test_coverage_given_the_calibration_rows_follows_the_beta_distribution(rng, n, level):
    k = int(np.floor((1 - level) * (n + 1) + 1e-9))
    grid = np.linspace(0, 1, 4001)
    covered = [
        prediction_set(p_values(rng.random(n), grid), level=level).mean() for _ in range(600)
    ]
    assert stats.kstest(covered, stats.beta(n + 1 - k, k).cdf).pvalue > 0.01


@pytest.mark.parametrize("n", [9, 19])
def test_p_values_of_exchangeable_cases_are_uniform_on_their_steps(rng, n):
    p = [p_values(draw[:-1], draw[-1:])[0] for draw in rng.random((4000, n + 1))]
    counts = np.bincount(np.round(np.array(p) * (n + 1)).astype(int), minlength=n + 2)[1:]
    assert stats.chisquare(counts).pvalue > 0.01


def test_ties_count_as_at_least_as_strange():
    assert count_as_strange([1.0, 2.0, 2.0, 3.0], [2.0, 3.0, 3.5]).tolist() == [3, 1, 0]


def test_without_calibration_rows_nothing_is_strange():
    assert p_values([], [5.0]).tolist() == [1.0]


def test_the_strangest_case_has_the_smallest_possible_p_value():
    assert p_values(np.arange(9), [100.0]).tolist() == [0.1]


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_a_p_value_of_exactly_one_minus_the_level_is_left_out(level):
    n = least_rows(level)
    assert not prediction_set(p_values(np.arange(n), [1e9]), level=level)[0]
    assert prediction_set(p_values(np.arange(n - 1), [1e9]), level=level)[0]


@pytest.mark.parametrize(("level", "n"), [(0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_least_rows_are_those_of_the_smallest_p_value(level, n):
    assert least_rows(level) == n


@pytest.mark.parametrize("n", [9, 20])
def test_smoothed_p_values_are_uniform_even_where_scores_tie(n):
    rng = np.random.default_rng(n)
    p = [
        smoothed_p_values(draw[:-1], draw[-1:], rng=rng)[0]
        for draw in rng.integers(0, 4, size=(4000, n + 1))
    ]
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_smoothing_lies_between_counting_ties_as_stranger_and_as_alike(rng):
    calibration, new = rng.integers(0, 5, 30), rng.integers(0, 6, 50)
    smoothed = smoothed_p_values(calibration, new, rng=rng)
    assert (smoothed <= p_values(calibration, new)).all()
    assert (smoothed >= p_values(calibration, new + 1e-9) - 1 / 31).all()


@pytest.mark.parametrize(("n", "error"), [(5, 1 / 6), (10, 1 / 11), (19, 0.05), (49, 0.02)])
def test_least_error_is_that_of_the_strangest_case(n, error):
    assert least_error(n) == p_values(np.zeros(n), [1.0])[0] == error
