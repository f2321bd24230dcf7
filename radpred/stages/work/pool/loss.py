"""A piece whose process had to be ended, or ended by itself: why, and what to do about it."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from radpred.cohort import Case, Verdict
from radpred.config.study import LimitSettings
from radpred.stages.work.files import as_json, read_json, write_bytes
from radpred.stages.work.pool.memory import allotment

SPARED = 0.95  # of an allotment: at all of it the system ends the whole job
RESERVE_MB = 300.0  # in a job of a scheduler Snakemake runs, too, twice
Code = Literal["crashed", "timed_out", "out_of_memory"]


@dataclass(frozen=True)
class Loss:
    """Why a piece has no answer.

    Parameters
    ----------
    code : str
        ``crashed``, ``timed_out`` or ``out_of_memory``.
    came, wanted, todo : str
        As of a verdict.
    seconds, peak_mb : float
        What it took until then.
    limit : float
        What it went beyond, in seconds or MB; 0 for a crash.
    is_of_job : bool
        More memory for the job may help.
    key : str
        What identifies the piece; "" where that was not found out before it was lost.
    """

    code: Code
    came: str
    wanted: str
    todo: str
    seconds: float = 0.0
    peak_mb: float = 0.0
    limit: float = 0.0
    is_of_job: bool = False
    key: str = ""

    @property
    def may_pass(self) -> bool:
        """Tell whether the piece may get done in a process of its own with none beside."""
        return self.code == "crashed" or self.is_of_job


def timed_out(limits: LimitSettings) -> Loss:
    """Return the loss of a piece that took too long."""
    limit = limits.seconds_per_case
    return Loss(
        "timed_out",
        came=f"not done after {limit:g} s",
        wanted=f"at most {limit:g} s a case in one step",
        todo="look at the size of its scan and region, or raise limits.seconds_per_case",
        limit=limit,
    )


def out_of_memory(held_mb: float, limit_mb: float, *, by: str) -> Loss:
    """Return the loss of a piece that held too much; ``by`` is case, job or machine."""
    whose = "limits.memory_mb_per_case" if by == "case" else f"what the {by} has"
    more = {
        "case": "raise limits.memory_mb_per_case",
        "job": "give the job more memory (mem_mb of its rule, in a profile)",
        "machine": "run on fewer cores at once, or on a machine with more memory",
    }[by]
    return Loss(
        "out_of_memory",
        came=f"its process held {held_mb:.0f} MB",
        wanted=f"at most {limit_mb:.0f} MB ({whose})",
        todo=f"{more}; or resample to larger voxels, or with fewer filters",
        limit=limit_mb,
        is_of_job=by != "case",
    )


def crashed(status: int | None) -> Loss:
    """Return the loss of a piece whose process ended with a status, or by a signal (negative)."""
    if status == -9:  # nobody here sent it: so does the system where memory runs out
        limit = allowed_mb(LimitSettings())
        return Loss(
            "out_of_memory",
            came="the system ended its process (signal 9), as it does where memory runs out",
            wanted="a process that is left to end by itself",
            todo="give the job more memory, or run on fewer cores at once",
            limit=limit,
            is_of_job=True,
        )
    how = f"with status {status}"
    if status is not None and status < 0:
        how = f"by signal {-status} ({signal.Signals(-status).name})"
    return Loss(
        "crashed",
        came=f"its process ended {how}, without an error of its own",
        wanted="a process that ends with an answer",
        todo="run `radpred extract` on it alone to see why",
    )


def allowed_mb(limits: LimitSettings) -> float:
    """Return what one case may hold in a process of its own with none beside, in MB."""
    given = limits.memory_mb_per_case or float("inf")
    found = allotment()
    return given if found is None else min(given, found.mb)


def verdict_on(case: Case, loss: Loss, *, stage: str) -> Verdict:
    """Return the verdict on a case that was lost."""
    told = (loss.code, loss.came, loss.wanted, loss.todo)
    return Verdict(case.case_id, case.patient_id, stage, "rejected", *told)


def keep_loss(path: Path, loss: Loss) -> None:
    """Write down that a piece went beyond a limit, if it did and is known."""
    if loss.limit and loss.key:
        write_bytes(path, as_json(vars(loss)))


def kept_loss(path: Path, key: str, limits: LimitSettings) -> Loss | None:
    """Return the loss that an earlier run wrote down, unless more is allowed now than was then."""
    if not path.is_file():
        return None
    loss = Loss(**read_json(path))
    allowed = limits.seconds_per_case if loss.code == "timed_out" else allowed_mb(limits)
    return loss if loss.key == key and allowed <= loss.limit else None
