"""Gaps and words become numbers by what the training rows held, and by nothing else."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.impute import SimpleImputer

from radpred.errors import InputError
from radpred.model.preparation import Impute


def column(values, **options):
    """Return a table of one column called c."""
    return pd.DataFrame({"c": pd.Series(values, **options)})


def test_numbers_are_filled_like_scikit_learns_median_imputer(rng):
    values = rng.normal(size=(30, 8))
    values[rng.random(values.shape) < 0.3] = np.nan
    ours = Impute().fit(values).transform(values).iloc[:, :8]
    assert np.array_equal(ours, SimpleImputer(strategy="median").fit_transform(values))


def test_new_rows_are_filled_with_the_training_median():
    step = Impute().fit(column([1.0, 2.0, 30.0]))
    assert step.transform(column([np.nan, 5.0]))["c"].tolist() == [2.0, 5.0]


def test_an_infinite_number_counts_as_missing():
    step = Impute().fit(column([1.0, np.inf, 3.0]))
    out = step.transform(column([-np.inf, 7.0]))
    assert out["c"].tolist() == [2.0, 7.0]
    assert out["c__missing"].tolist() == [1.0, 0.0]


def test_a_flag_is_made_only_for_gaps_in_training():
    table = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [1.0, 2.0, 3.0]})
    new = pd.DataFrame({"a": [1.0], "b": [np.nan]})
    out = Impute().fit(table).transform(new)
    assert out.columns.tolist() == ["a", "b", "a__missing"]
    assert out.to_numpy().tolist() == [[1.0, 2.0, 0.0]]


def test_a_column_without_any_training_value_is_dropped():
    table = pd.DataFrame({"a": [np.nan, np.nan], "b": [1.0, 2.0], "w": [None, None]}, dtype=object)
    table["a"], table["b"] = table["a"].astype(float), table["b"].astype(float)
    assert Impute().fit(table).get_feature_names_out().tolist() == ["b"]


def test_words_become_one_column_each():
    out = Impute().fit(column(["x", "y", "z"])).transform(column(["z", "x"]))
    assert out.columns.tolist() == ["c=x", "c=y", "c=z"]
    assert out.to_numpy().tolist() == [[0, 0, 1], [1, 0, 0]]


def test_two_words_become_one_column():
    assert Impute().fit_transform(column(["f", "m", "f"])).to_dict("list") == {"c=m": [0, 1, 0]}


def test_missing_words_become_the_most_frequent_one_and_a_flag():
    out = Impute().fit_transform(column(["m", "f", "m", None], dtype=object))
    assert out.to_dict("list") == {"c=m": [1, 0, 1, 1], "c__missing": [0, 0, 0, 1]}


def test_an_unknown_word_is_none_of_the_known():
    out = Impute().fit(column(["x", "y", "z"])).transform(column(["new"]))
    assert out.to_numpy().tolist() == [[0, 0, 0]]


def test_a_whole_number_read_as_float_is_the_same_word():
    step = Impute().fit(column(["1", "2", "3"], dtype=object))
    assert step.transform(column([2.0, 3.0])).to_numpy().tolist() == [[0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_words_may_come_in_any_dtype(dtype):
    out = Impute().fit_transform(column(["m", "f", None, "m"], dtype=dtype))
    assert out["c=m"].tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize("dtype", ["Float64", "float32", "object"])
def test_numbers_may_come_in_any_dtype_after_training(dtype):
    step = Impute().fit(column([1.0, 2.0, 6.0]))
    assert step.transform(column([4.0, None], dtype=dtype))["c"].tolist() == [4.0, 2.0]


def test_flags_are_numbers():
    assert Impute().fit_transform(column([True, False]))["c"].tolist() == [1.0, 0.0]


def test_words_where_training_had_numbers_are_refused_by_name():
    step = Impute().fit(column([1.0, 2.0]))
    with pytest.raises(InputError, match=r"columns \['c'\] must hold numbers"):
        step.transform(column(["many"]))


def test_an_absent_column_is_refused_by_name():
    with pytest.raises(InputError, match=r"1 of 1 columns.*first \['c'\]"):
        Impute().fit(column([1.0])).transform(pd.DataFrame({"d": [1.0]}))


def test_other_columns_and_another_order_change_nothing():
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    step = Impute().fit(table)
    mixed = table.assign(extra=9.0)[["extra", "b", "a"]]
    assert step.transform(mixed).equals(step.transform(table))


def test_rows_keep_their_names():
    table = column([1.0, 2.0]).set_axis(["case_1", "case_2"])
    assert Impute().fit_transform(table).index.tolist() == ["case_1", "case_2"]


def test_names_are_free_of_what_xgboost_refuses_and_know_their_source():
    table = pd.DataFrame({"age [y]": [1.0, 2.0], "size": ["<5", ">5"]})
    step = Impute().fit(table.replace("<5", "<6"))
    assert step.get_feature_names_out().tolist() == ["age (y)", "size=>5"]
    assert step.sources() == {"age (y)": "age [y]", "size=>5": "size"}


def test_two_columns_out_of_one_name_are_refused():
    with pytest.raises(InputError, match="made twice"):
        Impute().fit(pd.DataFrame({"a(": [1.0], "a[": [1.0], "b]": [1.0], "b)": [1.0]}))


def test_a_restricted_step_makes_the_same_values_from_fewer_columns():
    table = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [1.0, 2.0, np.nan], "w": ["x", "y", "z"]})
    step = Impute().fit(table)
    names = ["b", "w=y", "a__missing"]
    narrow = step.restricted_to(names)
    assert narrow.transform(table).equals(step.transform(table)[names])
    assert narrow.restricted_to(["w=y"]).feature_names_in_.tolist() == ["w"]


def test_the_step_can_be_cloned():
    assert not hasattr(clone(Impute().fit(column([1.0]))), "medians_")
