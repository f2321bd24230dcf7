"""A prediction on DICOM images leaves the lesion and a report as DICOM."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from dicom_files import write_series
from numpy.testing import assert_array_equal
from pydicom import dcmread
from structure_files import circle, write_structures
from typer.testing import CliRunner

from radpred.cli import app
from radpred.config import StudySettings
from radpred.deploy import Bundle, write_bundle
from radpred.deploy.bundle import reference_of
from radpred.errors import RadpredWarning
from radpred.image import Grid
from radpred.io import place_on, read_image, read_mask, write_image, write_mask
from radpred.model import Search, fit_all
from radpred.pipeline.measuring.measure import study_columns
from radpred.stages.commands.predict import predict

GRID = Grid(shape=(8, 24, 24), spacing=(3.0, 1.0, 1.0), origin=(-12.3, -11.8, -12.0))
STUDY = {
    "name": "made",
    "outcome": {"column": "event"},
    "extraction": {"families": ["firstorder", "shape"]},
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Return a model of random features."""
    rng = np.random.default_rng(8)
    study = StudySettings.model_validate(STUDY)
    columns = study_columns(study, [""])
    y, groups = np.arange(40) % 2, np.array([f"p{i}" for i in range(40)])
    index = pd.Index([f"c{i}" for i in range(40)], name="case_id")
    X = pd.DataFrame(rng.normal(size=(40, len(columns))), columns=list(columns), index=index)
    X.iloc[:, 0] += y
    search = Search(n_inner_folds=3, n_features=(4,))
    fitted = fit_all(("elastic_net",), X, y, groups=groups, search=search)["elastic_net"]
    told = {"modalities": ("",), "reference": reference_of(X), "record": {}}
    bundle = Bundle(fitted=fitted, study=study, **told)
    path = tmp_path_factory.mktemp("model") / "model.radpred"
    write_bundle(bundle, path)
    return path


@pytest.fixture
def cases(tmp_path):
    """Return a table of a case in DICOM and one in NIfTI."""
    voxels = np.random.default_rng(3).normal(100, 30, GRID.shape).astype(np.int16)
    write_series(tmp_path / "ct", voxels, grid=GRID)
    contours = [circle(6, centre=(0, 0, z)) for z in (-6.0, -3.0, 0.0)]
    write_structures(tmp_path / "rs.dcm", {"Lung": [circle(9)], "GTV": contours})
    image = read_image(tmp_path / "ct")
    write_image(image, tmp_path / "scan.nii.gz")
    write_mask(read_mask(tmp_path / "rs.dcm", label="GTV", on=image.grid), tmp_path / "mask.nii.gz")
    rows = [
        {"case_id": "in/dicom", "image": "ct", "mask": "rs.dcm", "mask_label": "GTV"},
        {"case_id": "in nifti", "image": "scan.nii.gz", "mask": "mask.nii.gz", "mask_label": ""},
    ]
    table = pd.DataFrame(rows).assign(patient_id=["p1", "p2"])
    table.to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path / "cases.csv"


def test_the_same_lesion_in_dicom_and_nifti_has_the_same_risk(model, cases):
    table = predict(model, cases).table.set_index("case_id")
    assert table.loc["in/dicom", "probability"] == table.loc["in nifti", "probability"]


def test_a_case_in_dicom_gets_its_lesion_as_a_segmentation(model, cases, tmp_path):
    predict(model, cases, dicom=tmp_path / "out")
    image = read_image(tmp_path / "ct")
    drawn = read_mask(tmp_path / "rs.dcm", label="GTV", on=image.grid)
    path = tmp_path / "out" / "in%2Fdicom" / "segmentation.dcm"
    written = read_mask(path, image_source=tmp_path / "ct")
    assert_array_equal(place_on(written, image.grid).voxels, drawn.voxels)
    assert sorted(found.name for found in (tmp_path / "out").iterdir()) == ["in%2Fdicom"]


def test_a_case_in_dicom_gets_a_report_of_risk_volume_and_sets(model, cases, tmp_path):
    from highdicom.sr import srread

    answers = predict(model, cases, dicom=tmp_path / "out")
    row = answers.table.set_index("case_id").loc["in/dicom"]
    [path] = answers.reports
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        [group] = srread(path).content.get_volumetric_roi_measurement_groups()
    numbers = {m.name.meaning: m.value for m in group.get_measurements()}
    sets = [(q.name.meaning, q.value.meaning) for q in group.get_qualitative_evaluations()]
    assert numbers["Probability of event = 1"] == pytest.approx(row["probability"])
    assert numbers["Volume"] == pytest.approx(row_volume(tmp_path))
    assert len(sets) >= sum(name.startswith("set_") for name in row.index)
    assert dcmread(path).PatientID == "P001"


def row_volume(folder):
    return read_mask(folder / "mask.nii.gz").volume_mm3


def test_the_command_says_how_many_reports_it_wrote(model, cases, tmp_path):
    line = ["predict", str(model), "--cases", str(cases), "--dicom-sr", str(tmp_path / "out")]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 0
    assert "wrote 1 DICOM report(s)" in done.output


def test_a_lesion_that_cannot_be_written_leaves_the_prediction(model, cases, tmp_path, monkeypatch):
    from radpred.stages.commands import dicom_reports

    def broken(*_, **__):
        raise AttributeError("no such tag")

    monkeypatch.setattr(dicom_reports, "write_segmentation", broken)
    with pytest.warns(RadpredWarning, match="in/dicom: its lesion was not written as DICOM"):
        answers = predict(model, cases, dicom=tmp_path / "out")
    assert len(answers.table) == 2
    assert answers.reports == ()
