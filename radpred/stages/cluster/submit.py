"""The main process of a run as a job of its own, where nothing may run on the login node."""

from __future__ import annotations

import math
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from radpred.config import StudySettings
from radpred.errors import RadpredError
from radpred.stages.cluster.queued import job_prefix, queued_runs
from radpred.stages.cluster.slurm import Ask, cluster_of

LOGS = Path("logs")
WEEK_MINUTES = 7 * 24 * 60
# So long before its time is over the main process is told, and ends its jobs in order.
NOTICE_S = 180


class SubmitError(RadpredError):
    """The scheduler did not take the main process."""

    code = "not_submitted"


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """A main process in the queue."""

    job: str
    log: Path
    out: Path

    @property
    def cancel(self) -> str:
        """Return what ends the run in order: it ends its jobs, and can go on from there."""
        return f"scancel --batch --signal=INT {self.job}"


def submit(
    study_file: Path,
    study: StudySettings,
    words: Sequence[str],
    *,
    ask: Ask,
    cores: int = 1,
) -> Submitted:
    """Submit ``radpred run`` of a study, and return where it is.

    Parameters
    ----------
    study_file : Path
        The study.
    study : StudySettings
        What it holds: its folder of results, and where its jobs queue.
    words : sequence of str
        Options of ``radpred run`` that the job is to be given.
    ask : callable
        Runs a command of the scheduler.
    cores : int
        Cores of the job: one, unless the steps run inside it.

    Raises
    ------
    SubmitError
        There is no ``sbatch``, or it refuses; or the same run is queued already.
    """
    before = queued_runs(study.out, ask)
    if before:
        msg = (
            f"job {before[0]} is a run of {study.out} already; wait for it, or end it by "
            f"`scancel --batch --signal=INT {before[0]}`"
        )
        raise SubmitError(msg)
    (study.out / LOGS).mkdir(parents=True, exist_ok=True)
    run = [sys.executable, "-m", "radpred", "run", str(study_file.resolve()), *words]
    options = _options(study, minutes=_minutes(study, ask), cores=cores)
    answer = ask(["sbatch", *options, "--wrap", f"exec {shlex.join(run)}"])
    found = re.match(r"\d+", answer.out)
    if not answer.is_good or not found:
        msg = (
            f"the run was not submitted: {answer.complaint or answer.out or 'sbatch said nothing'}"
            "; look at `radpred doctor`, and correct the study's section cluster"
        )
        raise SubmitError(msg)
    return Submitted(job=found.group(), log=_log(study, found.group()), out=study.out)


def _options(study: StudySettings, *, minutes: int | None, cores: int) -> list[str]:
    """Return the options of sbatch for the main process."""
    asked = study.cluster
    named = {
        "account": asked.account,
        "partition": asked.partition,
        "qos": asked.qos,
        "constraint": asked.constraint,
        "time": minutes,
        "mem": asked.main_memory_mb * cores,
        "cpus-per-task": cores,
        "job-name": job_prefix(study.out),
        "output": _log(study, "%j"),
        "signal": f"B:INT@{NOTICE_S}",
    }
    given = [f"--{option}={value}" for option, value in named.items() if value is not None]
    return ["--parsable", "--ntasks=1", *given, *asked.extra]


def _log(study: StudySettings, job: str) -> Path:
    """Return the log of a main process."""
    return study.out.resolve() / LOGS / f"submitted-{job}.log"


def _minutes(study: StudySettings, ask: Ask) -> int | None:
    """Return how long the main process may take: as told, or as its partition allows."""
    if study.cluster.main_hours is not None:
        return math.ceil(study.cluster.main_hours * 60)
    cluster = cluster_of(ask)
    nodes = [] if cluster is None else cluster.nodes_of(study.cluster.partition)
    if not nodes:
        return None
    return math.floor(min(WEEK_MINUTES, *(node.most_minutes for node in nodes)))
