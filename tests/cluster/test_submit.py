"""The main process goes into the queue, once, with time enough; what is queued is not run twice."""

from __future__ import annotations

import shlex
import sys

import pytest

from radpred.config import StudySettings
from radpred.stages.cluster.queued import (
    job_prefix,
    queued_runs,
)
from radpred.stages.cluster.slurm import Answer
from radpred.stages.cluster.submit import SubmitError, submit

SINFO = "n1|main*|2|4000|infinite|(null)|up|idle\nn1|short|2|4000|10:00|(null)|up|idle"
TAKEN = Answer(0, "41;cluster")


class Scheduler:
    """A scheduler that notes what it was asked for."""

    def __init__(self, *, queue: str = "", sbatch: Answer = TAKEN):
        self.said = {"squeue": Answer(0, queue), "sbatch": sbatch, "sinfo": Answer(0, SINFO)}
        self.asked: list[list[str]] = []

    def __call__(self, words):
        self.asked.append(list(words))
        return self.said.get(words[0], Answer(127))

    @property
    def submitted(self) -> list[str]:
        return next(words for words in self.asked if words[0] == "sbatch")


@pytest.fixture
def study(tmp_path):
    """Return a function that gives a study with these settings of the cluster."""

    def make(**cluster):
        return StudySettings.model_validate(
            {
                "name": "tiny",
                "out": tmp_path / "my results",
                "outcome": {"column": "event"},
                "cluster": cluster,
            }
        )

    return make


def submitted(study, scheduler, **options):
    """Submit a study with a profile, and return what is in the queue."""
    file = study.out.parent / "study.yaml"
    return submit(file, study, ["--profile", "slurm"], ask=scheduler, **options)


def test_the_job_runs_the_same_command_and_takes_signals_itself(study):
    scheduler = Scheduler()
    submitted(study(), scheduler)
    line = scheduler.submitted[scheduler.submitted.index("--wrap") + 1]
    file = str(study().out.parent / "study.yaml")
    run = ["exec", sys.executable, "-m", "radpred", "run", file, "--profile", "slurm"]
    assert shlex.split(line) == run


def test_number_log_and_how_to_end_it_are_told(study):
    job = submitted(study(), Scheduler())
    assert job.job == "41"
    assert job.log == study().out.resolve() / "logs" / "submitted-41.log"
    assert job.cancel == "scancel --batch --signal=INT 41"


def test_the_study_s_account_queue_and_options_are_asked_for(study):
    scheduler = Scheduler()
    settings = study(account="ours", partition="main", extra=["--nice=5"], main_memory_mb=3000)
    submitted(settings, scheduler, cores=2)
    wanted = {"--account=ours", "--partition=main", "--nice=5", "--mem=6000", "--cpus-per-task=2"}
    assert wanted <= set(scheduler.submitted)


@pytest.mark.parametrize(
    ("cluster", "minutes"),
    [
        ({}, 7 * 24 * 60),  # no limit: a week
        ({"partition": "short"}, 10),
        ({"partition": "short", "main_hours": 0.1}, 6),
    ],
)
def test_it_may_take_as_long_as_its_queue_allows_or_as_told(cluster, minutes, study):
    scheduler = Scheduler()
    submitted(study(**cluster), scheduler)
    assert f"--time={minutes}" in scheduler.submitted


def test_it_is_told_before_its_time_is_over(study):
    scheduler = Scheduler()
    submitted(study(), scheduler)
    assert "--signal=B:INT@180" in scheduler.submitted


def test_a_refusal_says_why(study):
    with pytest.raises(SubmitError, match="Invalid account"):
        submitted(study(), Scheduler(sbatch=Answer(1, "", "sbatch: error: Invalid account")))


def test_a_run_that_is_queued_is_not_submitted_again(study):
    queue = f"7 {job_prefix(study().out)}"
    with pytest.raises(SubmitError, match="job 7 is a run of"):
        submitted(study(), Scheduler(queue=queue))


def test_a_run_is_told_from_its_jobs_and_from_those_of_others(study, tmp_path):
    prefix, other = job_prefix(study().out), job_prefix(tmp_path / "other")
    scheduler = Scheduler(queue=f"7 {prefix}\n8 {prefix}_ab-1\n9 {other}_cd-2\n10 {prefix}_ab-1")
    assert queued_runs(study().out, scheduler) == ["7"]


def test_without_a_scheduler_nothing_is_queued(study):
    assert queued_runs(study().out, lambda words: Answer(127)) == []
