"""Who is left to somebody else, and how right the rest is."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.errors import InputError
from radpred.evaluate import auroc, brier, patient_weights
from radpred.evaluate.thresholds import accuracy, error
from radpred.evaluate.uncertainty.abstention import (
    METRICS,
    abstention_curve,
    certainty_curve,
    distance_from_even,
    is_answered,
    metric_by_certainty,
    metric_by_share,
    p_value_gap,
)


@pytest.fixture
def rows(rng):
    """Return outcomes, calibrated probabilities and their certainty."""
    z = rng.normal(size=120)
    y = (rng.random(120) < 1 / (1 + np.exp(-2 * z))).astype(int)
    p = 1 / (1 + np.exp(-2 * z))
    return y, p, distance_from_even(p)


def test_the_gap_is_confidence_plus_credibility_less_one():
    p = np.array([[0.9, 0.02], [0.3, 0.3], [0.01, 0.04]])
    confidence, credibility = 1 - p.min(axis=1), p.max(axis=1)
    assert_allclose(p_value_gap(p), confidence + credibility - 1)


def test_distance_from_even_is_the_same_on_both_sides():
    assert_allclose(distance_from_even([0.5, 0.2, 0.8]), [0, np.log(4), np.log(4)])


def test_every_share_is_of_the_most_certain_rows(rows):
    y, p, certainty = rows
    order = np.argsort(-certainty)
    for share in (0.1, 0.5, 1.0):
        kept = order[: int(np.ceil(share * 120 - 1e-9))]
        ours = metric_by_share(brier, y, p, certainty, shares=np.array([share]))
        assert_allclose(ours, brier(y[kept], p[kept]))


def test_answering_everybody_gives_the_plain_metric(rows):
    y, p, certainty = rows
    for metric in METRICS.values():
        ours = metric_by_share(metric, y, p, certainty, shares=np.array([1.0]))
        assert_allclose(ours, metric(y, p, np.ones(120)))


def test_rows_of_equal_certainty_are_answered_together():
    kept = is_answered(np.array([2.0, 1.0, 1.0, 0.0]), np.array([0.25, 0.5, 0.75, 1.0]))
    assert kept.sum(axis=1).tolist() == [1, 3, 3, 4]


def test_the_order_of_tied_rows_is_of_no_account(rng):
    y, p = rng.integers(0, 2, 40), rng.random(40)
    certainty, order = np.round(3 * rng.random(40)), rng.permutation(40)
    first = metric_by_share(auroc, y, p, certainty)
    second = metric_by_share(auroc, y[order], p[order], certainty[order])
    assert_allclose(first, second)


def test_a_draw_has_the_curve_of_its_own_rows(rows, rng):
    y, p, certainty = rows
    weights = rng.integers(0, 3, 120).astype(float)
    repeated = np.repeat(np.arange(120), weights.astype(int))
    for metric in (accuracy, brier, auroc):
        ours = metric_by_share(metric, y, p, certainty, weights=weights[None])
        theirs = metric_by_share(metric, y[repeated], p[repeated], certainty[repeated])
        assert_allclose(ours[0], theirs)


def test_above_a_certainty_only_the_surer_rows_count(rows):
    y, p, certainty = rows
    kept = certainty >= 1
    ours = metric_by_certainty(auroc, y, p, certainty, thresholds=np.array([0.0, 1.0, 1e9]))
    assert_allclose(ours[:2], [auroc(y, p), auroc(y[kept], p[kept])])
    assert np.isnan(ours[2])


def test_errors_become_rarer_where_the_unsure_are_left_out(rows):
    y, p, certainty = rows
    errors = metric_by_share(error, y, p, certainty, shares=np.array([0.3, 1.0]))
    assert errors[0] < errors[1] - 0.05


def test_a_curve_has_every_metric_with_its_band(rows, rng):
    y, p, certainty = rows
    weights = patient_weights(np.arange(120), n_draws=200, rng=rng)
    curve = abstention_curve(y, p, certainty, weights)
    assert set(curve.metrics) == set(METRICS)
    assert_allclose(curve.answered.value, np.ceil(curve.at * 120 - 1e-9) / 120)
    brier_band = curve.metrics["brier"]
    assert (brier_band.low < brier_band.value).all()
    assert (brier_band.value < brier_band.high).all()


def test_bands_hold_the_metric_of_many_cases():
    # The Brier score of the surest half, from a sample of 40 and from one of 200,000.
    def sample(rng, n):
        z = rng.normal(size=n)
        p = 1 / (1 + np.exp(-2 * z))
        return (rng.random(n) < p).astype(int), p

    half = np.array([0.5])
    y, p = sample(np.random.default_rng(0), 200_000)
    truth = metric_by_share(brier, y, p, distance_from_even(np.round(p, 3)), shares=half)[0]
    held = []
    for seed in range(150):
        rng = np.random.default_rng(seed + 1)
        y, p = sample(rng, 80)
        weights = patient_weights(np.arange(80), n_draws=200, rng=rng)
        band = abstention_curve(
            y, p, distance_from_even(p), weights, shares=half, metrics={"brier": brier}
        ).metrics["brier"]
        held.append(band.low[0] <= truth <= band.high[0])
    assert 0.88 < np.mean(held) < 0.99


def test_the_certainty_curve_says_who_is_left(rows, rng):
    y, p, certainty = rows
    weights = patient_weights(np.arange(120), n_draws=50, rng=rng)
    thresholds = np.array([0.0, 1.0, 2.0])
    curve = certainty_curve(y, p, certainty, weights, thresholds=thresholds)
    assert_allclose(curve.answered.value, [(certainty >= t).mean() for t in thresholds])


def test_repeats_are_averaged(rows, rng):
    y, p, certainty = rows
    weights = np.ones((1, 120))
    other = rng.permutation(p)
    both = abstention_curve(y, np.stack([p, other]), np.stack([certainty, certainty]), weights)
    single = [abstention_curve(y, one, certainty, weights) for one in (p, other)]
    expected = np.mean([one.metrics["brier"].value for one in single], axis=0)
    assert_allclose(both.metrics["brier"].value, expected)


def test_a_metric_that_few_draws_define_has_no_band_there(rng):
    y, p = np.r_[np.ones(20, int), np.zeros(20, int)], np.linspace(0.99, 0.5, 40)
    weights = patient_weights(np.arange(40), n_draws=50, rng=rng)
    curve = abstention_curve(y, p, distance_from_even(p), weights, shares=np.array([0.2, 1.0]))
    assert np.isnan(curve.metrics["auroc"].value[0])
    assert curve.metrics["auroc"].value[1] == 1


def test_the_draws_stay_as_they_were(rows):
    y, p, certainty = rows
    weights = np.ones((3, 120))
    abstention_curve(y, p, certainty, weights)
    assert_array_equal(weights, np.ones((3, 120)))


def test_certainty_of_another_shape_is_refused(rows):
    y, p, certainty = rows
    with pytest.raises(InputError, match="give one each"):
        abstention_curve(y, p, certainty[:5], np.ones((1, 120)))
