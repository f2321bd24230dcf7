from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.errors import InputError
from radpred.table import assemble, read_table, write_table


def shard(*cases, value=1.0):
    return pd.DataFrame({"case_id": list(cases), "a": value, "b": np.nan})


def test_rows_of_all_shards_stand_in_order():
    frame = assemble([shard("C2"), shard("C1", "C3")])
    assert list(frame["case_id"]) == ["C2", "C1", "C3"]
    assert list(frame.index) == [0, 1, 2]


def test_shards_may_come_one_by_one():
    assert len(assemble(shard(f"C{i}") for i in range(4))) == 4


@settings(deadline=None, max_examples=40)
@given(cuts=st.lists(st.integers(0, 6), max_size=4).map(sorted))
def test_table_does_not_depend_on_how_it_was_cut(cuts):
    whole = pd.DataFrame(
        {
            "case_id": [f"C{i}" for i in range(6)],
            "number": [1.0, np.nan, 3.0, np.inf, 5.0, 6.0],
            "word": ["x", None, "y", "z", None, "w"],
        }
    )
    edges = [0, *cuts, 6]
    parts = [whole.iloc[a:b] for a, b in pairwise(edges)]
    pd.testing.assert_frame_equal(assemble(parts), whole)


def test_other_order_of_columns_is_put_right():
    frame = assemble([shard("C1"), shard("C2")[["b", "a", "case_id"]]])
    assert list(frame.columns) == ["case_id", "a", "b"]
    assert frame["a"].tolist() == [1.0, 1.0]


def test_lost_and_foreign_columns_are_named():
    with pytest.raises(InputError, match="shard 2 lacks b and has besides c") as caught:
        assemble([shard("C1"), shard("C2").rename(columns={"b": "c"})])
    assert caught.value.code == "other_columns"


def test_column_that_stands_twice_is_refused():
    twice = pd.concat([shard("C2"), shard("C2")[["a"]]], axis=1)
    with pytest.raises(InputError, match="has besides a;"):
        assemble([shard("C1"), twice])
    with pytest.raises(InputError, match="each once"):
        assemble([twice])


@pytest.mark.parametrize("as_index", [False, True])
def test_case_in_two_shards_is_refused_by_name(as_index):
    parts = [shard("C1", "C2"), shard("C3", "C2")]
    if as_index:
        parts = [part.set_index("case_id") for part in parts]
    with pytest.raises(InputError, match="shard 2 holds case C2 again") as caught:
        assemble(parts)
    assert caught.value.code == "duplicate_case"


def test_case_twice_in_one_shard_is_refused():
    with pytest.raises(InputError, match="shard 1 holds case C1 again"):
        assemble([shard("C1", "C1")])


def test_index_of_case_ids_stays():
    frame = assemble([shard("C1").set_index("case_id"), shard("C2").set_index("case_id")])
    assert list(frame.index) == ["C1", "C2"]
    assert frame.index.name == "case_id"


def test_no_shards_are_an_empty_table():
    assert assemble([]).empty


def test_shard_without_values_does_not_change_the_type_of_a_column(tmp_path):
    empty = shard("C2").assign(a=np.nan, word=None)
    full = shard("C1").assign(word="x")
    for name, frame in (("empty", empty), ("full", full)):
        write_table(frame, tmp_path / name, metadata={})
    parts = [read_table(tmp_path / name)[0] for name in ("empty", "full")]
    frame = assemble(parts)
    assert frame["a"].dtype == float
    assert frame["word"].dtype == parts[1]["word"].dtype
    assert frame["word"].isna().tolist() == [True, False]


def test_whole_numbers_and_gaps_are_numbers():
    frame = assemble([shard("C1", value=2), shard("C2", value=np.nan)])
    assert frame["a"].dtype == float


def test_mixed_kinds_keep_their_values():
    frame = assemble([shard("C1", value=True), shard("C2", value=2.5), shard("C3", value="x")])
    assert frame["a"].tolist() == [True, 2.5, "x"]
