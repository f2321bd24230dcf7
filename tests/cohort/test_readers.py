"""Rows of several readers: one case a lesion, or the reason why not."""

from __future__ import annotations

import pandas as pd
import pytest

from radpred.cohort import check_cases, counted_readers

FILES = ("a.nii.gz", "b.nii.gz", "m1.nii.gz", "m2.nii.gz", "m3.nii.gz")
ROW = {"case_id": "C1", "patient_id": "P1", "image": "a.nii.gz"}
A = {**ROW, "mask": "m1.nii.gz", "reader": "A"}
B = {**ROW, "mask": "m2.nii.gz", "reader": "B"}


@pytest.fixture
def check(tmp_path):
    """Return a function that checks rows of a table whose files exist."""
    for name in FILES:
        (tmp_path / name).touch()

    def checked(*rows, readers="majority"):
        frame = pd.DataFrame(list(rows)).fillna("")
        return check_cases(frame, folder=tmp_path, method="given", readers=readers)

    return checked


def codes(verdicts):
    return [v.code for v in verdicts]


def test_rows_of_one_lesion_are_one_case_with_the_masks_of_its_readers(check, tmp_path):
    [case], verdicts = check(A, B)
    assert case.readers == {
        "A": {"": str(tmp_path / "m1.nii.gz")},
        "B": {"": str(tmp_path / "m2.nii.gz")},
    }
    assert case.masks == {}
    assert [v.status for v in verdicts] == ["accepted", "accepted"]


def test_without_a_consensus_they_are_rejected_and_the_setting_is_named(check):
    cases, verdicts = check(A, B, {**A, "case_id": "C2"}, readers="refused")
    assert [case.case_id for case in cases] == ["C2"]
    assert codes(verdicts) == ["several_readers", "several_readers", ""]
    assert verdicts[0].came == "the case has masks of 2 readers: A, B"
    assert "readers: {consensus: majority}" in verdicts[0].todo


def test_a_table_that_names_readers_but_has_one_a_lesion_is_as_without_them(check):
    [case], [verdict] = check(A, readers="refused")
    assert case.readers == {}
    assert case.masks
    assert verdict.status == "accepted"


def test_with_a_consensus_a_single_reader_is_kept_by_name(check):
    [case], _ = check(A)
    assert list(case.readers) == ["A"]


def test_a_lesion_without_a_reader_keeps_its_mask(check):
    [first, second], _ = check(A, {**A, "case_id": "C2", "reader": "NA"})
    assert first.readers
    assert second.readers == {}
    assert second.masks


def test_the_same_reader_twice_is_a_repeated_row(check):
    cases, verdicts = check(A, {**A, "mask": "m2.nii.gz"})
    assert not cases
    assert codes(verdicts) == ["duplicate_case", "duplicate_case"]


def test_a_rejected_reader_rejects_the_lesion(check):
    cases, verdicts = check(A, {**B, "mask": "gone.nii.gz"})
    assert not cases
    assert codes(verdicts) == ["reader_rejected", "missing_file"]
    assert verdicts[0].came == "the row of reader B is rejected"


def test_rows_of_a_lesion_without_a_name_of_its_reader_are_rejected(check):
    cases, verdicts = check(A, {**B, "reader": ""})
    assert not cases
    assert codes(verdicts) == ["no_reader", "no_reader"]


@pytest.mark.parametrize(
    ("column", "value"), [("patient_id", "P2"), ("image", "b.nii.gz"), ("mask_label", "2")]
)
def test_rows_of_a_lesion_differ_in_reader_and_mask_alone(check, column, value):
    cases, verdicts = check(A, {**B, column: value})
    assert not cases
    assert codes(verdicts) == ["readers_differ", "readers_differ"]
    assert column.removesuffix("_id") in verdicts[0].came


def test_a_consensus_is_a_mask_of_none_of_the_readers(check):
    [case], _ = check(A, B)
    assert not case.is_consensus(case.readers["A"][""])
    assert case.is_consensus("/elsewhere.nii.gz")


def test_how_many_readers_there_are_is_one_note(check):
    third = {**A, "case_id": "C2"}
    cases, _ = check(A, B, third, {**third, "case_id": "C3", "reader": ""})
    [note] = counted_readers(cases)
    assert (note.status, note.code) == ("noted", "readers")
    assert note.came == "1 case with 1 reader, 1 case with 2 readers"


def test_without_readers_there_is_no_note(check):
    cases, _ = check(A, readers="refused")
    assert counted_readers(cases) == []


def test_what_is_to_know_of_a_lesion_is_noted_once(check):
    rows = [{k: v for k, v in row.items() if k != "image"} for row in (A, B)]
    _, verdicts = check(*rows)
    assert codes(verdicts) == ["no_image", ""]
