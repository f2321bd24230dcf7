"""`radpred cases from-dicom` and `radpred extract --lesions` at the command line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from dicom_cohort import disc, write_drawing, write_patient, write_scan
from typer.testing import CliRunner

from radpred.cli import app


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a command in an empty folder and gives its exit code."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words)).exit_code


def test_a_folder_becomes_a_table_by_one_command(run, tmp_path):
    write_patient(tmp_path / "dicom", "anna", structures={"GTV": disc(), "Lung": disc()})
    assert run("cases", "from-dicom", "dicom", "--structure", "gtv*", "--key", "key.csv") == 0
    assert list(pd.read_csv("cases.csv")["mask_label"]) == ["GTV"]
    assert list(pd.read_csv("key.csv")["dicom_patient_id"]) == ["anna"]


def test_options_choose_among_scans(run, tmp_path):
    own = write_patient(tmp_path / "dicom", "anna")
    write_scan(own / "mr", "anna", "MR")
    write_drawing(own, "anna", {"GTV": disc()}, on="MR", name="mr.dcm")
    assert run("cases", "from-dicom", "dicom", "--drawn-only", "-o", "drawn.csv") == 0
    assert set(pd.read_csv("drawn.csv")["image"]) == {"dicom/anna/ct", "dicom/anna/mr"}
    assert run("cases", "from-dicom", "dicom", "--modality", "MR", "-o", "mr.csv") == 0
    assert set(pd.read_csv("mr.csv")["image"]) == {"dicom/anna/mr"}


def test_a_folder_without_a_case_ends_with_an_error(run, tmp_path):
    write_scan(tmp_path / "dicom", "anna")
    assert run("cases", "from-dicom", "dicom") == 1


def test_extract_takes_a_policy_for_several_lesions(run, tmp_path):
    voxels = np.zeros((6, 20, 20), dtype=np.uint8)
    voxels[2:5, 2:8, 2:8], voxels[2:5, 12:17, 12:17] = 1, 2
    image = np.random.default_rng(0).normal(100, 30, voxels.shape)
    np.savez("case.npz", image=image, mask=voxels, spacing=[1, 1, 1])
    (tmp_path / "cases.csv").write_text("case_id,patient_id,image,mask\nA,A,case.npz,case.npz\n")
    assert run("extract", "--cases", "cases.csv", "--lesions", "rows", "-o", "found.csv") == 0
    assert list(pd.read_csv("found.csv")["case_id"]) == ["A:1", "A:2"]
