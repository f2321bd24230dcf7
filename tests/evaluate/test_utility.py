"""Net benefit against its definition and against dcurves."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.errors import InputError, SettingsError
from radpred.evaluate import (
    net_benefit,
    net_benefit_of_all,
    patient_weights,
    percentile_band,
    threshold_grid,
)
from radpred.evaluate.utility import (
    decision_curves,
    net_benefit_difference,
    standardised_net_benefit,
)


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


@pytest.fixture
def two_models(rng):
    """Return outcomes, and two models' probabilities, some of them tied, exactly 0 or 1."""
    y = (rng.random(120) < 0.35).astype(int)
    sharp = np.round(1 / (1 + np.exp(-(2 * y - 1 + rng.normal(size=120)))), 2)
    blunt = np.round(1 / (1 + np.exp(-(y - 1 + rng.normal(size=120)))), 2)
    sharp[:3], blunt[:3] = [0, 1, 1], [1, 0, 1]
    return y, {"sharp": sharp, "blunt": blunt}


def test_decision_curves_are_those_of_dcurves(two_models, rng):
    dcurves = pytest.importorskip("dcurves")
    y, models = two_models
    grid = threshold_grid(0, 1)
    expected = dcurves.dca(
        data=pd.DataFrame({"y": y, **models}),
        outcome="y",
        modelnames=list(models),
        thresholds=grid,
    )
    ours = decision_curves(y, models, np.arange(120), thresholds=grid, rng=rng, n_draws=2)
    for own, theirs in (("sharp", "sharp"), ("blunt", "blunt"), ("treat all", "all")):
        found = ours[ours["model"] == own]["net_benefit"]
        wanted = expected[expected["model"] == theirs].sort_values("threshold")["net_benefit"]
        assert_allclose(found, wanted, rtol=0, atol=1e-12)


def test_no_point_of_a_decision_curve_is_missing(two_models, rng):
    y, models = two_models
    curves = decision_curves(
        y, models, np.arange(120), thresholds=threshold_grid(0, 1), rng=rng, n_draws=200
    )
    assert set(curves["model"]) == {"sharp", "blunt", "treat all", "treat none"}
    assert np.isfinite(curves.drop(columns="model").to_numpy(dtype=float)[:, :4]).all()
    assert np.isfinite(curves["standardised"]).all()


def test_treating_none_is_worth_nothing_for_sure(two_models, rng):
    y, models = two_models
    grid = threshold_grid(0.1, 0.5)
    curves = decision_curves(y, models, np.arange(120), thresholds=grid, rng=rng, n_draws=20)
    none = curves[curves["model"] == "treat none"]
    assert_array_equal(none[["net_benefit", "low", "high"]], 0)


def test_perfect_predictions_have_a_standardised_net_benefit_of_one():
    y = np.array([0, 1, 0, 1, 0])
    assert_allclose(standardised_net_benefit(y, y.astype(float), np.array([0.2, 0.9])), [1, 1])


def test_without_an_event_the_standardised_net_benefit_is_undefined():
    found = standardised_net_benefit(np.zeros(3), np.full(3, 0.1), np.array([0.5]))
    assert np.isnan(found).all()


def test_the_band_of_a_decision_curve_is_the_percentiles_of_its_draws(two_models):
    y, models = two_models
    grid, patients = np.array([0.2, 0.4]), np.arange(120) // 2
    curves = decision_curves(
        y, models, patients, thresholds=grid, rng=np.random.default_rng(1), n_draws=400
    )
    weights = patient_weights(patients, n_draws=400, rng=np.random.default_rng(1))
    draws = net_benefit(y, models["sharp"], grid, weights)
    band = percentile_band(draws)
    assert_allclose(curves[curves["model"] == "sharp"]["low"], band.low)
    assert_allclose(curves[curves["model"] == "sharp"]["high"], band.high)


def test_the_difference_of_net_benefit_is_paired(two_models, rng):
    y, models = two_models
    grid = np.array([0.2, 0.4])
    pair = (models["sharp"], models["blunt"])
    found = net_benefit_difference(y, pair, np.arange(120), thresholds=grid, rng=rng, n_draws=300)
    apart = net_benefit(y, pair[0], grid) - net_benefit(y, pair[1], grid)
    assert_allclose(found["difference"], apart)
    same = net_benefit_difference(
        y, (pair[0], pair[0]), np.arange(120), thresholds=grid, rng=rng, n_draws=50
    )
    assert_array_equal(same[["difference", "p"]], [[0, 1], [0, 1]])


def test_repeats_of_a_decision_curve_are_averaged(two_models, rng):
    y, models = two_models
    grid = np.array([0.3])
    both = {"both": np.stack(list(models.values()))}
    found = decision_curves(y, both, np.arange(120), thresholds=grid, rng=rng, n_draws=5)
    each = [net_benefit(y, p, grid)[0] for p in models.values()]
    assert found["net_benefit"][0] == pytest.approx(np.mean(each))


def test_probabilities_of_other_rows_are_refused(rng):
    with pytest.raises(InputError, match="of 3 rows"):
        decision_curves(
            np.array([0, 1]), {"a": np.ones(3)}, [1, 2], thresholds=np.array([0.5]), rng=rng
        )
