"""Net benefit against its definition."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.errors import SettingsError
from radpred.evaluate import net_benefit, net_benefit_of_all, patient_weights, threshold_grid


def test_net_benefit_is_its_definition_in_every_draw(rng):
    y, p = rng.integers(0, 2, 50), np.round(rng.random(50), 1)
    weights = patient_weights(np.arange(50), n_draws=10, rng=rng)
    thresholds = np.array([0.1, 0.3, 0.55, 0.9])
    ours = net_benefit(y, p, thresholds, weights)
    for own, w in zip(ours, weights, strict=True):
        for value, t in zip(own, thresholds, strict=True):
            true = sum(wi for wi, yi, pi in zip(w, y, p, strict=True) if pi >= t and yi == 1)
            false = sum(wi for wi, yi, pi in zip(w, y, p, strict=True) if pi >= t and yi == 0)
            assert value == pytest.approx(true / 50 - false / 50 * t / (1 - t))


def test_a_prediction_at_the_threshold_counts_as_positive():
    grid = threshold_grid(0.05, 0.8)
    y, p = np.array([1, 0]), np.array([0.3, 0.29])
    assert net_benefit(y, p, grid)[np.isclose(grid, 0.3)] == 0.5


def test_acting_on_all_is_worth_nothing_at_the_prevalence():
    y = np.array([1, 0, 0, 0, 1])
    assert net_benefit_of_all(y, np.array([0.4]))[0] == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("p", [np.zeros(4), np.ones(4), np.array([0.0, 1.0, 0.0, 1.0])])
def test_predictions_of_exactly_zero_and_one_stay_finite(p):
    y = np.array([0, 1, 0, 0])
    assert np.isfinite(net_benefit(y, p, threshold_grid(0, 1))).all()


def test_grid_stays_inside_zero_and_one():
    assert_allclose(threshold_grid(0, 1)[[0, -1]], [0.01, 0.99])


def test_grid_holds_both_ends_on_round_numbers():
    grid = threshold_grid(0.05, 0.8)
    assert (grid[0], grid[-1], grid.size) == (0.05, 0.8, 76)
    assert_array_equal(grid, np.round(grid, 2))


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_of_zero_or_one_is_refused(threshold):
    with pytest.raises(SettingsError, match="inside"):
        net_benefit(np.array([0, 1]), np.array([0.2, 0.7]), np.array([threshold]))


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(SettingsError, match="must not exceed"):
        threshold_grid(0.8, 0.2)
