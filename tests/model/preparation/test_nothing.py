"""Keeping nothing leaves the rows."""

import pandas as pd

from radpred.model.preparation.nothing import KeepNothing


def test_no_column_is_left_and_every_row_is():
    X = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}, index=["one", "two"])
    kept = KeepNothing().fit(X).transform(X)
    assert kept.shape == (2, 0)
    assert kept.index.equals(X.index)


def test_a_table_without_the_columns_of_training_is_enough():
    step = KeepNothing().fit(pd.DataFrame({"a": [1.0]}))
    assert step.transform(pd.DataFrame({"b": [2.0, 3.0]})).shape == (2, 0)
    assert step.restricted_to([]).transform(pd.DataFrame({"b": [2.0]})).shape == (1, 0)
