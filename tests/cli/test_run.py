"""`radpred run` and `radpred doctor` from the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from radpred.cli import app
from radpred.cli.runs.run import profile_names


@pytest.mark.parametrize(("typed", "names"), [("s", ["slurm"]), ("", ["default", "slurm", "test"])])
def test_the_tab_key_completes_profiles(typed, names):
    assert profile_names(typed) == names


def test_doctor_needs_no_study_and_gives_records():
    done = CliRunner().invoke(app, ["doctor", "--json"])
    findings = json.loads(done.stdout)
    assert {"Python", "cores", "memory"} <= {one["topic"] for one in findings}
    assert set(findings[0]) == {"topic", "verdict", "found", "todo"}


def test_doctor_ends_with_one_where_there_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # where no scheduler is
    done = CliRunner().invoke(app, ["doctor", "--profile", "slurm", "--json"])
    assert done.exit_code == 1
    problems = [one for one in json.loads(done.stdout) if one["verdict"] == "problem"]
    assert "Slurm" in {one["topic"] for one in problems}
