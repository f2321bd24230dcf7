"""Every row has a verdict before any work: headers first, then scans, then a page."""

from __future__ import annotations

import pandas as pd
import pytest
from faulty_study import SOUND, cell, written

from radpred.errors import RejectedError
from radpred.stages.commands.check import HEADERS, SCANS, check, refuse_rejected, write_page


def verdicts(checked):
    """Return the code of each case, "" for one that is accepted."""
    return dict(zip(checked.verdicts["case_id"], checked.verdicts["code"], strict=True))


CODES = {
    "missing": "missing_file",
    "cut": "unreadable_file",
    "moved": "mask_displaced",
    "labels": "several_labels",
    "empty": "empty_mask",
    "nudged": "mended",
    "noted": "mended",
}


def test_each_fault_has_its_code_and_sound_cases_none(tmp_path):
    found = verdicts(check(written(tmp_path, CODES)))
    assert {fault: found[fault] for fault in CODES} == CODES
    assert [found[case_id] for case_id in SOUND] == ["", ""]


def test_headers_alone_find_what_headers_tell(tmp_path):
    found = verdicts(check(written(tmp_path, CODES), is_fast=True))
    told = {fault: code for fault, code in found.items() if code}
    assert told == {fault: CODES[fault] for fault in ("missing", "cut", "moved")}


def test_a_patient_whose_case_is_rejected_is_no_orphan(tmp_path):
    assert "orphan_outcome" not in set(check(written(tmp_path, ["missing"])).verdicts["code"])


def test_headers_alone_open_no_scan(tmp_path, monkeypatch):
    study = written(tmp_path, ["labels"])
    monkeypatch.setattr("radpred.io.volumes.sitk.ReadImage", None)
    assert not check(study, is_fast=True).pictures


def test_all_headers_are_read_before_the_first_scan_and_progress_is_told(tmp_path):
    said = []
    check(written(tmp_path, ["moved", "labels"]), told=said.append)
    assert [(at.step, at.done, at.total) for at in said] == [
        *((HEADERS, n, 4) for n in (1, 2, 3, 4)),
        *((SCANS, n, 4) for n in (1, 2, 3, 4)),
    ]
    assert [at.n_rejected for at in said[3::4]] == [1, 2]


def test_every_case_that_can_be_seen_has_a_picture(tmp_path):
    pictures = check(written(tmp_path, CODES), has_pictures=True).pictures
    n_regions = {name: [len(p.regions) for p in found] for name, found in pictures.items()}
    assert n_regions == {
        **{case_id: [1] for case_id in SOUND},
        "cut": [],
        "moved": [1],
        "labels": [2],
        "empty": [0],
        "nudged": [1],
        "noted": [1],
    }


def test_no_picture_is_made_that_nobody_wants(tmp_path, monkeypatch):
    monkeypatch.setattr("radpred.report.check.picture", None)
    assert set(check(written(tmp_path)).pictures.values()) == {()}


def test_a_picture_that_cannot_be_drawn_rejects_no_case(tmp_path, monkeypatch):
    monkeypatch.setattr("radpred.report.check.picture", None)
    checked = check(written(tmp_path), has_pictures=True)
    assert set(verdicts(checked).values()) == {""}


def test_notes_of_tables_and_of_scans_are_both_told(tmp_path):
    study = written(tmp_path, ["noted"])
    table = (tmp_path / "cases.csv").read_text()
    (tmp_path / "cases.csv").write_text(table.replace("noted,noted", "noted, noted"))
    found = check(study).verdicts
    codes = found.loc[found["case_id"] == "noted", "code"]
    assert list(codes) == ["white_space", "mended"]


def test_the_image_column_that_a_mask_does_not_fit_is_named(tmp_path):
    study = written(tmp_path, ["moved"])
    cases = pd.read_csv(tmp_path / "cases.csv")
    cases = cases.rename(columns={"image": "image_pet", "mask": "mask_t1"})
    cases["image_t1"], cases["mask_pet"] = cases["image_pet"], "C0_m.nii.gz"
    cases.to_csv(tmp_path / "cases.csv", index=False)
    found = check(study).verdicts.set_index("case_id").loc["moved"]
    assert (found["code"], found["came"][:12]) == ("mask_displaced", "tumour on t1")


