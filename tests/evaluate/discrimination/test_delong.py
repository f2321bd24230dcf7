"""DeLong against all pairs, its coverage, its size, and what it refuses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from radpred.errors import InputError
from radpred.evaluate.discrimination.delong import (
    delong,
    delong_homogeneity,
    delong_interval,
    delong_test,
)


def _delong_by_pairs(y, scores):
    """Return areas and covariance from every pair of an event and a non-event, as published."""
    events, others = scores[:, y == 1], scores[:, y == 0]
    win = np.sign(events[:, :, None] - others[:, None, :]) / 2 + 0.5
    of_events, of_others = win.mean(axis=2), win.mean(axis=1)
    s10, s01 = np.cov(of_events), np.cov(of_others)
    return win.mean(axis=(1, 2)), s10 / events.shape[1] + s01 / others.shape[1]


def test_delong_is_the_published_sum_over_pairs(rng):
    y = (rng.random(60) < 0.4).astype(int)
    scores = np.round(y + rng.normal(size=(3, 60)), 1)
    areas, covariance = delong(y, scores)
    expected_areas, expected_covariance = _delong_by_pairs(y, scores)
    assert_allclose(areas, expected_areas, rtol=1e-12)
    assert_allclose(covariance, expected_covariance, rtol=1e-10)


def test_delong_interval_is_symmetric_on_the_logit_scale(rng):
    y = (rng.random(90) < 0.4).astype(int)
    interval = delong_interval(y, y + rng.normal(size=90))
    logit = [np.log(a / (1 - a)) for a in (interval.low, interval.value, interval.high)]
    assert logit[1] - logit[0] == pytest.approx(logit[2] - logit[1])


def test_logit_interval_holds_a_high_area_as_often_as_promised():
    rng = np.random.default_rng(5)
    true_area = 0.9615  # Phi(2.5 / sqrt(2))
    y = (np.arange(60) < 20).astype(int)
    held = held_plain = 0
    for _ in range(600):
        score = 2.5 * y + rng.normal(size=60)
        interval = delong_interval(y, score)
        held += not np.isnan(interval.low) and interval.low <= true_area <= interval.high
        areas, covariance = delong(y, score)
        half = 1.96 * np.sqrt(covariance[0, 0])
        held_plain += abs(areas[0] - true_area) <= half
    assert 0.91 < held / 600 < 0.975
    assert held_plain / 600 < 0.89


def test_a_perfect_area_has_no_delong_interval():
    interval = delong_interval(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
    assert interval.value == 1
    assert np.isnan(interval.low)
    assert "not defined" in interval.note


def test_one_event_has_an_area_but_no_variance():
    areas, covariance = delong(np.array([0, 0, 1]), np.array([0.1, 0.5, 0.3]))
    assert areas[0] == 0.5
    assert np.isnan(covariance).all()


TWICE = np.array(["a", "a", "b", "c", "d"])
OUTCOME = np.array([1, 1, 0, 0, 1])
SCORE = np.array([0.9, 0.4, 0.5, 0.1, 0.7])


def test_several_rows_of_one_patient_are_refused_everywhere():
    for refuses in (
        lambda: delong(OUTCOME, SCORE, patients=TWICE),
        lambda: delong_interval(OUTCOME, SCORE, patients=TWICE),
        lambda: delong_test(OUTCOME, SCORE, SCORE[::-1], patients=TWICE),
        lambda: delong_homogeneity(OUTCOME, np.stack([SCORE] * 2), patients=TWICE),
    ):
        with pytest.raises(InputError, match=r"5 rows of 4 patients.*resample patients"):
            refuses()


def test_one_row_a_patient_changes_nothing():
    alone = delong_interval(OUTCOME, SCORE)
    assert delong_interval(OUTCOME, SCORE, patients=np.arange(5)) == alone


def test_the_paired_test_is_its_definition(rng):
    y = (rng.random(70) < 0.4).astype(int)
    one, two = y + rng.normal(size=(2, 70))
    found = delong_test(y, one, two)
    areas, covariance = _delong_by_pairs(y, np.stack([one, two]))
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert found.value == pytest.approx(areas[0] - areas[1])
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * error, rel=1e-6)


def test_of_two_scores_homogeneity_is_the_paired_test(rng):
    y = (rng.random(70) < 0.4).astype(int)
    scores = y + rng.normal(size=(2, 70))
    _, freedom, p = delong_homogeneity(y, scores)
    assert freedom == 1
    assert p == pytest.approx(delong_test(y, *scores).p)


def test_homogeneity_does_not_count_a_score_twice(rng):
    y = (rng.random(70) < 0.4).astype(int)
    scores = y + rng.normal(size=(3, 70))
    once = delong_homogeneity(y, scores)
    twice = delong_homogeneity(y, np.concatenate([scores, 2 * scores[1:] + 1]))
    assert twice == pytest.approx(once)
    assert delong_homogeneity(y, scores[[0, 0]])[1:] == (0, 1.0)


def test_a_score_against_itself_differs_by_nothing():
    found = delong_test(OUTCOME, SCORE, SCORE)
    assert (found.value, found.p) == (0, 1)
    assert np.isnan(found.low)


def test_turning_the_comparison_turns_the_sign_only(rng):
    y = (rng.random(50) < 0.4).astype(int)
    one, two = y + rng.normal(size=(2, 50))
    there, back = delong_test(y, one, two), delong_test(y, two, one)
    assert there.value == pytest.approx(-back.value)
    assert there.p == pytest.approx(back.p)


def test_equal_scores_are_called_different_about_as_often_as_promised():
    rng = np.random.default_rng(4)
    y = (np.arange(80) < 30).astype(int)
    shared = rng.normal(size=(800, 80))
    called = 0
    for own in shared:
        one, two = 0.8 * y + own + rng.normal(size=(2, 80)) * 0.7
        called += delong_test(y, one, two).p < 0.05
    assert 0.03 < called / 800 < 0.075  # 2.3 standard errors of 5 % in 800 are 1.8 points


def test_one_event_gives_no_test():
    y = np.array([0, 0, 0, 1])
    found = delong_test(y, np.arange(4.0), np.arange(4.0)[::-1])
    assert np.isnan(found.p)
    assert "not defined" in found.note
