"""Both engines on one's own cases, and two tables of features that lie on a disk."""

from __future__ import annotations

import pandas as pd
import pytest

from radpred.errors import InputError, SettingsError
from radpred.pipeline.demo import make_cohort
from radpred.stages.commands.compare import (
    check_names,
    of_cases,
    of_lesion,
    of_tables,
    save_picture,
)
from radpred.stages.commands.features import of_cases as extracted
from radpred.stages.commands.features import save


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a made cohort of four patients, and its features as two tables."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, n_patients=4, seed=6)
    found = extracted(folder / "cases.csv")
    for name in ("a.csv", "b.parquet"):
        save(found.table, folder / name)
    return folder


@pytest.fixture(scope="module")
def both(folder):
    """Return both engines on the cohort."""
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    settings = folder / "settings.yaml"
    settings.write_text(
        "bin_width: 10\nminimum_grey_levels: 30\n"
        "filters: [{kind: original}, {kind: wavelet, bin_width: 5}]\n"
    )
    return of_cases(folder / "cases.csv", settings=settings)


def changed(folder, change):
    """Return a copy of a table with one thing changed."""
    table = pd.read_parquet(folder / "b.parquet")
    change(table)
    save(table, folder / "changed.parquet")
    return folder / "changed.parquet"


def test_the_same_features_as_csv_and_as_parquet_are_equal(folder):
    found = of_tables(folder / "a.csv", folder / "b.parquet")
    assert found.names == ("a.csv", "b.parquet")
    assert set(found.rows["state"]) == {"equal"}
    assert found.verdict.startswith("equal: all")
    assert found.unexplained.empty


def test_a_value_that_changed_is_named(folder):
    def change(table):
        table.loc[1, "tumour__original_glcm_Idm"] *= 1.01

    found = of_tables(folder / "a.csv", changed(folder, change))
    assert found.unexplained["column"].tolist() == ["tumour__original_glcm_Idm"]
    assert found.verdict.startswith("different: 1 of")
    assert "glcm Idm" in found.folded[0]["worst"]


def test_reasons_that_lie_beside_a_table_are_read(folder, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("minimum_grey_levels: 1000\n")
    few = extracted(folder / "cases.csv", settings=settings)
    save(few.table, tmp_path / "few.csv")
    save(few.reasons, tmp_path / "few.reasons.csv")
    found = of_tables(tmp_path / "few.csv", folder / "b.parquet")
    assert [(side, why) for side, why, _, _ in found.missing] == [
        ("few.csv", "too_few_grey_levels")
    ]
    assert found.unexplained.empty


@pytest.mark.parametrize("case_id", ["007", "NA", "1e3"])
def test_an_id_in_csv_stays_the_text_that_it_is(tmp_path, case_id):
    table = pd.DataFrame({"case_id": [case_id], "tumour__original_glcm_Idm": [0.5]})
    save(table, tmp_path / "a.csv")
    save(table, tmp_path / "b.parquet")
    found = of_tables(tmp_path / "a.csv", tmp_path / "b.parquet")
    assert found.rows[["case_id", "state"]].values.tolist() == [[case_id, "equal"]]


def test_tables_of_one_name_are_told_apart_by_their_folders(folder, tmp_path):
    save(pd.read_parquet(folder / "b.parquet"), tmp_path / "b.parquet")
    found = of_tables(folder / "b.parquet", tmp_path / "b.parquet")
    assert found.names == (str(folder / "b.parquet"), str(tmp_path / "b.parquet"))


def test_both_engines_agree_on_every_value_that_both_give(both):
    assert both.unexplained.empty
    assert (both.rows["state"] == "equal").sum() > 500
    assert both.names[1].startswith("PyRadiomics 3")


def test_what_one_engine_lacks_has_a_reason(both):
    alone = both.rows[both.rows["state"] == "only_b"]
    assert set(alone["reason_a"]) == {"too_few_grey_levels"}


def test_each_engine_was_timed(both):
    assert all(seconds > 0 for seconds in both.seconds)


def test_every_case_has_a_verdict(both, folder):
    assert len(both.verdicts) == len(pd.read_csv(folder / "cases.csv"))


def test_a_lesion_alone_is_compared_as_in_a_table(folder, both):
    case = pd.read_csv(folder / "cases.csv").iloc[0]
    paths = folder / case["image"], folder / case["mask"]
    alone = of_lesion(*paths, settings=folder / "settings.yaml").rows
    table = both.rows[both.rows["case_id"] == case["case_id"]]
    assert alone["a"].tolist() == pytest.approx(table["a"].tolist(), nan_ok=True)
    assert alone["b"].tolist() == pytest.approx(table["b"].tolist(), nan_ok=True)


def test_an_engine_that_refuses_a_case_leaves_the_other_one_s_values(folder, tmp_path):
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    settings = tmp_path / "settings.yaml"
    settings.write_text("minimum_voxels: 1000000\nfamilies: [firstorder]\n")
    found = of_cases(folder / "cases.csv", settings=settings)
    assert set(found.rows["reason_a"]) == {"too_small"}
    assert set(found.rows["reason_b"]) == {"pyradiomics_refused"}


def test_settings_that_pyradiomics_cannot_follow_are_refused_before_any_work(folder, tmp_path):
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    settings = tmp_path / "settings.yaml"
    settings.write_text("resample_mm: [1, 1, 1]\nmask_interpolator: linear\n")
    with pytest.raises(SettingsError, match="mask_interpolator"):
        of_cases(folder / "cases.csv", settings=settings)


@pytest.mark.parametrize("name", ["page.html", "picture.png", "drawing.svg"])
def test_a_comparison_is_written_as_a_picture(folder, tmp_path, name):
    save_picture(of_tables(folder / "a.csv", folder / "b.parquet"), tmp_path / name)
    start = (tmp_path / name).read_bytes()[:100]
    assert start.startswith((b"<!DOCTYPE html>", b"\x89PNG", b"<?xml"))


def test_a_name_that_nothing_can_be_written_under_is_refused_before_any_work(tmp_path):
    with pytest.raises(InputError, match=r"\.parquet, \.csv"):
        check_names(tmp_path / "values.xlsx", None)
    with pytest.raises(InputError, match=r"\.html, \.png"):
        check_names(None, tmp_path / "picture.jpg")


@pytest.mark.parametrize(
    ("name", "said"), [("gone.csv", "no such table"), ("values.txt", r"\.parquet or \.csv")]
)
def test_a_table_that_cannot_be_read_says_why(folder, name, said):
    with pytest.raises(InputError, match=said):
        of_tables(folder / name, folder / "b.parquet")
