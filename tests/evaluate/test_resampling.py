"""Bootstrap draws of patients, and the intervals made of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.evaluate import (
    auroc,
    calibration_in_the_large,
    mean_over_repeats,
    patient_weights,
    percentile_band,
    percentile_interval,
)

PATIENTS = np.array(["a", "a", "b", "c", "c", "c", "d", "e"])
OUTCOME = np.array([1, 1, 0, 0, 0, 0, 1, 0])


def test_first_row_is_the_sample_itself(rng):
    assert_array_equal(patient_weights(PATIENTS, n_draws=5, rng=rng)[0], np.ones(8))


def test_rows_of_one_patient_are_drawn_together(rng):
    weights = patient_weights(PATIENTS, n_draws=200, rng=rng, y=OUTCOME)
    for patient in np.unique(PATIENTS):
        own = weights[:, patient == PATIENTS]
        assert_array_equal(own, np.repeat(own[:, :1], own.shape[1], axis=1))


def test_stratified_draws_hold_the_number_of_patients_with_an_event(rng):
    weights = patient_weights(PATIENTS, n_draws=200, rng=rng, y=OUTCOME)
    first_rows = np.unique(PATIENTS, return_index=True)[1]
    with_event = weights[:, first_rows] @ OUTCOME[first_rows]
    assert_array_equal(with_event, np.full(201, 2.0))


def test_free_draws_let_the_number_of_events_vary_as_a_binomial(rng):
    y = np.r_[np.ones(30), np.zeros(70)]
    events = patient_weights(np.arange(100), n_draws=4000, rng=rng)[1:] @ y
    assert events.mean() == pytest.approx(30, abs=0.3)
    assert events.var() == pytest.approx(100 * 0.3 * 0.7, rel=0.1)


def test_same_seed_gives_the_same_draws():
    one, two = (
        patient_weights(PATIENTS, n_draws=9, rng=np.random.default_rng(3), y=OUTCOME)
        for _ in range(2)
    )
    assert_array_equal(one, two)


def test_several_repeats_give_the_mean_of_each_draw(rng):
    y = rng.integers(0, 2, 40)
    predictions = rng.random((3, 40))
    weights = patient_weights(np.arange(40), n_draws=20, rng=rng, y=y)
    expected = sum(auroc(y, p, weights) for p in predictions) / 3
    assert_allclose(mean_over_repeats(auroc, y, predictions, weights), expected)


def test_interval_holds_the_middle_of_the_draws():
    draws = np.r_[50.0, np.arange(101.0)]
    interval = percentile_interval(draws)
    assert (interval.value, interval.low, interval.high) == (50, 2, 98)


def test_interval_leaves_out_undefined_draws_and_says_so():
    draws = np.r_[1.0, np.nan, np.arange(101.0)]
    interval = percentile_interval(draws)
    assert (interval.low, interval.high) == (2, 98)
    assert interval.note == "undefined in 1 of 102 draws"


def test_interval_keeps_infinite_draws_at_its_end():
    draws = np.r_[1.0, np.arange(90.0), np.full(10, np.inf)]
    interval = percentile_interval(draws)
    assert (interval.low, interval.high) == (2, np.inf)
    assert interval.note == "infinite in 10 of 100 draws"


@pytest.mark.parametrize("draws", [np.full(101, 1.0), np.full(101, np.nan)])
def test_interval_without_spread_or_value_has_no_ends(draws):
    interval = percentile_interval(draws)
    assert np.isnan(interval.low)
    assert np.isnan(interval.high)
    assert interval.note


def test_band_is_the_interval_at_each_point(rng):
    draws = rng.normal(size=(501, 4))
    band = percentile_band(draws)
    for point in range(4):
        interval = percentile_interval(draws[:, point])
        assert (band.value[point], band.low[point], band.high[point]) == (
            interval.value,
            interval.low,
            interval.high,
        )


def test_band_of_undefined_draws_is_unknown():
    draws = np.full((11, 3), np.nan)
    assert np.isnan(percentile_band(draws).low).all()


def test_clustered_intervals_hold_the_true_area_about_as_often_as_promised():
    rng = np.random.default_rng(1)
    n_patients, n_lesions, n_studies = 60, 3, 150
    held = held_by_row = 0
    true_area = 0.7602  # Phi(1 / sqrt(2)): scores of events are shifted by 1 standard deviation
    for _ in range(n_studies):
        y = (np.arange(n_patients) < 25).astype(int)
        own = rng.normal(size=n_patients) * np.sqrt(0.8)
        patients = np.repeat(np.arange(n_patients), n_lesions)
        noise = rng.normal(size=patients.size) * np.sqrt(0.2)
        score = y[patients] + own[patients] + noise
        for by_patient in (True, False):
            groups = patients if by_patient else np.arange(patients.size)
            weights = patient_weights(groups, n_draws=200, rng=rng, y=y[patients])
            interval = percentile_interval(auroc(y[patients], score, weights))
            inside = interval.low <= true_area <= interval.high
            held += by_patient and inside
            held_by_row += (not by_patient) and inside
    # 3 standard errors of a 95 % share of 150 studies are 5 points; the bootstrap loses a little.
    assert held / n_studies > 0.88
    assert held_by_row / n_studies < 0.85


def test_only_free_draws_hold_the_true_calibration_intercept():
    rng = np.random.default_rng(2)
    held = {"free": 0, "by outcome": 0}
    for _ in range(150):
        log_odds = rng.normal(-0.8, 0.8, size=120)
        p = 1 / (1 + np.exp(-log_odds))
        y = (rng.random(120) < p).astype(int)
        for name, strata in (("free", None), ("by outcome", y)):
            weights = patient_weights(np.arange(120), n_draws=200, rng=rng, y=strata)
            interval = percentile_interval(calibration_in_the_large(y, p, weights))
            held[name] += interval.low <= 0 <= interval.high
    assert held["free"] / 150 > 0.89
    assert held["by outcome"] / 150 < 0.8
