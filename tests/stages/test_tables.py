"""Tables of other features, checked at the door of a study."""

from __future__ import annotations

import pandas as pd
import pytest
from faulty_study import written

from radpred.config import read_study
from radpred.errors import InputError, SettingsError
from radpred.stages.prepare import judge
from radpred.stages.tables import hashes_of, read_external, tables_named


@pytest.fixture
def deep(tmp_path):
    """Write a table of two features for the two cases of a small study; return its path."""
    table = pd.DataFrame({"case_id": ["C0", "C1"], "e_0": [0.5, 1.5], "e_1": [1, 2]})
    table.to_csv(tmp_path / "deep.csv", index=False)
    return tmp_path / "deep.csv"


def test_csv_and_parquet_give_the_same_columns(deep):
    pd.read_csv(deep).to_parquet(deep.with_suffix(".parquet"))
    pd.read_csv(deep).set_index("case_id").to_parquet(deep.with_name("by_index.parquet"))
    first = read_external(deep, name="deep")
    for name in ("deep.parquet", "by_index.parquet"):
        pd.testing.assert_frame_equal(read_external(deep.with_name(name), name="deep"), first)


def test_a_table_that_fits_no_case_is_told_before_any_work(deep, tmp_path):
    pd.DataFrame({"case_id": ["X"], "e": [1.0]}).to_csv(deep, index=False)
    study = read_study(written(tmp_path, tables={"deep": "deep.csv"}))
    with pytest.raises(InputError, match="none of 2 cases has a row"):
        judge(study)


def test_a_missing_table_is_told_before_any_work(tmp_path):
    study = read_study(written(tmp_path, tables={"deep": "nowhere.csv"}))
    with pytest.raises(InputError, match="no such table"):
        judge(study)


@pytest.mark.parametrize("regions", [["tumour"], ["ring_0_4mm", "deep"], None])
def test_regions_to_learn_from_may_be_any_that_are_measured_or_named(regions, deep, tmp_path):
    settings = {"tables": {"deep": "deep.csv"}, "regions": {"rings_mm": [4]}}
    study = read_study(written(tmp_path, learning={"regions": regions}, **settings))
    assert len(judge(study)[0]) == 2


@pytest.mark.parametrize("region", ["ring_0_8mm", "deep", "clinical"])
def test_a_region_that_nothing_fills_is_told_with_those_that_are(region, tmp_path):
    study = read_study(written(tmp_path, learning={"regions": [region]}))
    with pytest.raises(SettingsError, match=f"nothing is called {region}; this study measures tum"):
        judge(study)


@pytest.mark.parametrize("name", ["tumour", "ring_0_8mm", "clinical", "a__b", "a b"])
def test_a_table_cannot_take_the_name_of_a_region(name, tmp_path):
    with pytest.raises(SettingsError, match="a table cannot be called"):
        read_study(written(tmp_path, tables={name: "deep.csv"}))


def test_a_study_that_leaves_the_machine_names_tables_without_their_folders(deep, tmp_path):
    study = read_study(written(tmp_path, tables={"deep": "deep.csv"}))
    assert study.tables["deep"] == deep
    assert str(study.portable().tables["deep"]) == "deep.csv"
    assert len(hashes_of(study)["deep"]) == 64


def test_a_model_gets_just_the_tables_that_it_takes(deep):
    assert tables_named({"deep": deep}, ("deep",)) == {"deep": deep}
    for given, wanted in (({}, ("deep",)), ({"other": deep}, ())):
        with pytest.raises(InputError, match="--table NAME=FILE"):
            tables_named(given, wanted)
