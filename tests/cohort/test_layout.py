"""A table of cases that names no file at all, and one that means to."""

from __future__ import annotations

import pandas as pd
import pytest

from radpred.cohort import check_cases
from radpred.errors import InputError

ROWS = [("C0", "P0"), ("C1", "P1")]


def cases_of(folder, *, has_tables=True, method="given", **columns):
    frame = pd.DataFrame(ROWS, columns=["case_id", "patient_id"]).assign(**columns)
    return check_cases(frame, folder=folder, method=method, has_tables=has_tables)


def test_rows_without_files_are_cases_of_tables(tmp_path):
    cases, verdicts = cases_of(tmp_path, site="north", age="60", stage="2", task="1")
    assert [case.is_of_tables for case in cases] == [True, True]
    assert [case.site for case in cases] == ["north", "north"]
    assert {verdict.status for verdict in verdicts} == {"accepted"}


def test_a_mask_alone_is_no_case_of_tables(tmp_path):
    (tmp_path / "m.nii.gz").touch()
    cases, _ = cases_of(tmp_path, mask="m.nii.gz")
    assert not cases[0].is_of_tables


@pytest.mark.parametrize("column", ["Image", "imge", "Imaeg", "msk", "image_ct", "mask_ct", "box"])
def test_a_column_that_means_a_file_is_not_passed_over(column, tmp_path):
    with pytest.raises(InputError, match="column"):
        cases_of(tmp_path, **{column: ""})


@pytest.mark.parametrize("changed", [{"has_tables": False}, {"method": "otsu"}])
def test_without_tables_or_with_a_method_files_must_be_named(changed, tmp_path):
    with pytest.raises(InputError) as caught:
        cases_of(tmp_path, **changed)
    assert caught.value.code == "missing_column"
