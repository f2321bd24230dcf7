"""A folder of DICOM files becomes a table of cases, tied by UIDs, without a name in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from dicom_cohort import (
    GRID,
    disc,
    made_uid,
    write_drawing,
    write_patient,
    write_patient_dose,
    write_scan,
    write_segmentation,
)

from radpred.cohort import check_cases
from radpred.errors import InputError
from radpred.io import read_image, read_mask
from radpred.pipeline.dicom.cases import Choice
from radpred.stages.commands.from_dicom import write_dicom_cases
from radpred.stages.work.files import read_text_table


@pytest.fixture
def folder(tmp_path):
    """Return an empty folder for files of patients."""
    (tmp_path / "dicom").mkdir()
    return tmp_path / "dicom"


def found(folder, **choice):
    """Return what is written for a folder."""
    key = choice.pop("key", None)
    output = folder.parent / "cases.csv"
    return write_dicom_cases(folder, output, choice=Choice(**choice), key=key)


def rows(written):
    return written.table.to_dict("records")


def codes(written):
    """Return the codes of all verdicts but plain acceptance."""
    return list(written.verdicts["code"][written.verdicts["status"] != "accepted"])


def segments():
    voxels = np.zeros(GRID.shape, dtype=np.uint8)
    voxels[4:7, 3:6, 3:6] = 1
    return voxels


# --- what becomes a case ------------------------------------------------------------------------


def test_a_structure_on_a_scan_is_a_case(folder):
    write_patient(folder, "anna")
    written = found(folder)
    assert rows(written) == [
        {
            "case_id": "P0001_1",
            "patient_id": "P0001",
            "image": "dicom/anna/ct",
            "mask": "dicom/anna/rs.dcm",
            "mask_label": "GTV",
        }
    ]
    assert codes(written) == []


def test_the_table_is_one_that_cases_are_read_from(folder):
    write_patient(folder, "anna", structures={"GTV": disc(), "lung left": disc(3.0)})
    found(folder)
    table = read_text_table(folder.parent / "cases.csv")
    cases, verdicts = check_cases(table, folder=folder.parent, method="given")
    assert {verdict.status for verdict in verdicts} == {"accepted"}
    image = read_image(cases[0].images[""])
    volumes = [
        read_mask(case.masks[""], label=case.mask_label, on=image.grid).volume_mm3 for case in cases
    ]
    assert volumes == pytest.approx([np.pi * 4 * 9, np.pi * 9 * 9], rel=0.15)


def test_a_segment_on_a_scan_is_a_case(folder):
    write_scan(folder / "ct", "anna")
    write_segmentation(folder, "anna", {"lesion": segments(), "cyst": segments()})
    written = found(folder)
    assert [row["mask_label"] for row in rows(written)] == ["lesion", "cyst"]
    assert {row["mask"] for row in rows(written)} == {"dicom/seg.dcm"}


def test_only_structures_by_a_pattern_are_cases(folder):
    structures = {"GTV-1": disc(), "gtv_node": disc(), "Lung": disc(3)}
    write_patient(folder, "anna", structures=structures)
    assert [row["mask_label"] for row in rows(found(folder, structures=("GTV*",)))] == [
        "GTV-1",
        "gtv_node",
    ]


def test_a_patient_without_a_structure_by_the_pattern_is_rejected_with_those_there(folder):
    write_patient(folder, "anna")
    write_patient(folder, "bert", structures={"Lung": disc()})
    written = found(folder, structures=("GTV*",))
    assert len(written.table) == 1
    [verdict] = written.verdicts[written.verdicts["status"] == "rejected"].to_dict("records")
    assert verdict["code"] == "structure_missing"
    assert "Lung" in verdict["came"]


def test_a_structure_that_is_declared_and_empty_is_rejected_and_others_are_cases(folder):
    write_patient(folder, "anna", structures={"GTV": disc(), "CTV": []})
    written = found(folder)
    assert [row["mask_label"] for row in rows(written)] == ["GTV"]
    assert codes(written) == ["structure_empty"]


def test_structures_of_one_name_are_told_apart_by_number(folder):
    write_patient(
        folder, "anna", structures={"GTV": disc(), "gtv": disc(), "7": disc(), "a": disc()}
    )
    assert [row["mask_label"] for row in rows(found(folder))] == ["1", "2", "3", "a"]


def test_a_dose_in_the_frame_of_a_scan_stands_beside_it(folder):
    write_patient_dose(write_patient(folder, "anna"), "anna")
    write_patient(folder, "bert")
    doses = {row["mask"].split("/")[1]: row["dose"] for row in rows(found(folder))}
    assert doses == {"anna": "dicom/anna/dose.dcm", "bert": ""}


# --- scans of several modalities ----------------------------------------------------------------


def test_scans_in_one_frame_of_reference_are_a_column_a_modality(folder):
    own = write_patient(folder, "anna")
    write_scan(own / "mr", "anna", "MR")
    [row] = rows(found(folder))
    assert (row["image_ct"], row["image_mr"]) == ("dicom/anna/ct", "dicom/anna/mr")


def test_a_scan_in_another_frame_of_reference_is_left_out(folder):
    own = write_patient(folder, "anna")
    write_scan(own / "mr", "anna", "MR", FrameOfReferenceUID=made_uid("another"))
    assert list(found(folder).table)[2:4] == ["image", "mask"]


def test_only_the_scan_that_was_drawn_on_is_named_if_asked_for(folder):
    own = write_patient(folder, "anna")
    write_scan(own / "mr", "anna", "MR")
    write_drawing(own, "anna", {"GTV": disc()}, on="MR", name="on_mr.dcm")
    images = {row["mask"]: row["image"] for row in rows(found(folder, is_drawn_only=True))}
    assert images == {
        "dicom/anna/rs.dcm": "dicom/anna/ct",
        "dicom/anna/on_mr.dcm": "dicom/anna/mr",
    }


def test_a_lesion_is_measured_on_a_chosen_modality_that_it_was_not_drawn_on(folder):
    own = write_patient(folder, "anna")
    write_scan(own / "mr", "anna", "MR")
    [row] = rows(found(folder, modalities=("MR",)))
    assert row["image"] == "dicom/anna/mr"


def test_several_scans_of_a_modality_are_left_out_and_noted(folder):
    own = write_patient(folder, "anna")
    for name in ("T1", "T2"):
        write_scan(own / name, "anna", "MR", series=name, SeriesDescription=name)
    written = found(folder)
    assert list(written.table)[2:4] == ["image", "mask"]
    assert codes(written) == ["series_left_out"]
    assert "MR 'T1' (12 images), MR 'T2' (12 images)" in written.verdicts["came"][0]


def test_one_of_several_scans_is_chosen_by_its_description(folder):
    own = write_patient(folder, "anna")
    for name in ("T1", "T2"):
        write_scan(own / name, "anna", "MR", series=name, SeriesDescription=name)
    [row] = rows(found(folder, series=("CT", "t2*")))
    assert row["image_mr"] == "dicom/anna/T2"


def test_a_scout_beside_a_scan_is_left_out(folder):
    own = write_patient(folder, "anna")
    write_scan(own / "scout", "anna", "MR", series="scout", n_slices=1)
    write_scan(own / "mr", "anna", "MR")
    [row] = rows(found(folder))
    assert row["image_mr"] == "dicom/anna/mr"


def test_a_case_without_a_modality_that_others_have_is_noted(folder):
    write_scan(write_patient(folder, "anna") / "mr", "anna", "MR")
    write_patient(folder, "bert")
    written = found(folder)
    assert codes(written) == ["modality_missing"]
    assert sorted(written.table["image_mr"]) == ["", "dicom/anna/mr"]


# --- where files lie ----------------------------------------------------------------------------


def test_scans_in_one_folder_are_named_with_their_uid(folder):
    write_scan(folder / "all", "anna")
    write_scan(folder / "all", "anna", "MR")
    write_drawing(folder / "all", "anna", {"GTV": disc()})
    [row] = rows(found(folder))
    assert row["image_ct"] == f"dicom/all#{made_uid('anna CT')}"
    assert read_image(folder.parent / row["image_ct"]).grid == GRID


def test_paths_outside_the_table_s_folder_are_absolute(folder, tmp_path):
    write_patient(folder, "anna")
    (tmp_path / "elsewhere").mkdir()
    written = write_dicom_cases(folder, tmp_path / "elsewhere" / "cases.csv")
    assert written.table["image"][0] == str(folder / "anna" / "ct")


def test_damaged_files_are_told(folder):
    own = write_patient(folder, "anna")
    (own / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 9)
    written = found(folder)
    assert len(written.table) == 1
    assert codes(written) == ["unreadable_file"]
    assert "broken.dcm" in written.verdicts["came"].iloc[-1]


def test_a_folder_that_is_not_there_is_refused(folder):
    with pytest.raises(InputError) as caught:
        found(folder / "nowhere")
    assert caught.value.code == "missing_file"


def test_a_patient_without_any_drawing_is_rejected(folder):
    write_scan(folder / "ct", "anna")
    written = found(folder)
    assert written.table.empty
    assert codes(written) == ["no_mask"]


# --- references that do not hold ----------------------------------------------------------------


def test_a_drawing_that_names_no_series_goes_by_its_frame_of_reference_and_is_noted(folder):
    write_scan(folder / "ct", "anna")
    write_drawing(
        folder,
        "anna",
        {"GTV": disc()},
        ReferencedFrameOfReferenceSequence=None,
        FrameOfReferenceUID=made_uid("frame anna"),
    )
    written = found(folder)
    assert written.table["image"][0] == "dicom/ct"
    assert codes(written) == ["reference_by_frame"]


def test_a_drawing_in_a_frame_of_no_scan_is_rejected_with_the_frame(folder):
    write_scan(folder / "ct", "anna")
    frame = made_uid("elsewhere")
    write_drawing(
        folder,
        "anna",
        {"GTV": disc()},
        ReferencedFrameOfReferenceSequence=None,
        FrameOfReferenceUID=frame,
    )
    written = found(folder)
    assert codes(written) == ["reference_missing"]
    assert frame in written.verdicts["came"][0]


def test_a_drawing_on_the_scan_of_another_patient_is_rejected(folder):
    write_scan(folder / "ct", "anna")
    write_drawing(folder, "anna", {"GTV": disc()}, PatientID="bert")
    assert set(codes(found(folder))) == {"patient_differs", "no_mask"}


# --- who is who ---------------------------------------------------------------------------------


def test_neither_name_nor_id_is_written_but_in_paths(tmp_path):
    (tmp_path / "dicom").mkdir()
    write_scan(tmp_path / "dicom" / "a", "Doe1234")
    write_drawing(tmp_path / "dicom", "Doe1234", {"GTV": disc(), "CTV": []})
    found(tmp_path / "dicom")
    for name in ("cases.csv", "cases.verdicts.csv"):
        text = (tmp_path / name).read_text()
        assert "Doe1234" not in text
        assert "Secret" not in text


def test_the_key_is_written_only_if_asked_for(folder):
    write_patient(folder, "anna")
    found(folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == [
        "cases.csv",
        "cases.verdicts.csv",
        "dicom",
    ]
    found(folder, key=folder.parent / "key.csv")
    key = pd.read_csv(folder.parent / "key.csv")
    assert key.to_dict("records") == [{"patient_id": "P0001", "dicom_patient_id": "anna"}]


def test_patients_keep_their_ids_when_the_key_is_given_again(folder):
    write_patient(folder, "anna")
    key = folder.parent / "key.csv"
    found(folder, key=key)
    for name in ("bert", "carl", "dora"):
        write_patient(folder, name)
    found(folder, key=key)
    people = dict(zip(*pd.read_csv(key)[["dicom_patient_id", "patient_id"]].T.values, strict=True))
    assert people["anna"] == "P0001"
    assert sorted(people.values()) == ["P0001", "P0002", "P0003", "P0004"]


def test_ids_do_not_depend_on_where_files_lie_or_in_what_order(folder, tmp_path):
    for name in ("anna", "bert", "carl"):
        write_patient(folder, name)
    first = {row["mask"].split("/")[1]: row["patient_id"] for row in rows(found(folder))}
    other = tmp_path / "other"
    for place, name in enumerate(("carl", "anna", "bert")):
        write_patient(other / str(place), name)
    again = {row["mask"].split("/")[2]: row["patient_id"] for row in rows(found(other))}
    assert first == again


def test_files_without_a_patient_id_are_one_patient_a_study(folder):
    for name in ("anna", "bert"):
        write_scan(folder / name, name, PatientID="")
        write_drawing(folder / name, name, {"GTV": disc()}, PatientID="")
    assert found(folder).n_patients == 2


def test_the_number_of_files_is_told(folder):
    write_patient(folder, "anna")
    counts = []
    write_dicom_cases(folder, folder.parent / "cases.csv", told=counts.append)
    assert counts == list(range(1, 14))