def test_boxes_are_checked_and_drawn(tmp_path):
    study = written(tmp_path, segmentation={"method": "otsu"})
    cases = pd.read_csv(tmp_path / "cases.csv")
    cases["box"] = ["2 2 2 9 9 7", "900 900 900 910 910 910"]
    cases.to_csv(tmp_path / "cases.csv", index=False)
    checked = check(study, has_pictures=True)
    assert list(checked.verdicts["code"]) == ["", "box_outside_image"]
    assert [p.regions[0][0] for (p,) in checked.pictures.values()] == ["box", "box"]
    assert checked.pictures["C1"][0].remark == "the outline lies beside the scan"


def test_points_and_extreme_points_are_checked_and_drawn(tmp_path):
    study = written(tmp_path, segmentation={"method": "ellipsoid"})
    cases = pd.read_csv(tmp_path / "cases.csv")
    cases["point"] = ["5 5 5", "900 900 900"]
    cases["extreme_points"] = ["2 5 4 9 5 4 5 2 4 5 9 4 5 5 2 5 5 7", ""]
    cases.to_csv(tmp_path / "cases.csv", index=False)
    checked = check(study, has_pictures=True)
    assert list(checked.verdicts["code"]) == ["", "point_outside_image"]
    assert [p.regions[0][0] for (p,) in checked.pictures.values()] == ["box", "point"]


def test_an_organ_that_rings_need_is_checked(tmp_path):
    study = written(tmp_path, regions={"rings_mm": [4]})
    cases = pd.read_csv(tmp_path / "cases.csv")
    cell(tmp_path, "organ", origin=(30.0, 0.0, 0.0))
    cases["organ_mask"] = ["", "organ_m.nii.gz"]
    cases.to_csv(tmp_path / "cases.csv", index=False)
    for is_fast in (True, False):
        assert list(check(study, is_fast=is_fast).verdicts["code"]) == ["", "mask_displaced"]


def test_lesions_of_one_mask_are_checked_each(tmp_path):
    checked = check(written(tmp_path, ["labels"], lesions="rows"), has_pictures=True)
    assert set(verdicts(checked).values()) == {""}
    assert {"labels:1", "labels:2"} <= set(checked.pictures)


@pytest.mark.parametrize(
    ("policy", "faults", "status"),
    [
        ("leave_out", [], 0),
        ("leave_out", ["moved"], 0),
        ("stop", [], 0),
        ("stop", ["noted"], 0),
        ("stop", ["moved"], 1),
        ("stop", ["missing"], 1),
        ("warn", ["moved"], 0),
    ],
)
def test_the_study_says_what_a_rejected_case_does(tmp_path, policy, faults, status):
    study = written(tmp_path, faults, rejected_cases=policy)
    assert check(study, is_fast=True).exit_status == status


@pytest.mark.parametrize(("policy", "status"), [("leave_out", 1), ("stop", 1), ("warn", 0)])
def test_a_cohort_of_which_nothing_is_left_fails_unless_it_only_warns(tmp_path, policy, status):
    study = written(tmp_path, rejected_cases=policy)
    for file in tmp_path.glob("*_m.nii.gz"):
        file.write_bytes(b"not an image")
    checked = check(study)
    assert checked.exit_status == status
    assert not checked.is_usable


def test_a_patient_without_a_case_makes_no_cohort_usable(tmp_path):
    study = written(tmp_path)
    with (tmp_path / "outcome.csv").open("a") as file:
        file.write("P9,1\n")
    for file in tmp_path.glob("*_m.nii.gz"):
        file.write_bytes(b"not an image")
    assert check(study).exit_status == 1


def test_a_study_that_stops_names_who_is_rejected_and_why(tmp_path):
    study = written(tmp_path, ["moved", "labels"], rejected_cases="stop")
    message = r"2 rejected: moved \(mask_displaced\), labels \(several_labels\); this study stops"
    with pytest.raises(RejectedError, match=message):
        refuse_rejected(study)


def test_a_study_that_goes_on_is_not_checked_again(tmp_path, monkeypatch):
    monkeypatch.setattr("radpred.stages.commands.check.check", None)
    refuse_rejected(written(tmp_path, ["moved"]))


def test_the_page_goes_into_the_results(tmp_path):
    path = write_page(check(written(tmp_path, ["moved"]), has_pictures=True))
    assert path == tmp_path / "results" / "check.html"
    assert path.read_text(encoding="utf-8").count("<img") == 3
