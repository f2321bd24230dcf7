"""What the jobs of a run are called in a queue, and which submitted runs stand there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from radpred.stages.cluster.slurm import Ask


def job_prefix(out: Path) -> str:
    """Return what the names of all jobs that write to a folder of results begin with."""
    return f"radpred-{hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:8]}"


def queued_runs(out: Path, ask: Ask) -> list[str]:
    """Return the numbers of submitted runs of a folder; none without a scheduler."""
    return [job for job, name in _mine(ask) if name == job_prefix(out)]


def _mine(ask: Ask) -> list[tuple[str, str]]:
    """Return number and name of each job of the user in the queue."""
    answer = ask(["squeue", "--noheader", "--me", "--format", "%i %j"])
    lines = answer.out.splitlines() if answer.is_good else []
    pairs = (line.strip().partition(" ") for line in lines)
    return [(number, name) for number, _, name in pairs]
