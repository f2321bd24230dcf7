"""`radpred check`, as a person types it."""

from __future__ import annotations

import pandas as pd
import pytest
from faulty_study import written
from typer.testing import CliRunner

from radpred.cli import app

runner = CliRunner()


def radpred(*words):
    """Run a command in this process."""
    return runner.invoke(app, [*map(str, words)], env={"COLUMNS": "200"})


def test_the_verdicts_are_printed_and_the_page_is_written(tmp_path):
    done = radpred("check", written(tmp_path, ["moved", "noted"]))
    assert done.exit_code == 0
    assert "mask_displaced" in done.output
    assert "4 rows: 2 accepted, 1 noted, 1 rejected" in done.output
    assert f"page: {tmp_path / 'results' / 'check.html'}" in done.output
    assert (tmp_path / "results" / "check.html").is_file()


def test_headers_that_reject_are_told_before_scans_are_opened(tmp_path):
    done = radpred("check", written(tmp_path, ["moved"]))
    assert "headers alone reject 1 of 3 cases; opening scans" in done.output


def test_fast_writes_no_page_unless_one_is_named(tmp_path):
    study = written(tmp_path)
    assert radpred("check", study, "--fast").exit_code == 0
    assert not list(tmp_path.rglob("*.html"))
    assert radpred("check", study, "--fast", "--page", tmp_path / "mine.html").exit_code == 0
    assert "no image was opened" in (tmp_path / "mine.html").read_text(encoding="utf-8")


def test_all_verdicts_can_be_saved_as_a_table(tmp_path):
    radpred("check", written(tmp_path, ["moved"]), "--fast", "--save", tmp_path / "v.csv")
    table = pd.read_csv(tmp_path / "v.csv")
    assert list(table["status"]) == ["accepted", "accepted", "rejected"]


def test_a_page_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    done = radpred("check", written(tmp_path), "--page", tmp_path / "file" / "check.html")
    assert "2 rows: 2 accepted" in done.output  # what was found is told all the same
    assert "name another place by --page" in str(done.exception)


@pytest.mark.parametrize(
    ("policy", "faults", "status"),
    [("leave_out", ["moved"], 0), ("stop", ["moved"], 1), ("stop", [], 0), ("warn", ["moved"], 0)],
)
def test_the_exit_status_follows_the_study(tmp_path, policy, faults, status):
    done = radpred("check", written(tmp_path, faults, rejected_cases=policy), "--fast")
    assert done.exit_code == status


def test_a_study_that_stops_says_so(tmp_path):
    done = radpred("check", written(tmp_path, ["moved"], rejected_cases="stop"), "--fast")
    assert "rejected_cases: stop, and 1 rejected" in done.output


def test_the_exit_statuses_are_in_the_help():
    said = " ".join(radpred("check", "--help").output.split())
    for words in ("leave_out", "stop when any is rejected", "warn never", "2 the study file"):
        assert words in said
