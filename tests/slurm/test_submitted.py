"""A run that was put into the queue itself: looked at before, run to its report there."""

from __future__ import annotations

import re

import pytest
import yaml
from typer.testing import CliRunner

from radpred.cli import app

pytestmark = pytest.mark.slurm


def test_nothing_stands_in_the_way(undisturbed):
    study = str(undisturbed.folder / "study.yaml")
    done = CliRunner().invoke(app, ["doctor", study, "--profile", "test"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "0 problem(s)" in done.output


def test_an_unknown_queue_does(undisturbed, tmp_path):
    study = yaml.safe_load((undisturbed.folder / "study.yaml").read_text())
    other = tmp_path / "study.yaml"
    queue = {"partition": "none_such"}
    other.write_text(yaml.safe_dump({**study, "out": str(tmp_path / "out"), "cluster": queue}))
    done = CliRunner().invoke(app, ["doctor", str(other), "--profile", "test"])
    assert done.exit_code == 1
    assert "none_such" in done.output


def test_a_submitted_run_says_where_it_is(undisturbed):
    number = re.search(r"^job: +(\d+)$", undisturbed.said(), flags=re.MULTILINE)
    assert number
    assert (undisturbed.results / "logs" / f"submitted-{number.group(1)}.log").is_file()


def test_its_steps_were_jobs_of_their_own(undisturbed):
    log = (undisturbed.results / "logs" / "snakemake.log").read_text()
    assert len(re.findall(r"has been submitted with SLURM jobid \d+", log)) >= 9
