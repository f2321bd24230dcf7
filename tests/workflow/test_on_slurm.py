"""On a real Slurm: looked at, submitted, run to its report."""

from __future__ import annotations

import os
import re
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from radpred.cli import app
from radpred.pipeline.demo import make_cohort
from radpred.stages.cluster.queued import queued_runs
from radpred.stages.cluster.slurm import ask

pytestmark = [
    pytest.mark.skipif("SLURM_CONF" not in os.environ, reason="needs SLURM_CONF of a Slurm"),
    pytest.mark.skipif(not ask(["sinfo"]).is_good, reason="needs a Slurm that answers"),
    pytest.mark.skipif(
        find_spec("snakemake_executor_plugin_slurm") is None, reason="needs radpred[slurm]"
    ),
]
STUDY = {
    "name": "queued",
    "outcome": {"column": "event"},
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 25},
    "learning": {
        "models": ["elastic_net"],
        "repeats": 1,
        "outer_folds": 2,
        "inner_folds": 2,
        "n_features": [5],
        "bootstrap_draws": 100,
    },
}
PATIENCE_S = 1200


def radpred(*words: str) -> str:
    """Return what a command says, which must end well."""
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Return a study of a made cohort."""
    folder = tmp_path_factory.mktemp("on slurm")
    make_cohort(folder, n_patients=20, seed=3)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    return folder / "study.yaml"


@pytest.fixture(scope="module")
def submitted(study) -> tuple[Path, str]:
    """Return the results of a run that was submitted, and what the submission said."""
    said = radpred("run", str(study), "--submit", "--profile", "test")
    out = study.parent / "results"
    deadline = time.monotonic() + PATIENCE_S
    while queued_runs(out, ask) and time.monotonic() < deadline:
        time.sleep(2)
    return out, said


def test_nothing_stands_in_the_way(study):
    assert "0 problem(s)" in radpred("doctor", str(study), "--profile", "test")


def test_an_unknown_queue_does(study):
    study.with_name("other.yaml").write_text(
        yaml.safe_dump({**STUDY, "cluster": {"partition": "none_such"}})
    )
    done = CliRunner().invoke(
        app, ["doctor", str(study.with_name("other.yaml")), "--profile", "test"]
    )
    assert done.exit_code == 1
    assert "none_such" in done.output


def test_a_submitted_run_says_where_it_is(submitted):
    out, said = submitted
    number = re.search(r"^job: +(\d+)$", said, flags=re.MULTILINE)
    assert number
    assert (out / "logs" / f"submitted-{number.group(1)}.log").is_file()


def test_it_ends_with_a_report(submitted):
    out, _ = submitted
    assert (out / "report.html").is_file()


def test_its_steps_were_jobs_of_their_own(submitted):
    out, _ = submitted
    log = (out / "logs" / "snakemake.log").read_text()
    assert len(re.findall(r"has been submitted with SLURM jobid \d+", log)) >= 9
