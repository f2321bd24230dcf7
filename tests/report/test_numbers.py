"""Numbers are written one way, and their absence is written too."""

import math

import pytest

from radpred.report.words.numbers import (
    Interval,
    bounds,
    interval,
    listed,
    number,
    percent,
    read_interval,
    share_interval,
    signed,
)

CI = {"value": 0.7812, "low": 0.7, "high": 0.8649}


def test_an_interval_is_written_with_two_decimals_and_to():
    assert interval(CI) == "0.78 (0.70 to 0.86)"


@pytest.mark.parametrize("absent", [None, math.nan, math.inf, "0.5"])
def test_a_value_that_is_no_finite_number_is_not_available(absent):
    assert number(absent) == "not available"
    assert percent(absent) == "not available"
    assert interval({**CI, "value": absent}) == "not available"


def test_a_value_without_bounds_says_that_the_interval_is_missing():
    assert interval({"value": 0.5, "low": None, "high": None}) == ("0.50 (interval not available)")


def test_negative_numbers_carry_a_true_minus():
    assert number(-0.456) == "\u22120.46"


def test_what_rounds_to_zero_has_no_sign():
    assert number(-0.001) == "0.00"
    assert signed(0.001) == "0.00"


def test_differences_show_their_sign():
    assert signed(0.123) == "+0.12"
    assert signed(-0.123) == "\u22120.12"


def test_the_per_cent_sign_never_leaves_its_number():
    assert percent(0.905) == "90\u00a0%" or percent(0.905) == "91\u00a0%"
    assert " " not in percent(0.5)


def test_a_share_shows_its_interval_in_per_cent():
    shown = share_interval({"value": 0.9, "low": 0.8, "high": 1.0})
    assert shown == "90\u00a0% (80\u00a0% to 100\u00a0%)"


@pytest.mark.parametrize(("low", "high", "excludes"), [(0.1, 0.3, True), (0.0, 0.3, False)])
def test_an_interval_that_touches_a_value_does_not_exclude_it(low, high, excludes):
    assert Interval(value=0.2, low=low, high=high).excludes(0.0) is excludes


def test_an_interval_without_bounds_excludes_nothing():
    assert not Interval(value=0.9).excludes(0.5)


def test_the_note_of_a_number_is_kept():
    assert read_interval({"value": None, "note": "one class only"}).note == "one class only"


def test_bounds_alone_are_written_like_in_an_interval():
    assert bounds(read_interval(CI)) == "0.70 to 0.86"


@pytest.mark.parametrize(("words", "sentence"), [([], ""), (["a"], "a"), (["a", "b"], "a and b")])
def test_words_are_joined_as_in_a_sentence(words, sentence):
    assert listed(words) == sentence
