"""Tests of differences: against closed forms, and Holm against statsmodels' published example."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radpred.evaluate.paired import holm, two_sided_p


def test_nothing_differs_gives_one():
    assert two_sided_p(np.zeros(101)) == 1.0


def test_the_smallest_p_is_bounded_by_the_number_of_draws():
    assert two_sided_p(np.ones(1000)) == pytest.approx(2 / 1000)


def test_p_is_twice_the_share_on_the_smaller_side():
    draws = np.r_[0.5, -np.ones(4), np.ones(95)]
    assert two_sided_p(draws) == pytest.approx(2 * 5 / 100)


def test_a_turned_difference_has_the_same_p(rng):
    draws = rng.normal(0.4, 1.0, 500)
    assert two_sided_p(draws) == two_sided_p(-draws)


def test_p_of_normal_draws_is_that_of_the_normal_test(rng):
    draws = np.r_[1.5, rng.normal(1.5, 1.0, 200_000)]
    assert two_sided_p(draws) == pytest.approx(0.1336, abs=0.004)  # 2 (1 - Phi(1.5))


def test_too_few_defined_draws_give_none():
    assert np.isnan(two_sided_p(np.r_[0.1, np.full(60, np.nan), np.ones(40)]))


def test_holm_multiplies_by_the_number_that_is_left():
    # Holm 1979: the smallest of m times m, the next times m - 1, never falling.
    np.testing.assert_allclose(holm([0.03, 0.005, 0.02, 0.9]), [0.06, 0.02, 0.06, 0.9])


def test_holm_leaves_tests_out_that_were_not_made():
    found = holm([0.01, np.nan, 0.04])
    np.testing.assert_allclose(found, [0.02, np.nan, 0.04])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_lies_between_p_and_bonferroni(p):
    p = np.array(p)
    found = holm(p)
    assert (found >= p - 1e-15).all()
    assert (found <= np.minimum(1, len(p) * p) + 1e-15).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()
