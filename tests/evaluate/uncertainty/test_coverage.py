"""Prediction sets: what they hold, and how much chance is left in that."""

import numpy as np
import pytest
from crepes import ConformalClassifier
from numpy.testing import assert_array_equal
from scipy.stats import binomtest

from radpred.errors import SettingsError
from radpred.evaluate.uncertainty.coverage import (
    coverage_by_cell,
    coverage_shortfall,
    exact_interval,
    expected_coverage_sd,
    one_sided_bound,
    reach_of,
    set_shares,
)
from radpred.model.conformal import least_rows, p_values, prediction_set

P_VALUES = np.array([[0.5, 0.05], [0.3, 0.4], [0.02, 0.03], [0.08, 0.9]])
OUTCOME = np.array([0, 1, 0, 0])


def test_shares_of_a_worked_table():
    shares = set_shares(OUTCOME, P_VALUES, level=0.9)
    assert shares.coverage == 0.5
    assert shares.set_size == 1.0
    assert (shares.singleton, shares.both, shares.empty) == (0.5, 0.25, 0.25)


def test_one_class_is_seen_through_weights():
    shares = set_shares(OUTCOME, P_VALUES, (OUTCOME == 0).astype(float), level=0.9)
    assert shares.coverage == pytest.approx(1 / 3)


def test_every_draw_has_its_own_shares():
    weights = np.array([[1.0, 1, 1, 1], [2, 0, 0, 0]])
    assert_array_equal(set_shares(OUTCOME, P_VALUES, weights, level=0.9).coverage, [0.5, 1.0])


def test_a_class_that_is_not_drawn_has_no_coverage():
    assert np.isnan(set_shares(OUTCOME, P_VALUES, np.zeros((1, 4)), level=0.9).coverage).all()


def test_a_p_value_of_exactly_one_minus_the_level_is_left_out():
    # Vovk's convention: a set holds the classes with p > 1 - level; 1 - 0.9 < 0.1 as floats.
    assert_array_equal(prediction_set([0.1, 0.1000001], level=0.9), [False, True])


def test_sets_are_those_of_crepes_away_from_ties(rng):
    calibration, alphas = rng.random(40), rng.random((30, 2))
    reference = ConformalClassifier().fit(calibration)
    p_values = reference.predict_p(alphas, smoothing=False)
    for level in (0.8, 0.9, 0.95):
        ours = prediction_set(p_values, level=level)
        clear = np.abs(p_values - (1 - level)) > 1e-9
        theirs = reference.predict_set(alphas, confidence=level, smoothing=False).astype(bool)
        assert_array_equal(ours[clear], theirs[clear])


@pytest.mark.parametrize("level", [0, 1, 90])
def test_a_level_outside_zero_and_one_is_refused(level):
    with pytest.raises(SettingsError, match="between 0 and 1"):
        prediction_set(P_VALUES, level=level)


@pytest.mark.parametrize("n", [19, 49, 99, 199])
def test_expected_spread_is_that_of_simulated_calibration_sets(n):
    rng = np.random.default_rng(n)
    # Scores are uniform, so the coverage of a set is the threshold itself.
    rank = int(np.ceil((n + 1) * 0.9))
    thresholds = np.sort(rng.random((4000, n)), axis=1)[:, rank - 1]
    assert expected_coverage_sd(n, 0.9) == pytest.approx(thresholds.std(), rel=0.05)


def test_too_few_rows_have_no_expected_spread():
    assert np.isnan(expected_coverage_sd(8, 0.9))
    assert expected_coverage_sd(9, 0.9) > 0


def test_bound_of_no_failure_is_clopper_and_pearsons():
    # 20 of 20: the published exact 95 % interval starts at 0.8316.
    assert one_sided_bound(20) == pytest.approx(0.8316, abs=5e-5)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (9, 10), (50, 80), (20, 20)])
def test_exact_intervals_are_those_of_scipy(k, n):
    expected = binomtest(k, n).proportion_ci(0.95, method="exact")
    found = exact_interval(k, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_an_interval_of_no_rows_says_so():
    assert exact_interval(0, 0).note == "no rows"


def test_coverage_is_told_for_each_class_and_site():
    sets = prediction_set(P_VALUES, level=0.9)
    found = coverage_by_cell(OUTCOME, sets, strata=["A", "A", "B", "B"])
    assert {name: cell.value for name, cell in found.items()} == pytest.approx(
        {"all": 0.5, "class=0": 1 / 3, "class=1": 1.0, "group=A": 1.0, "group=B": 0.0}
    )


@pytest.mark.parametrize(("n", "level"), [(19, 0.9), (60, 0.8)])
def test_shortfall_is_as_rare_as_it_says_where_rows_are_alike(n, level):
    rng = np.random.default_rng(n)
    rank = int(np.ceil(round((n + 1) * level, 9)))
    bounds = np.sort(rng.random((3000, n)), axis=1)[:, rank - 1]
    covered = (rng.random((3000, 40)) <= bounds[:, None]).sum(axis=1)
    p = np.array([coverage_shortfall(c, 40, n_calibration=n, level=level) for c in covered])
    for alpha in (0.05, 0.1, 0.3):
        assert np.mean(p <= alpha) <= alpha + 2 * np.sqrt(alpha * (1 - alpha) / 3000)


def test_a_site_with_noisier_scores_falls_short_and_is_noticed(rng):
    def strangeness(n, spread):
        y = rng.integers(0, 2, n)
        score = 1.5 * (2 * y - 1) + spread * rng.normal(size=n)
        return np.where(y == 1, -score, score)

    p = p_values(strangeness(99, 1.0), strangeness(80, 3.0))
    covered = int(prediction_set(p, level=0.9).sum())
    assert covered / 80 < 0.8
    assert coverage_shortfall(covered, 80, n_calibration=99, level=0.9) < 0.01


def test_too_few_calibration_rows_cannot_fall_short():
    assert coverage_shortfall(40, 40, n_calibration=5, level=0.9) == 1.0


@pytest.mark.parametrize(
    ("n", "is_reachable"), [(5, 0), (10, 0), (19, 1), (20, 1), (21, 1), (50, 1)]
)
def test_what_a_cell_can_promise_is_told(n, is_reachable):
    (reach,) = reach_of({"class=1": n}, level=0.95)
    assert reach.least_error == 1 / (n + 1)
    assert reach.is_reachable == bool(is_reachable)
    assert f"least reachable error {1 / (n + 1):.3f}" in reach.sentence
    assert ("cross-conformal" in reach.sentence) != bool(is_reachable)
    assert ("calibration set too small" in reach.sentence) != bool(is_reachable)


def test_the_level_that_is_advised_can_be_reached():
    (reach,) = reach_of({"all": 10}, level=0.95)
    advised = float(reach.sentence.rsplit(" ", 1)[1].rstrip("."))
    assert least_rows(advised) <= 10


def test_a_spread_of_coverage_is_told_beside_it():
    (reach,) = reach_of({"class=0": 19}, level=0.9)
    assert reach.sentence.endswith("with a standard deviation of 0.065.")
