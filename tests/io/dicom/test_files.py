"""What a folder holds, by the headers of its files."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from radpred.errors import InputError
from radpred.image import Grid, Image
from radpred.io import scan_folder, write_image
from radpred.io.dicom.files import is_dicom
from tests.io.dicom_files import MR, made_uid, new_file, ramp, save, write_multiframe, write_series

STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"


def structures(path, *, of):
    """Write the header of a structure set that was drawn on a series."""
    file = new_file(STRUCTURES, series="structures")
    file.Modality = "RTSTRUCT"
    series, study, frame = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = of
    study.RTReferencedSeriesSequence = [series]
    frame.RTReferencedStudySequence = [study]
    file.ReferencedFrameOfReferenceSequence = [frame]
    return save(file, path)


def test_files_are_grouped_by_series_wherever_they_lie(tmp_path):
    write_series(tmp_path / "a", ramp()[:5])
    write_series(tmp_path / "b" / "c", ramp()[5:], names=[f"{k}" for k in range(7)])
    write_series(tmp_path, ramp()[:3], series="mr", modality=MR)
    found = scan_folder(tmp_path)
    assert sorted((s.modality, len(s.files), s.n_images) for s in found.series) == [
        ("CT", 12, 12),
        ("MR", 3, 3),
    ]


def test_a_series_tells_who_and_what_it_is(tmp_path):
    write_series(tmp_path, ramp(), tags={"SeriesDescription": "thin", "StudyDescription": "chest"})
    (series,) = scan_folder(tmp_path).series
    assert series.uid == made_uid("series")
    assert series.study_uid == made_uid("study")
    assert series.frame_of_reference == made_uid("frame of reference")
    assert (series.patient_id, series.date) == ("P001", "20240101")
    assert (series.description, series.study_description) == ("thin", "chest")


def test_frames_of_an_enhanced_file_count_as_images(tmp_path):
    write_multiframe(tmp_path / "e.dcm", ramp())
    (series,) = scan_folder(tmp_path).series
    assert (len(series.files), series.n_images) == (1, 12)


def test_a_structure_set_tells_what_it_was_drawn_on(tmp_path):
    structures(tmp_path / "rs.dcm", of="1.2.3")
    (series,) = scan_folder(tmp_path).series
    assert series.references == {"1.2.3"}
    assert series.n_images == 0


def test_other_files_are_counted_and_damaged_ones_named(tmp_path):
    write_series(tmp_path, ramp()[:2])
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / "broken.dcm").write_bytes(b"")
    found = scan_folder(tmp_path)
    assert found.n_others == 1
    assert found.unreadable == (tmp_path / "broken.dcm",)


def test_hidden_files_are_passed_over(tmp_path):
    (tmp_path / "._slice.dcm").write_bytes(b"resource fork")
    assert scan_folder(tmp_path).unreadable == ()


def test_progress_is_told_file_by_file(tmp_path):
    write_series(tmp_path, ramp()[:3])
    counts = []
    scan_folder(tmp_path, told=counts.append)
    assert counts == [1, 2, 3]


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a folder") as caught:
        scan_folder(tmp_path / "none")
    assert caught.value.code == "missing_file"


def test_dicom_is_known_by_its_first_bytes_whatever_its_name(tmp_path):
    (path,) = write_series(tmp_path, ramp()[:1], names=["IM0001"])
    write_image(Image(voxels=ramp(), grid=Grid(shape=(12, 10, 9))), tmp_path / "image.nii.gz")
    bare = tmp_path / "bare"
    bare.write_bytes(path.read_bytes()[132:])
    (tmp_path / "other.dcm").write_bytes(b"\x08\x00" + b"\0" * 200)
    assert is_dicom(path)
    assert is_dicom(bare)
    assert not is_dicom(tmp_path / "image.nii.gz")
    assert not is_dicom(tmp_path / "other.dcm")
    assert not is_dicom(tmp_path)


def test_a_file_without_the_prefix_is_read_with_its_series(tmp_path):
    for path in write_series(tmp_path, ramp()):
        path.write_bytes(path.read_bytes()[132:])
    (series,) = scan_folder(tmp_path).series
    assert np.array_equal(series.n_images, 12)
