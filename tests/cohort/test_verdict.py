import pandas as pd
import pytest

from radpred.cohort import Verdict, reasons, to_frame
from radpred.errors import GeometryError, RadpredError

COLUMNS = ["case_id", "patient_id", "stage", "status", "code", "came", "wanted", "todo"]


def rejected(case_id, code, came="it came"):
    return Verdict.rejected(case_id, "P", stage="s", error=RadpredError(came, code=code))


def test_accepted_verdict_has_no_reason():
    verdict = Verdict.accepted("C1", "P1", stage="extract")
    assert verdict == Verdict("C1", "P1", "extract", "accepted", "", "", "", "")


def test_noted_verdict_says_what_came_and_what_to_do():
    verdict = Verdict.noted("C1", "P1", stage="s", code="mended", came="a", todo="b")
    assert verdict == Verdict("C1", "P1", "s", "noted", "mended", "a", "", "b")


def test_rejected_verdict_takes_its_code_from_the_error():
    error = GeometryError("mask: lies on A, image on B; resample the mask")
    verdict = Verdict.rejected("C1", "P1", stage="extract", error=error)
    assert (verdict.status, verdict.code) == ("rejected", "geometry")
    assert verdict.came == "mask: lies on A, image on B"
    assert verdict.todo == "resample the mask"


def test_error_without_advice_is_what_came():
    assert rejected("C", "odd", "just this").came == "just this"
    assert rejected("C", "odd", "just this").todo == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [(OSError("disk"), "unreadable_file"), (ValueError("v"), "unexpected_error")],
)
def test_foreign_error_is_named_by_its_kind(error, code):
    verdict = Verdict.rejected("C", "P", stage="s", error=error)
    assert verdict.code == code
    assert verdict.came == f"{type(error).__name__}: {error}"


def test_frame_has_one_row_a_verdict_in_order():
    frame = to_frame([rejected("C2", "b"), Verdict.accepted("C1", "P1", stage="s")])
    assert list(frame.columns) == COLUMNS
    assert list(frame["case_id"]) == ["C2", "C1"]


def test_frame_of_no_verdicts_has_the_same_columns_and_types():
    empty, full = to_frame([]), to_frame([rejected("C", "b")])
    assert list(empty.columns) == COLUMNS
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_twenty_cases_bad_for_two_reasons_are_two_lines():
    verdicts = [Verdict.accepted(f"C{i}", "P", stage="s") for i in range(17)]
    verdicts += [rejected("C17", "rare"), rejected("C18", "often"), rejected("C19", "often")]
    table = reasons(verdicts)
    assert list(table["code"]) == ["often", "rare"]
    assert list(table["n"]) == [2, 1]
    assert list(table["case_id"]) == ["C18", "C17"]


def test_rejections_come_before_notes():
    notes = [Verdict.noted(f"C{i}", "P", stage="s", code="a", came="") for i in range(3)]
    assert list(reasons([*notes, rejected("C9", "z")])["status"]) == ["rejected", "noted"]


def test_no_reasons_are_an_empty_table():
    assert reasons([Verdict.accepted("C", "P", stage="s")]).empty
