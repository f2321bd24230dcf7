"""A finding becomes a structured report that other readers understand."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from dicom_files import GRID, ramp, write_multiframe, write_series
from pydicom import dcmread

from radpred.errors import InputError
from radpred.image import Mask
from radpred.io import read_image
from radpred.io.dicom.drawings.seg import write_segmentation
from radpred.io.dicom.sr import Finding, write_report

FINDING = Finding(
    name="case 7",
    outcome="event = 1",
    risk=0.237,
    classes=("not event = 1", "event = 1"),
    sets={0.9: (0,), 0.95: (0, 1), 0.5: ()},
    volume_mm3=1234.5,
    model="a study",
    remarks=("3 of 40 columns lie outside the training range",),
)


def group_of(path, *, has_segment):
    """Return the measurements of a report as highdicom reads them."""
    from highdicom.sr import srread

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = srread(path).content
        if has_segment:
            [group] = content.get_volumetric_roi_measurement_groups()
        else:
            [group] = content.get_image_measurement_groups()
    return group


@pytest.fixture(params=["one file a slice", "one file"])
def scan(request, tmp_path):
    if request.param == "one file":
        return write_multiframe(tmp_path / "ct.dcm", ramp(), grid=GRID)
    write_series(tmp_path / "ct", ramp(), grid=GRID)
    return tmp_path / "ct"


def test_a_report_holds_risk_and_volume(scan, tmp_path):
    write_report(FINDING, scan, tmp_path / "sr.dcm")
    group = group_of(tmp_path / "sr.dcm", has_segment=False)
    found = {m.name.meaning: (m.value, m.unit.value) for m in group.get_measurements()}
    assert found == {"Volume": (1234.5, "mm3"), "Probability of event = 1": (0.237, "1")}


def test_a_report_holds_each_class_that_stays_possible(scan, tmp_path):
    write_report(FINDING, scan, tmp_path / "sr.dcm")
    group = group_of(tmp_path / "sr.dcm", has_segment=False)
    found = [(q.name.meaning, q.value.value) for q in group.get_qualitative_evaluations()]
    assert found == [
        ("Prediction set at 90 % confidence", "class_0"),
        ("Prediction set at 95 % confidence", "class_0"),
        ("Prediction set at 95 % confidence", "class_1"),
        ("Prediction set at 50 % confidence", "empty"),
    ]


def test_a_report_refers_to_the_segment_that_was_measured(scan, tmp_path):
    voxels = np.zeros(GRID.shape, dtype=bool)
    voxels[3:6, 2:5, 2:7] = True
    mask = Mask(voxels=voxels, grid=read_image(scan).grid)
    write_segmentation(mask, scan, tmp_path / "seg.dcm")
    write_report(FINDING, scan, tmp_path / "sr.dcm", segmentation=tmp_path / "seg.dcm")
    segment = group_of(tmp_path / "sr.dcm", has_segment=True).referenced_segment
    assert segment.referenced_sop_instance_uid == dcmread(tmp_path / "seg.dcm").SOPInstanceUID


def test_a_report_holds_remarks_as_text(scan, tmp_path):
    write_report(FINDING, scan, tmp_path / "sr.dcm")
    texts = [e.value for e in dcmread(tmp_path / "sr.dcm").iterall() if e.keyword == "TextValue"]
    assert FINDING.remarks[0] in texts


def test_a_report_is_on_the_patient_and_study_of_the_image(scan, tmp_path):
    write_report(FINDING, scan, tmp_path / "sr.dcm")
    report = dcmread(tmp_path / "sr.dcm")
    image = dcmread(scan if scan.is_file() else next(scan.iterdir()))
    assert (report.PatientID, report.StudyInstanceUID) == (image.PatientID, image.StudyInstanceUID)


def test_an_image_that_is_not_dicom_has_no_report(tmp_path):
    (tmp_path / "scan.nii").write_bytes(b"")
    with pytest.raises(InputError) as caught:
        write_report(FINDING, tmp_path / "scan.nii", tmp_path / "sr.dcm")
    assert caught.value.code == "dicom_no_image"
