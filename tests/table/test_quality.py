import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.table import quality

FRAME = pd.DataFrame(
    {
        "varied": [1.0, 2.0, 2.0, 3.0],
        "constant": [5.0, 5.0, np.nan, 5.0],
        "empty": [np.nan] * 4,
        "infinite": [np.inf, -np.inf, 0.0, 1.0],
        "word": ["a", "b", "b", None],
    }
)


def test_one_row_describes_each_column_in_order():
    assert list(quality(FRAME).index) == list(FRAME.columns)


def test_missing_values_are_counted():
    assert quality(FRAME)["n_missing"].tolist() == [0, 1, 4, 0, 1]
    assert quality(FRAME)["missing_share"].tolist() == [0.0, 0.25, 1.0, 0.0, 0.25]


def test_columns_with_fewer_than_two_values_are_constant():
    assert quality(FRAME)["is_constant"].tolist() == [False, True, True, False, False]


def test_distinct_values_are_counted_among_those_held():
    assert quality(FRAME)["n_distinct"].tolist() == [3, 1, 0, 4, 2]
    assert quality(FRAME).loc["word", "distinct_share"] == pytest.approx(2 / 3)


def test_largest_share_is_that_of_the_most_frequent_value():
    assert quality(FRAME).loc["varied", "largest_share"] == 0.5
    assert quality(FRAME).loc["constant", "largest_share"] == 1.0


def test_shares_of_nothing_are_nan():
    assert quality(FRAME).loc["empty", ["distinct_share", "largest_share"]].isna().all()
    assert quality(FRAME.iloc[:0])["missing_share"].isna().all()


def test_infinite_values_are_counted_and_not_missing():
    assert quality(FRAME)["n_infinite"].tolist() == [0, 0, 0, 2, 0]
    assert quality(FRAME).loc["infinite", "n_missing"] == 0


def test_table_without_columns_has_an_empty_description():
    assert quality(pd.DataFrame()).shape == (0, 7)


@settings(deadline=None, max_examples=40)
@given(values=st.lists(st.sampled_from([0.0, 1.0, 2.0, np.nan]), min_size=1, max_size=12))
def test_order_of_rows_does_not_matter(values):
    forward, backward = (quality(pd.DataFrame({"a": v})) for v in (values, values[::-1]))
    pd.testing.assert_frame_equal(forward, backward)
