"""Rows that fit together, and what of them a model learns from and is judged by."""

import numpy as np
import pandas as pd
import pytest

from radpred.errors import InputError
from radpred.model.rows import cohort_of, training_rows

X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}, index=["d", "b", "c", "a"])
WHO = ["p4", "p2", "p3", "p1"]
SOFT = [0.0, 0.25, 0.5, 1.0]  # of d, b, c, a


@pytest.fixture
def soft():
    """Return a cohort in which nobody is sure of b and c."""
    return cohort_of(X, [0, 0, 1, 1], WHO, event_probability=SOFT)


def test_classes_are_codes_in_the_order_of_cases():
    cohort = cohort_of(X, [2, 0, 1, 2], WHO, kind="multiclass", classes=("x", "y", "z"))
    assert cohort.y.tolist() == [2, 0, 1, 2]
    assert cohort.y.dtype == np.intp
    assert cohort.classes == ("x", "y", "z")


def test_measures_are_numbers_in_the_order_of_cases():
    cohort = cohort_of(X, [0.5, -1, 7, 2], WHO, kind="continuous")
    assert cohort.y.tolist() == [2.0, -1.0, 7.0, 0.5]


@pytest.mark.parametrize(
    ("y", "given", "wanted"),
    [
        ([0, 1, 2, 1], {}, "0 or 1"),
        ([0, 1, 2, 3], {"kind": "multiclass", "classes": ("x", "y", "z")}, "codes of 3 classes"),
        ([0, 1, 1.5, 1], {"kind": "multiclass"}, "codes of the classes"),
        ([0, -1, 1, 1], {"kind": "multiclass"}, "codes of the classes"),
        ([0, 1, np.inf, 1], {"kind": "continuous"}, "finite numbers"),
        (["x", "y", "z", "x"], {"kind": "continuous"}, "finite numbers"),
    ],
)
def test_outcome_of_another_kind_is_refused(y, given, wanted):
    with pytest.raises(InputError, match=f"must be {wanted}") as caught:
        cohort_of(X, y, WHO, **given)
    assert caught.value.code == "bad_outcome"


def test_all_rows_are_certain_where_no_label_is_soft():
    assert cohort_of(X, [0, 0, 1, 1], WHO).is_certain.all()


def test_probabilities_follow_their_cases():
    by_case = pd.Series(SOFT, index=X.index).iloc[::-1]
    cohort = cohort_of(X, [0, 0, 1, 1], WHO, event_probability=by_case)
    assert cohort.event_probability.tolist() == [1.0, 0.25, 0.5, 0.0]


def test_soft_rows_judge_no_model(soft):
    assert soft.judging([0, 1, 3]).tolist() == [0, 3]


def test_soft_rows_enter_training_twice_with_weights_that_sum_to_one(soft):
    rows = soft.training([0, 1, 2])
    assert rows.X.index.tolist() == ["a", "b", "b", "c", "c"]
    assert rows.y.tolist() == [1, 0, 1, 0, 1]
    assert rows.weights.tolist() == [1.0, 0.75, 0.25, 0.5, 0.5]
    assert rows.groups.tolist() == ["p1", "p2", "p2", "p3", "p3"]
    assert rows.is_first.tolist() == [True, True, False, True, False]


def test_rows_that_a_draw_repeats_are_doubled_each_time(soft):
    rows = soft.training([1, 1])
    assert rows.weights.tolist() == [0.75, 0.25, 0.75, 0.25]
    assert rows.is_first.tolist() == [True, False, True, False]


def test_certain_rows_train_as_they_are():
    rows = cohort_of(X, [0, 0, 1, 1], WHO).training([2, 0])
    assert rows.X.index.tolist() == ["c", "a"]
    assert rows.y.tolist() == [1, 1]
    assert rows.weights.tolist() == [1.0, 1.0]


def test_doubled_rows_are_known_again_by_their_weights(soft):
    rows = soft.training([0, 1, 2, 3])
    again = training_rows(rows.X, rows.y, rows.groups, rows.weights)
    assert np.array_equal(again.is_first, rows.is_first)
    assert np.array_equal(again.is_certain, rows.is_certain)


@pytest.mark.parametrize(
    ("chances", "given"),
    [
        ([0.0, 0.25, 1.5, 1.0], {}),
        ([1.0, 0.25, 0.5, 1.0], {}),
        ([0.0, 0.25, 0.5, 1.0], {"kind": "continuous"}),
    ],
)
def test_probability_that_is_none_of_the_outcome_is_refused(chances, given):
    with pytest.raises(InputError, match="probabilities of the event"):
        cohort_of(X, [0, 0, 1, 1], WHO, event_probability=chances, **given)
