"""A row without a mask tells of its lesion by extreme points, a box or a point."""

from __future__ import annotations

import pandas as pd
import pytest

from radpred.cohort import check_cases
from radpred.errors import InputError

ROW = {"case_id": "C1", "patient_id": "P1", "image": "a.nii.gz"}
SIX = "-1 0 0 1 0 0 0 -1 0 0 1 0 0 0 -1 0 0 1"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.nii.gz").touch()
    return tmp_path


def judged(folder, **cells):
    cases, [verdict] = check_cases(pd.DataFrame([{**ROW, **cells}]), folder=folder, method="otsu")
    return (cases or [None])[0], verdict


def test_a_point_is_three_numbers(folder):
    case, _ = judged(folder, point=" 1, -2.5;3 ")
    assert (case.point, case.box, case.extreme_points) == ((1.0, -2.5, 3.0), None, None)


def test_extreme_points_are_eighteen_numbers(folder):
    case, _ = judged(folder, extreme_points=SIX)
    assert case.extreme_points == tuple(float(n) for n in SIX.split())


def test_of_several_prompts_extreme_points_count_then_the_box(folder):
    box, point = "0 0 0 9 9 9", "1 2 3"
    first, _ = judged(folder, point=point, box=box, extreme_points=SIX)
    second, _ = judged(folder, point=point, box=box, extreme_points="")
    assert (first.box, first.point) == (None, None)
    assert (second.box, second.point) == ((0.0, 0.0, 0.0, 9.0, 9.0, 9.0), None)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"point": "", "box": "NA"}, "no_prompt"),  # case 46
        ({"box": ""}, "no_box"),
        ({"point": "1 2"}, "bad_point"),
        ({"point": "1 2 x"}, "bad_point"),
        ({"point": "1 2 inf"}, "bad_point"),
        ({"extreme_points": "1 2 3"}, "bad_extreme_points"),
        ({"extreme_points": "1 2 3 " * 6}, "bad_extreme_points"),
    ],
)
def test_a_prompt_that_is_none_is_the_row_s_verdict(folder, cells, code):
    case, verdict = judged(folder, **cells)
    assert case is None
    assert (verdict.status, verdict.code) == ("rejected", code)


def test_a_table_without_any_prompt_is_refused(folder):
    with pytest.raises(InputError, match="wanted is box") as caught:
        judged(folder)
    assert caught.value.code == "missing_column"
