"""Prediction sets: what they hold, and how much chance is left in that."""

import numpy as np
import pytest
from crepes import ConformalClassifier
from numpy.testing import assert_array_equal

from radpred.errors import SettingsError
from radpred.evaluate import (
    expected_coverage_sd,
    one_sided_bound,
    set_shares,
)
from radpred.model.conformal import prediction_set

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
