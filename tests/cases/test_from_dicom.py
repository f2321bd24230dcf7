"""Case 19: a structure set that points to a series which is not there is its patient's affair."""

from __future__ import annotations

import pytest
from dicom_cohort import disc, made_uid, write_drawing, write_patient, write_scan
from typer.testing import CliRunner

from radpred.cli import app
from radpred.stages.commands.features import of_cases
from radpred.stages.commands.from_dicom import write_dicom_cases


@pytest.fixture
def three_patients(tmp_path):
    """Return a folder of three patients; the second one's structures are on another series."""
    folder = tmp_path / "dicom"
    write_patient(folder, "anna")
    write_scan(folder / "bert" / "ct", "bert")
    write_drawing(folder / "bert", "bert", {"GTV": disc()}, on="nothing")
    write_patient(folder, "carl")
    return folder


def test_a_structure_set_on_a_series_that_is_not_there_rejects_its_patient_alone(three_patients):
    written = write_dicom_cases(three_patients, three_patients.parent / "cases.csv")
    assert len(written.table) == 2
    [verdict] = written.verdicts[written.verdicts["status"] == "rejected"].to_dict("records")
    assert verdict["code"] == "reference_missing"
    assert made_uid("bert nothing") in verdict["came"]
    assert verdict["todo"] == "add that series, or remove the file"


def test_the_uid_that_is_missing_is_told_in_the_terminal_and_beside_the_table(three_patients):
    table = three_patients.parent / "cases.csv"
    done = CliRunner().invoke(app, ["cases", "from-dicom", str(three_patients), "-o", str(table)])
    assert done.exit_code == 0
    shown = "".join(done.output.split())
    assert made_uid("bert nothing") in shown
    assert "wrote2case(s)of2patient(s)" in shown
    assert made_uid("bert nothing") in table.with_name("cases.verdicts.csv").read_text()


def test_the_other_patients_are_measured(three_patients):
    write_dicom_cases(three_patients, three_patients.parent / "cases.csv")
    found = of_cases(three_patients.parent / "cases.csv")
    assert len(found.table) == 2
    assert found.table["tumour__original_shape_VoxelVolume"].notna().all()
