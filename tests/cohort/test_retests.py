"""Rows with ``retest_of``: second scans, which train nothing and are no other lesion."""

import pandas as pd
import pytest

from radpred.cohort import check_cases, siblings


@pytest.fixture
def judged(tmp_path):
    """Return what becomes of a table of a case, two good and three bad second scans."""
    for name in ("a.nii.gz", "b.nii.gz", "m.nii.gz"):
        (tmp_path / name).write_bytes(b"")
    rows = [("C1", "P1", ""), ("C1_again", "P1", "C1"), ("C1_third", "P1", "C1"),
            ("C2", "P2", ""), ("lost", "P1", "C9"), ("other", "P2", "C1"),
            ("chain", "P1", "C1_again")]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["case_id", "patient_id", "retest_of"])
    frame = frame.assign(image="a.nii.gz", mask="m.nii.gz")
    cases, verdicts = check_cases(frame, folder=tmp_path, method="given")
    return {c.case_id: c for c in cases}, {v.case_id: v for v in verdicts}


def test_a_second_scan_is_noted_and_names_its_case(judged):
    cases, verdicts = judged
    assert cases["C1_again"].retest_of == "C1"
    assert (verdicts["C1_again"].status, verdicts["C1_again"].code) == ("noted", "retest")


@pytest.mark.parametrize("name", ["lost", "other", "chain"])
def test_a_second_scan_of_no_row_another_patient_or_a_second_scan_is_rejected(judged, name):
    cases, verdicts = judged
    assert name not in cases
    assert (verdicts[name].status, verdicts[name].code) == ("rejected", "bad_retest")


def test_the_patients_are_named_where_they_differ(judged):
    assert "of patient 'P1', not 'P2'" in judged[1]["other"].came


def test_a_row_without_the_column_is_no_second_scan(judged):
    assert judged[0]["C2"].retest_of == ""
    assert judged[1]["C1"].status != "rejected"


def test_a_second_scan_is_no_other_lesion_on_the_same_image(judged):
    cases, _ = judged
    assert siblings(cases["C1"], list(cases.values())) == []
    assert siblings(cases["C1_again"], list(cases.values())) == []
