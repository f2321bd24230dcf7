"""Shards' tables joined one at a time: the file that all rows together would make."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from radpred.errors import InputError
from radpred.table import assemble, read_table, write_table
from radpred.table.stream import cases_of, join_tables


@pytest.fixture
def shards(tmp_path, rng):
    """Return shards of 3, 0, 4 and 2 cases, as `extract` writes them, with some values missing."""
    paths, start = [], 0
    for number, n in enumerate((3, 0, 4, 2)):
        values = rng.normal(size=(n, 5))
        values[values > 1] = np.nan
        frame = pd.DataFrame(values, columns=[f"f{i}" for i in range(5)] if n else None)
        frame.index = [f"C{start + i}" for i in range(n)]
        frame.index = frame.index.astype(str)
        frame.insert(0, "case_id", frame.index)
        if not n:
            frame = frame[["case_id"]]
        start += n
        paths.append(tmp_path / f"{number:04d}.parquet")
        write_table(frame, paths[-1], metadata={"settings": 1})
    return paths


def together(shards):
    """Return the rows of all shards as one table in memory."""
    return assemble(table for path in shards if len(table := read_table(path)[0]))


def test_the_file_is_byte_for_byte_that_of_all_rows_together(shards, tmp_path):
    write_table(together(shards), tmp_path / "whole.parquet", metadata={"a": [1]})
    join_tables(shards, tmp_path / "joined.parquet", metadata={"a": [1]})
    assert (tmp_path / "joined.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


@pytest.mark.parametrize("cells", [1, 6, 12, 19, 53])
def test_groups_of_rows_of_any_size_hold_the_same_values(cells, shards, tmp_path):
    path = tmp_path / "joined.parquet"
    join_tables(shards, path, metadata={"a": 1}, cells=cells)
    table, metadata = read_table(path)
    pd.testing.assert_frame_equal(table, together(shards))
    assert metadata == {"a": 1}
    assert pq.ParquetFile(path).num_row_groups == -(-9 // max(cells // 6, 1))


def test_columns_from_elsewhere_stand_beside_the_rows_that_they_belong_to(shards, tmp_path):
    whole = together(shards).assign(more=range(9))
    beside = pa.table({"more": list(range(9))})
    join_tables(shards, tmp_path / "joined.parquet", metadata={}, beside=beside, cells=10)
    pd.testing.assert_frame_equal(read_table(tmp_path / "joined.parquet")[0], whole)


def test_a_shard_that_holds_nothing_has_no_say_in_the_kind_of_a_column(tmp_path):
    parts = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    write_table(pd.DataFrame(columns=["case_id", "n"]), parts[0], metadata={})
    write_table(pd.DataFrame({"case_id": ["A"], "n": [3]}), parts[1], metadata={})
    join_tables(parts, tmp_path / "joined.parquet", metadata={})
    table = read_table(tmp_path / "joined.parquet")[0]
    assert table["n"].tolist() == [3]
    assert table["n"].dtype.kind == "i"


def test_whole_numbers_of_one_shard_are_numbers_beside_fractions_of_another(tmp_path):
    parts = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    write_table(pd.DataFrame({"n": [1, 2]}), parts[0], metadata={})
    write_table(pd.DataFrame({"n": [0.5]}), parts[1], metadata={})
    join_tables(parts, tmp_path / "joined.parquet", metadata={})
    assert read_table(tmp_path / "joined.parquet")[0]["n"].tolist() == [1.0, 2.0, 0.5]


def test_tables_without_a_row_make_a_table_without_a_row(tmp_path):
    empty = pd.DataFrame({"case_id": pd.Series([], dtype=str), "x": pd.Series([], dtype=float)})
    write_table(empty, tmp_path / "0.parquet", metadata={})
    join_tables([tmp_path / "0.parquet"] * 2, tmp_path / "joined.parquet", metadata={})
    found = read_table(tmp_path / "joined.parquet")[0]
    assert list(found.columns) == ["case_id", "x"]
    assert found.empty


def test_cases_come_in_the_order_of_the_shards(shards):
    assert cases_of(shards) == [f"C{i}" for i in range(9)]


def test_a_case_in_two_shards_is_refused_by_name(shards):
    with pytest.raises(InputError, match="holds case C0 again"):
        cases_of([*shards, shards[0]])


def test_a_shard_with_other_columns_is_refused(shards, tmp_path):
    write_table(pd.DataFrame({"case_id": ["X"], "g": [1.0]}), tmp_path / "9.parquet", metadata={})
    with pytest.raises(InputError, match="lacks f0, f1"):
        cases_of([*shards, tmp_path / "9.parquet"])


def test_a_file_that_is_cut_short_is_named(shards):
    shards[2].write_bytes(shards[2].read_bytes()[:-20])
    with pytest.raises(InputError, match=r"0002\.parquet: not a whole Parquet table"):
        cases_of(shards)
