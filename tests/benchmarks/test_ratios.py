"""Facts about the benchmark's arithmetic and the page that it writes; no peer is needed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks import document, goals, pictures
from benchmarks.plan import COST_LEVELS, COST_VOXELS, Cell, cells, has_cell
from benchmarks.ratios import agreement, cell_of, comparisons, growth, taken
from benchmarks.store import Answers

FACTS = {
    "date": "2020-02-02",
    "processor": "some processor",
    "cores": "2",
    "memory": "8 GB",
    "system": "some system",
    "missing": {"pictologics": "no Python 3.12 or later"},
}


def took(seconds: float, **more: object) -> dict[str, object]:
    """Return an answer of a cell whose warm calls took so long."""
    calls = [{"wall_s": 9.0, "cpu_s": seconds * part} for part in (0.5, 1.0, 8.0)]
    first = {"wall_s": 9.0, "cpu_s": 99.0}
    start = {"import_s": 0.5, "read_s": 0.25, "process_s": 10.0, "told": "radpred: compiling"}
    return {"first": first, "calls": calls, "peak_mb": 100.0, **start, **more}


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    """Return answers to all that radpred and PyRadiomics are asked; there are no other peers."""
    found = Answers(tmp_path / "results.jsonl", FACTS)
    for cell in cells():
        is_ours = cell.engine.startswith("radpred")
        value = 0.5 if is_ours else 0.5 * (1 + 1e-5)
        values = {"original_glcm_Id": [value] if cell.kind == "maps" else value}
        if is_ours or cell.engine.startswith("pyradiomics"):
            found.by_cell[cell.key] = took(0.1 if is_ours else 2.5, values=values)
    return found


def test_a_row_s_time_is_the_median_of_its_warm_calls():
    assert taken(took(3.0)).seconds == 3.0


def test_a_row_that_has_no_warm_call_takes_the_first_and_says_so():
    found = taken({"first": {"wall_s": 1.0, "cpu_s": 0.9}, "calls": []})
    assert (found.seconds, found.is_first) == (0.9, True)


def test_a_stopped_peer_bounds_the_ratio(answers):
    row = ("lung2", True, 5)
    answers.by_cell[cell_of(row, "pyradiomics").key] = {"over_s": 400.0}
    (found,) = comparisons(answers, "pyradiomics", [row])
    assert (found.ratio, found.theirs.is_bound) == (4000.0, True)
    assert "| lung2 | filters | 5 | 100 ms | > 400.0 s | at least 4000x |" in document.written(
        answers
    )


def test_values_agree_where_both_are_missing():
    assert agreement({"a": math.nan}, {"a": math.nan}).n_beyond == 0


@pytest.mark.parametrize("ours", [{}, {"a": math.nan}, {"a": 1.00001}])
def test_a_value_that_differs_or_that_one_lacks_is_counted(ours):
    assert agreement(ours, {"a": 1.0}).n_beyond == 1


def test_cost_that_grows_with_the_square_has_exponent_two():
    assert growth([1, 10, 100], [3, 300, 30000]) == pytest.approx(2)


@pytest.mark.parametrize(
    ("ratio", "state"), [(19.9, "missed"), (20.0, "bar"), (29.9, "bar"), (30.0, "goal")]
)
def test_a_row_reaches_the_bar_and_the_goal_at_their_numbers(answers, ratio, state):
    row = ("brain1", False, 25)
    answers.by_cell[cell_of(row, "pyradiomics").key] = took(ratio * 0.1)
    (found,) = comparisons(answers, "pyradiomics", [row])
    assert goals.state_of(found, *goals.speed_goal("pyradiomics", row)) == state


def test_one_missed_row_misses_the_bar(answers):
    answers.by_cell[cell_of(("brain1", False, 25), "pyradiomics").key] = took(1.0)
    line = next(v for v in goals.verdicts(answers) if v.what == "PyRadiomics as people run it")
    assert line.state == "missed"
    assert "bar on 19, goal on 0 of 20 rows" in line.measured


def test_a_peer_that_was_not_measured_is_named_with_the_reason(answers):
    page = document.written(answers)
    assert "- pictologics: no Python 3.12 or later" in page
    line = next(v for v in goals.verdicts(answers) if v.what.startswith("Pictologics"))
    assert line.state == "unmeasured"


def test_the_page_says_how_far_values_lie_apart(answers):
    assert "| PyRadiomics | 20 | 20 | 20 | 1.0e-05 (`original_glcm_Id`" in document.written(answers)


def test_a_page_of_a_run_that_measured_nothing_claims_nothing(tmp_path):
    empty = Answers(tmp_path / "results.jsonl", FACTS)
    assert {verdict.state for verdict in goals.verdicts(empty)} == {"unmeasured"}
    assert "cells have no answer" in document.written(empty)


def test_answers_that_were_kept_are_read_again(tmp_path):
    path = tmp_path / "results.jsonl"
    cell = Cell(kind="warm", engine="radpred", case="lung1")
    Answers.resumed(path, {}).keep(cell, {"peak_mb": 1.0})
    again = Answers.resumed(path, {"fastrad": "gone"})
    assert again.of(cell) == {"peak_mb": 1.0}
    assert Answers.read(path).facts["missing"] == {"fastrad": "gone"}


def test_every_bar_is_drawn_and_every_cost(answers, tmp_path):
    drawn = pictures.draw(answers, tmp_path)
    assert [path.name for path in drawn] == ["performance-ratios.png", "performance-cost.png"]
    voxels, levels = document.cost(answers)
    assert (tuple(voxels), tuple(levels)) == (COST_VOXELS, COST_LEVELS)


def test_a_cold_start_is_import_reading_and_the_first_case(answers):
    assert goals.start_s(answers, "radpred", "lung1") == 0.5 + 0.25 + 9.0


def test_a_compile_that_nobody_is_told_of_misses_the_bar(answers):
    goals.compiling(answers, "radpred")["told"] = ""
    line = next(v for v in goals.verdicts(answers) if v.what.startswith("one-time compile"))
    assert line.state == "missed"


def test_every_cell_is_asked_once():
    keys = [cell.key for cell in cells()]
    assert len(keys) == len(set(keys))


def test_fastrad_is_not_asked_for_the_wavelet_it_lacks():
    assert not has_cell("fastrad", filters=True)
