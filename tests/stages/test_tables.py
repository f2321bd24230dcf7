"""Tables of other features, checked at the door of a study."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from faulty_study import written

from radpred.config import read_study
from radpred.errors import InputError, LeakageError, SettingsError
from radpred.stages.inputs.tables import hashes_of, read_external, tables_named
from radpred.stages.prepare import judge
from radpred.stages.train import models_of


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


@pytest.fixture
def alone(tmp_path):
    """Return what writes a study of two cases without files, and a table of features."""

    def write(features=None, **settings):
        cases = pd.DataFrame({"case_id": ["C0", "C1"], "patient_id": ["P0", "P1"]})
        cases.to_csv(tmp_path / "cases.csv", index=False)
        outcome = pd.DataFrame({"patient_id": ["P0", "P1"], "event": [0, 1]})
        outcome.to_csv(tmp_path / "outcome.csv", index=False)
        if features is None:
            features = {"case_id": ["C0", "C1"], "vol": [3.0, 4.0], "e": [1.0, 2.0]}
        pd.DataFrame(features).to_csv(tmp_path / "f.csv", index=False)
        study = {"name": "alone", "outcome": {"column": "event"}, "tables": {"deep": "f.csv"}}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump({**study, **settings}))
        return read_study(tmp_path / "study.yaml")

    return write


def test_cases_of_tables_alone_are_judged_by_their_rows(alone):
    cases, verdicts = judge(alone(features={"patient_id": ["P1"], "e": [2.0]}))
    assert [case.case_id for case in cases] == ["C1"]
    assert [(v.case_id, v.code) for v in verdicts if v.status == "rejected"] == [("C0", "no_row")]


def test_an_outcome_among_the_features_is_refused(alone):
    with pytest.raises(LeakageError, match="told the answer"):
        judge(alone(features={"case_id": ["C0", "C1"], "event": [0, 1], "e": [1.0, 2.0]}))


def test_the_volume_must_be_the_column_of_a_table(alone):
    assert len(judge(alone(volume_column="vol"))[0]) == 2
    with pytest.raises(SettingsError, match="0 of the tables deep hold a column 'volume'"):
        judge(alone(volume_column="volume"))


def test_a_volume_without_tables_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="volume_column"):
        read_study(written(tmp_path, volume_column="vol"))


@pytest.mark.parametrize("asked", [{"perturbation": {"growth_mm": 1}}, {"habitats": {}}])
def test_what_needs_images_is_refused_of_tables_alone(asked, alone):
    with pytest.raises(SettingsError, match="needs images and masks"):
        judge(alone(**asked))


@pytest.mark.parametrize(
    ("column", "beside"),
    [
        ("deep__table_external_e", ()),
        ("deep__table_shape_MeshVolume", ("volume",)),
        ("tumour__original_shape_MeshVolume", ("volume",)),
        ("ring_0_4mm__original_shape_MeshVolume", ()),
        ("clinical__age", ("clinical",)),
    ],
)
def test_a_baseline_stands_beside_where_a_column_allows_it(column, beside, alone):
    study = alone()
    assert models_of(study, [column]) == (*study.learning.models, *beside, "naive")
