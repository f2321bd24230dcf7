import json
import os

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.errors import InputError
from radpred.table import read_table, write_table

FEW = settings(deadline=None, max_examples=50)
FRAME = pd.DataFrame(
    {"tumour__original_glcm_Contrast": [1.5, np.nan], "clinical__sex": ["f", None]},
    index=pd.Index(["P1", "P02"], name="case_id"),
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
finite_metadata = st.dictionaries(text, json_values, max_size=4)


def test_table_comes_back_as_it_was_written(tmp_path):
    write_table(FRAME, tmp_path / "t.parquet", metadata={"version": "1"})
    frame, metadata = read_table(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(frame, FRAME)
    assert metadata == {"version": "1"}


def test_ids_stay_text(tmp_path):
    write_table(FRAME, tmp_path / "t.parquet", metadata={})
    assert list(read_table(tmp_path / "t.parquet")[0].index) == ["P1", "P02"]


floats = st.floats(width=64)


@FEW
@given(
    columns=st.dictionaries(text.filter(bool), st.lists(floats, min_size=3, max_size=3), max_size=5)
)
def test_every_number_comes_back_bit_by_bit(tmp_path_factory, columns):
    path = tmp_path_factory.getbasetemp() / "numbers.parquet"
    frame = pd.DataFrame(columns, index=pd.Index(["a", "b", "c"], name="case_id"), dtype=float)
    write_table(frame, path, metadata={})
    back = read_table(path)[0]
    assert list(back.columns) == list(frame.columns)
    np.testing.assert_array_equal(back.to_numpy(), frame.to_numpy(), strict=True)


@FEW
@given(metadata=finite_metadata)
def test_metadata_come_back_or_are_refused_as_no_json(tmp_path_factory, metadata):
    path = tmp_path_factory.getbasetemp() / "metadata.parquet"
    try:
        expected = json.loads(json.dumps(metadata, allow_nan=False))
    except ValueError:
        with pytest.raises(InputError):
            write_table(FRAME, path, metadata=metadata)
        return
    write_table(FRAME, path, metadata=metadata)
    assert read_table(path)[1] == expected


def test_metadata_stand_in_the_file_under_the_packages_name(tmp_path):
    write_table(FRAME, tmp_path / "t.parquet", metadata={"a": 1})
    assert json.loads(pq.read_schema(tmp_path / "t.parquet").metadata[b"radpred"]) == {"a": 1}


def test_table_of_another_tool_has_no_metadata(tmp_path):
    FRAME.to_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet")[1] == {}


def test_equal_tables_are_equal_files(tmp_path):
    for name in ("a", "b"):
        write_table(FRAME, tmp_path / name, metadata={"x": 1, "y": 2})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_missing_folders_are_made(tmp_path):
    write_table(FRAME, tmp_path / "new" / "er" / "t.parquet", metadata={})
    assert (tmp_path / "new" / "er" / "t.parquet").is_file()


def test_write_that_fails_keeps_the_old_table_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    write_table(FRAME, path, metadata={"old": True})

    def full_disk(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_table(FRAME, path, metadata={"old": False})
    assert read_table(path)[1] == {"old": True}
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.parquet"]


def test_table_without_rows_keeps_its_columns(tmp_path):
    write_table(FRAME.iloc[:0], tmp_path / "t.parquet", metadata={})
    back = read_table(tmp_path / "t.parquet")[0]
    assert list(back.columns) == list(FRAME.columns)
    assert back.index.name == "case_id"


@pytest.mark.parametrize(
    ("frame", "metadata"),
    [
        (pd.DataFrame({"a": [1.0, "one"]}), {}),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}),
        (FRAME, {"path": object()}),
        (FRAME, {"value": float("nan")}),
    ],
)
def test_what_a_table_cannot_hold_is_refused(tmp_path, frame, metadata):
    with pytest.raises(InputError) as caught:
        write_table(frame, tmp_path / "t.parquet", metadata=metadata)
    assert caught.value.code == "bad_table"
    assert list(tmp_path.iterdir()) == []


def test_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such table") as caught:
        read_table(tmp_path / "t.parquet")
    assert caught.value.code == "missing_file"


@pytest.mark.parametrize("n_bytes", [0, 3, 200])
def test_table_cut_short_is_refused(tmp_path, n_bytes):
    path = tmp_path / "t.parquet"
    write_table(FRAME, path, metadata={})
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(InputError, match="not a whole Parquet table"):
        read_table(path)
