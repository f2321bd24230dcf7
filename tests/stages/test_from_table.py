"""One table that holds everything becomes a study."""

from __future__ import annotations

import pandas as pd
import pytest

from radpred.config import read_study
from radpred.errors import InputError
from radpred.stages.commands.from_table import write_table_study
from radpred.stages.prepare import judge


@pytest.fixture
def table(tmp_path):
    """Write a table of four patients; return its path."""
    frame = pd.DataFrame(
        {
            "ID": ["07", "8", "9", "10"],
            "r_-1-11": [1, 2, 3, 4],
            "r_-1-1-1": [2, 2, 3, 5],
            "age": [60, 70, 50, 55],
            "centre": list("abab"),
            "empty": ["", "", "", ""],
            "Target": [0, 1, 0, 1],
        }
    )
    path = tmp_path / "all.csv"
    frame.to_csv(path, index=False)
    return path


def test_the_study_can_be_judged_as_it_is(table, tmp_path):
    write_table_study(tmp_path / "study.yaml", table, column="Target", clinical=["age"])
    study = read_study(tmp_path / "study.yaml")
    cases, verdicts = judge(study)
    assert [case.patient_id for case in cases] == ["07", "8", "9", "10"]
    assert {verdict.status for verdict in verdicts} == {"accepted"}
    assert study.outcome.clinical == ("age",)


def test_only_numbers_that_are_neither_outcome_nor_clinical_are_features(table, tmp_path):
    write_table_study(tmp_path / "study.yaml", table, column="Target", clinical=["age"])
    features = pd.read_parquet(tmp_path / "features.parquet")
    assert features.columns.tolist() == ["r_-1-11", "r_-1-1-1", "case_id"]


def test_lesions_of_a_patient_have_outcomes_of_their_own(tmp_path):
    rows = {"case_id": ["A1", "A2", "B1"], "patient_id": ["A", "A", "B"], "f": [1.0, 2.0, 3.0]}
    pd.DataFrame({**rows, "y": [0, 1, 1]}).to_csv(tmp_path / "all.csv", index=False)
    write_table_study(tmp_path / "study.yaml", tmp_path / "all.csv", column="y")
    study = read_study(tmp_path / "study.yaml")
    assert study.outcome.by == "case"
    assert [case.patient_id for case in judge(study)[0]] == ["A", "A", "B"]


def test_nothing_is_overwritten_unless_asked(table, tmp_path):
    (tmp_path / "cases.csv").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        write_table_study(tmp_path / "study.yaml", table, column="Target")
    write_table_study(tmp_path / "study.yaml", table, column="Target", force=True)
    assert (tmp_path / "cases.csv").read_text() != "mine"


def test_a_column_that_is_not_there_is_told(table, tmp_path):
    with pytest.raises(InputError, match="no column event"):
        write_table_study(tmp_path / "study.yaml", table, column="event")
