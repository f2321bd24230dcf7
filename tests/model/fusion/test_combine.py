"""The weights of blocks, against another implementation and by the conditions of an optimum."""

import numpy as np
import pytest
from scipy.special import expit

from radpred.errors import SettingsError
from radpred.model.calibrators import fit_sigmoid
from radpred.model.fusion.combine import combine, non_negative_logistic


@pytest.fixture
def said(rng):
    """Return the scores of three blocks, the last of which is wrong, and outcomes."""
    y = rng.integers(0, 2, 120)
    scores = rng.normal(size=(120, 3)) + np.outer(y, [1.5, 0.7, -1.0])
    return scores * [1.0, 20.0, 0.1] + [0.0, 5.0, 1.0], y


def test_one_block_is_platt_s_sigmoid(said):
    scores, y = said
    slopes, intercept = non_negative_logistic(scores[:, :1], y, np.ones(120))
    platt = fit_sigmoid(scores[:, 0], y)
    assert slopes[0] == pytest.approx(platt.slope, rel=1e-5)
    assert intercept == pytest.approx(platt.intercept, abs=1e-5)


def test_two_good_blocks_get_the_coefficients_of_statsmodels(said):
    sm = pytest.importorskip("statsmodels.api")
    scores, y = said
    smooth = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2))
    with np.errstate(all="ignore"):
        fitted = sm.GLM(smooth, sm.add_constant(scores[:, :2]), sm.families.Binomial()).fit()
    slopes, intercept = non_negative_logistic(scores[:, :2], y, np.ones(120))
    assert [intercept, *slopes] == pytest.approx(fitted.params.tolist(), rel=1e-4)


def test_block_that_ranks_the_wrong_way_gets_no_weight(said):
    found = combine(*said)
    assert found.weights[2] == 0 and found.slopes[2] == 0
    assert (found.weights[:2] > 0).all()


@pytest.mark.parametrize("pull", [0.0, 1.0, 10.0])
def test_weights_fulfil_the_conditions_of_an_optimum(said, pull):
    """Kuhn and Tucker: no slope where a weight is free, none downhill where it is zero."""
    scores, y = said
    z = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    slopes, intercept = non_negative_logistic(z, y, np.ones(120), pull=pull)
    smooth = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2))
    miss = expit(z @ slopes + intercept) - smooth
    gradient = z.T @ miss + pull * (slopes - 1 / 3)
    assert abs(miss.sum()) < 1e-4
    assert np.abs(gradient[slopes > 0]).max() < 1e-4
    assert (gradient[slopes == 0] > -1e-4).all()


def test_the_wrong_block_is_bound_at_zero_and_would_go_below(said):
    scores, y = said
    slopes, _ = non_negative_logistic(scores, y, np.ones(120))
    assert slopes[2] == 0


def test_blocks_that_agree_share_the_weight(said):
    scores, y = said
    found = combine(scores[:, [0, 0]], y)
    assert found.weights[0] == pytest.approx(found.weights[1])
    assert found.weights.sum() == pytest.approx(1.0, abs=0.02)


def test_the_scale_of_a_score_does_not_change_its_weight(said):
    scores, y = said
    found, scaled = combine(scores, y), combine(scores * [100.0, 1.0, 1.0], y)
    assert scaled.weights == pytest.approx(found.weights, abs=1e-4)
    assert scaled.slopes[0] == pytest.approx(found.slopes[0] / 100, rel=1e-3)


def test_block_that_says_the_same_of_everybody_gets_no_weight(said):
    scores, y = said
    flat = combine(np.c_[scores[:, :1], np.full(120, 3.0)], y)
    assert flat.weights[1] == 0


def test_blocks_that_say_nothing_leave_the_smoothed_prevalence():
    y = np.array([1, 1, 1, 0])
    found = combine(np.zeros((4, 2)), y)
    smooth = np.where(y == 1, 4 / 5, 1 / 3).mean()
    assert found.intercept == pytest.approx(np.log(smooth / (1 - smooth)))


def test_the_mean_is_that_of_platt_s_log_odds(said):
    scores, y = said
    found = combine(scores[:, :2], y, method="mean")
    lines = [fit_sigmoid(scores[:, b], y) for b in range(2)]
    wanted = np.mean([line.log_odds(scores[:, b]) for b, line in enumerate(lines)], axis=0)
    assert scores[:, :2] @ found.slopes + found.intercept == pytest.approx(wanted, abs=1e-4)
    assert found.weights.tolist() == [0.5, 0.5]


def test_a_strong_pull_gives_even_weights(said):
    scores, y = said
    assert combine(scores[:, :2], y, pull=1e6).weights == pytest.approx([0.5, 0.5], abs=1e-3)


def test_row_that_counts_twice_is_two_rows(said):
    scores, y = said
    twice = combine(np.r_[scores, scores[:9]], np.r_[y, y[:9]])
    counted = combine(scores, y, row_weights=np.r_[np.full(9, 2.0), np.ones(111)])
    assert counted.slopes == pytest.approx(twice.slopes, rel=1e-4)


def test_scores_that_separate_the_outcomes_get_finite_weights():
    y = np.repeat([0, 1], 10)
    assert np.isfinite(combine(np.c_[y, y] * 5.0, y, pull=0.0).slopes).all()


@pytest.mark.parametrize("given", [{"method": "vote"}, {"pull": -1.0}])
def test_unknown_ways_are_refused(said, given):
    with pytest.raises(SettingsError):
        combine(*said, **given)
