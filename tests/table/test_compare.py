"""Two tables of features: what is equal, what differs, and what only one of them has."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from radpred.errors import InputError
from radpred.table.compare import compare_tables, summarise, unexplained

MEAN = "tumour__original_firstorder_Mean"
IDM = "tumour__original_glcm_Idm"
BAND = "tumour__wavelet-HHH_glcm_Idm"


def table(*cases, **columns):
    """Return a table of features."""
    return pd.DataFrame({"case_id": list(cases), **columns})


def why(case, column, reason):
    """Return a table with one reason."""
    return pd.DataFrame({"case_id": [case], "column": [column], "reason": [reason]})


def one(a, b, **options):
    """Return the row of one value on each side."""
    rows = compare_tables(table("p1", **{MEAN: [a]}), table("p1", **{MEAN: [b]}), **options)
    return rows.iloc[0]


@pytest.mark.parametrize(
    ("a", "b", "state"),
    [
        (2.0, 2.0, "equal"),
        (2.0, 2.0 + 1.9e-6, "equal"),
        (2.0, 2.0 + 2.1e-6, "differs"),
        (1e-8, 1.001e-8, "differs"),
        (3e-17, -2e-16, "equal"),
        (0.0, 1e-9, "differs"),
        (-1.0, 1.0, "differs"),
        (math.inf, math.inf, "equal"),
        (math.inf, 1.0, "differs"),
        (1.0, math.nan, "only_a"),
        (math.nan, 1.0, "only_b"),
        (math.nan, math.nan, "neither"),
    ],
)
def test_a_pair_of_values_has_one_state(a, b, state):
    assert one(a, b)["state"] == state
    mirrored = {"only_a": "only_b", "only_b": "only_a"}.get(state, state)
    assert one(b, a)["state"] == mirrored


def test_a_difference_is_a_part_of_the_larger_value():
    assert one(-4.0, -5.0)["relative_difference"] == pytest.approx(0.2)


def test_the_tolerance_is_the_caller_s():
    assert one(1.0, 1.01, tolerance=0.02)["state"] == "equal"


def test_every_feature_of_every_case_has_a_row():
    a = table("p1", "p2", **{MEAN: [1.0, 2.0], IDM: [3.0, 4.0]})
    rows = compare_tables(a, a)
    assert rows[["case_id", "column"]].values.tolist() == [
        ["p1", MEAN], ["p1", IDM], ["p2", MEAN], ["p2", IDM],
    ]  # fmt: skip


def test_cases_and_columns_are_matched_by_name_and_not_by_place():
    a = table("p1", "p2", **{MEAN: [1.0, 2.0], IDM: [3.0, 4.0]})
    b = table("p2", "p1", **{IDM: [4.0, 3.0], MEAN: [2.0, 1.0]})
    assert (compare_tables(a, b)["state"] == "equal").all()


def test_a_case_or_a_column_of_one_table_alone_is_said_to_be_so():
    a, b = table("p1", **{MEAN: [1.0]}), table("p1", "p2", **{MEAN: [1.0, 2.0], IDM: [3.0, 4.0]})
    rows = compare_tables(a, b).set_index(["case_id", "column"])
    assert rows.loc[("p2", MEAN), "reason_a"] == "no_such_case"
    assert rows.loc[("p1", IDM), "reason_a"] == "no_such_column"
    assert set(rows["reason_b"]) == {""}


def test_a_missing_value_keeps_its_reason():
    a, b = table("p1", **{IDM: [math.nan]}), table("p1", **{IDM: [1.0]})
    rows = compare_tables(a, b, reasons_a=why("p1", IDM, "flat"))
    assert rows.iloc[0]["reason_a"] == "flat"
    assert unexplained(rows).empty


def test_a_value_missing_without_a_reason_makes_tables_differ():
    a, b = table("p1", **{IDM: [math.nan]}), table("p1", **{IDM: [1.0]})
    assert len(unexplained(compare_tables(a, b))) == 1
    assert len(unexplained(compare_tables(b, a))) == 1


def test_columns_of_words_are_left_out():
    a = table("p1", **{MEAN: [1.0], "site": ["here"]})
    assert compare_tables(a, a)["column"].tolist() == [MEAN]


def test_a_summary_counts_by_image_and_family_and_names_the_worst():
    a = table("p1", "p2", **{MEAN: [1.0, 1.0], IDM: [1.0, 1.0], BAND: [1.0, math.nan]})
    b = table("p1", "p2", **{MEAN: [1.0, 1.0], IDM: [1.1, 1.4], BAND: [1.0, 1.0]})
    found = summarise(compare_tables(a, b)).set_index(["image", "family"])
    assert found[["n", "equal", "differs", "only_b"]].values.tolist() == [
        [2, 2, 0, 0], [2, 0, 2, 0], [2, 1, 0, 1],
    ]  # fmt: skip
    worst = found.loc[("original", "glcm")]
    assert (worst["case_id"], worst["a"], worst["b"]) == ("p2", 1.0, 1.4)


def test_a_column_that_is_no_feature_is_counted_as_other():
    a = table("p1", age=[40])
    assert summarise(compare_tables(a, a))["family"].tolist() == ["other"]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (table("p1", **{MEAN: [1.0]}), table("p2", **{MEAN: [1.0]}), "share no case"),
        (table("p1", **{MEAN: [1.0]}), table("p1", **{IDM: [1.0]}), "share no column"),
        (table("p1", "p1", **{MEAN: [1.0, 1.0]}), table("p1", **{MEAN: [1.0]}), "p1 twice"),
        (pd.DataFrame({MEAN: [1.0]}), table("p1", **{MEAN: [1.0]}), "no column case_id"),
    ],
)
def test_tables_that_cannot_be_compared_are_refused(a, b, said):
    with pytest.raises(InputError, match=said):
        compare_tables(a, b)


def test_the_tables_that_come_are_left_as_they_are():
    a = pd.DataFrame({MEAN: [1.0]}, index=pd.Index([7], name="case_id"))
    compare_tables(a, a)
    assert a.index.dtype == np.int64
