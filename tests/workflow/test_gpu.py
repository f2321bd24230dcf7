"""A study that demands a card asks for one in each job that measures, and one job has it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from radpred.pipeline.demo import make_cohort
from radpred.workflow import command, pipeline_folder

# Each job says when it had the card.
TWO_JOBS = """
rule all:
    input: expand("{job}.txt", job=["a", "b"])

rule measure:
    output: "{job}.txt"
    resources: gpu=1
    shell: "date +%s.%N > {output}; sleep 1; date +%s.%N >> {output}"
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """Return a function that gives what Snakemake would do for a study that measures somewhere."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, n_patients=6, seed=3)

    def plan(device: str) -> str:
        study = {"name": "tiny", "outcome": {"column": "event"}, "device": device}
        path = folder / "study.yaml"
        path.write_text(yaml.safe_dump({**study, "cases_per_shard": 2}))
        line = command(path, cores=2, profile=None, extra=("--dry-run",))
        done = subprocess.run(line, capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    return plan


def asking(plan: str) -> dict[str, int]:
    """Return how many jobs of each rule ask for a card."""
    found: dict[str, int] = {}
    for rule, asked in re.findall(r"rule (\w+):\n(?:    .*\n)*?    resources: (.*)\n", plan):
        found[rule] = found.get(rule, 0) + ("gpu=1" in asked)
    return found


def test_a_demanded_card_is_a_resource_of_every_job_that_measures(planned):
    jobs = asking(planned("gpu"))
    assert jobs["extract"] >= 2
    assert sum(jobs.values()) == jobs["extract"]


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_a_study_that_demands_none_asks_for_none(device, planned):
    assert asking(planned(device))["extract"] == 0


def test_jobs_that_need_the_card_run_one_after_the_other_on_one_machine(tmp_path):
    (tmp_path / "Snakefile").write_text(TWO_JOBS)
    profile = pipeline_folder() / "workflow" / "profiles" / "default"
    line = [sys.executable, "-m", "snakemake", "--cores", "2", "--workflow-profile", str(profile)]
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)
    first, second = sorted(
        [float(time) for time in (tmp_path / f"{job}.txt").read_text().split()] for job in "ab"
    )
    assert first[1] <= second[0]
