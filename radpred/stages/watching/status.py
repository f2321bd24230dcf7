"""The state of a run as whoever looks from outside finds it; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from radpred.config import StudySettings, read_study
from radpred.errors import InputError, RadpredError
from radpred.stages.inputs.shards import planned
from radpred.stages.watching.costs import Cost, costs_of
from radpred.stages.watching.failures import Failure, Failures
from radpred.stages.watching.journal import Line, read_journal
from radpred.stages.watching.orphans import Orphan, how_to_end, orphans_of
from radpred.stages.watching.snakelog import LOG, STEPS, RunLog, read_log
from radpred.stages.watching.state import Status, Watch
from radpred.stages.work.files import read_json
from radpred.stages.work.lock import Holder, holder_of

MADE = {
    "segment": "segment/[0-9][0-9][0-9][0-9].parquet",
    "extract": "features/[0-9][0-9][0-9][0-9].parquet",
    "assemble": "features.parquet",
    "perturb": "perturbed/[0-9][0-9][0-9][0-9].parquet",
    "gather": "perturbed.parquet",
    "train": "models/repeat_*.held_out.parquet",
    "fit": "models/final.zip",
    "evaluate": "evaluation.json",
    "bundle": "model.radpred",
    "explain": "explanation.json",
    "report": "report.html",
}
_SHARDED = ("segment", "extract", "perturb")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a run: its jobs, and its cases where it goes by case.

    Parameters
    ----------
    step : str
        Which one.
    state : str
        ``done``, ``at work``, ``failed`` or ``waiting``.
    jobs_done, jobs : int
        Jobs of which the result is there, and all of them.
    pieces : Status, optional
        Cases or folds done and wanted, where the step says so itself.
    """

    step: str
    state: str
    jobs_done: int
    jobs: int
    pieces: Status | None = None

    def plain(self) -> dict[str, Any]:
        """Return the step as JSON holds it."""
        pieces = {} if self.pieces is None else self.pieces.plain()
        known = {"step": self.step, "state": self.state}
        return {**pieces, **known, "jobs_done": self.jobs_done, "jobs": self.jobs}


@dataclass(frozen=True, kw_only=True)
class RunStatus:
    """The state of a run.

    Parameters
    ----------
    out : Path
        The folder.
    state : str
        ``running``, ``orphaned`` (its main process is gone and jobs go on), ``finished``,
        ``failed``, ``interrupted``, ``killed`` or ``new``.
    study, version, began, ended : str
        The study file, the version of radpred, and when the last run began and ended.
    message : str
        Why the last run failed, if it did.
    n_cases, n_listed : int
        Cases that are measured; and these with those that were rejected before any work.
    steps, failures, orphans, costs
        What is done; why cases failed; what still works; and what it cost so far.
    holder : Holder, optional
        Who holds the folder.
    """

    out: Path
    state: str
    study: str
    version: str
    began: str
    ended: str
    message: str
    n_cases: int
    n_listed: int
    steps: tuple[Step, ...]
    failures: tuple[Failure, ...]
    orphans: tuple[Orphan, ...]
    costs: tuple[Cost, ...]
    holder: Holder | None

    @property
    def todo(self) -> str:
        """Return what one does next, if anything."""
        if self.state == "orphaned":
            ends = " and ".join(how_to_end(list(self.orphans)))
            return (
                f"its main process is gone and {len(self.orphans)} job(s) go on: wait for them "
                f"with `radpred run {self.study} --wait-for-orphans`, or end them: {ends}"
            )
        if self.state in ("failed", "interrupted", "killed", "new"):
            return f"`radpred run {self.study}` goes on from here; what is done stays"
        return ""

    @property
    def logs(self) -> tuple[str, ...]:
        """Return the log of the run, and those of steps that failed."""
        failed = [self.out / "logs" / step.step for step in self.steps if step.state == "failed"]
        own = [f"{path}/" if path.is_dir() else f"{path}.log" for path in failed]
        return (str(self.out / LOG), *own)

    def plain(self) -> dict[str, Any]:
        """Return the state as JSON holds it."""
        return {
            "out": str(self.out),
            "state": self.state,
            "study": self.study,
            "version": self.version,
            "began": self.began,
            "ended": self.ended,
            "message": self.message,
            "n_cases": self.n_cases,
            "n_listed": self.n_listed,
            "steps": [step.plain() for step in self.steps],
            "failures": [asdict(failure) for failure in self.failures],
            "holder": None if self.holder is None else asdict(self.holder),
            "jobs_at_work": [asdict(orphan) for orphan in self.orphans],
            "costs": [asdict(cost) for cost in self.costs],
            "logs": list(self.logs),
            "todo": self.todo,
        }


def folder_of(run: Path) -> Path:
    """Return the folder of a run, named by itself or by its study file.

    Raises
    ------
    InputError
        There is no such run.
    """
    out = read_study(run).out if run.is_file() else run
    if not (out / "study.json").is_file():
        msg = f"{out}: no run has begun there; name the folder of results or the study file"
        raise InputError(msg, code="no_run")
    return out.resolve()


def status_of(run: str | Path) -> RunStatus:
    """Return the state of a run, at work or not, by its folder or its study file.

    Raises
    ------
    InputError
        There is no such run.
    """
    out = folder_of(Path(run))
    journal = read_journal(out)
    begun = _last(journal, "run")
    ended = _last(journal, "end")
    holder = holder_of(out)
    orphans = tuple(orphans_of(out))
    state = _state(holder, orphans, begun, ended)
    settings = planned(out / "study.json")
    shards = read_json(out / "shards" / "shards.json")
    watch = Watch(out, settings, n_cases=shards["n_cases"], n_shards=len(shards["shards"]))
    watch.update()
    is_at_work = state in ("running", "orphaned")
    pieces = watch.statuses(now=None if is_at_work else 0.0)
    steps = _steps(out, settings, shards["shards"], pieces, of_run=state)
    if state == "new" and all(step.state == "done" for step in steps):
        state = "finished"  # by Snakemake itself, which keeps no journal of ours
    early = Failures()
    early.of_check(out)
    return RunStatus(
        out=out,
        state=state,
        study=str(begun.get("study", "STUDY.yaml")),
        version=str(begun.get("version", "")),
        began=str(begun.get("at", "")),
        ended=str(ended.get("at", "")),
        message=str(ended.get("message", "")),
        n_cases=int(shards["n_cases"]),
        n_listed=int(shards["n_cases"]) + early.n,
        steps=steps,
        failures=watch.failures(),
        orphans=orphans,
        costs=tuple(costs_of(out)),
        holder=holder,
    )


def failures_of(run: str | Path) -> tuple[Failure, ...]:
    """Return why cases of a run failed, the top reason first; nothing where none has begun."""
    try:
        out = folder_of(Path(run))
    except RadpredError:
        return ()
    watch = Watch(out, planned(out / "study.json"), n_cases=0, n_shards=0)
    watch.update()
    return watch.failures()


def _last(journal: Sequence[Line], event: str) -> Line:
    """Return the last line of a kind, or nothing."""
    return next((line for line in reversed(journal) if line.get("event") == event), {})


def _state(holder: Holder | None, orphans: Sequence[Orphan], begun: Line, ended: Line) -> str:
    """Return what a run is doing, or how it ended, in one word."""
    if holder is not None and holder.is_alive:
        return "running"
    if orphans:
        return "orphaned"
    if not begun:
        return "new"
    return str(ended.get("status", "killed"))


def _steps(
    out: Path,
    settings: StudySettings,
    shards: Sequence[str],
    pieces: Sequence[Status],
    *,
    of_run: str,
) -> tuple[Step, ...]:
    """Return the steps that a study has, each with what is done of it."""
    log = read_log(out)
    of_step = {status.step: status for status in pieces}
    n_jobs = dict.fromkeys(_SHARDED, len(shards)) | {"train": settings.learning.n_repeats}
    wanted = [s for s in STEPS if settings.has_variants or s not in ("perturb", "gather")]
    found = []
    for step in wanted:
        n_all = n_jobs.get(step, 1)
        n_done = _n_done(out, step, log, n_all)
        state = _of_step(step, log, n_done, n_all, of_run=of_run)
        pieces_of = of_step.get(step)
        found.append(Step(step=step, state=state, jobs_done=n_done, jobs=n_all, pieces=pieces_of))
    return tuple(found)


def _n_done(out: Path, step: str, log: RunLog, n_all: int) -> int:
    """Return how many jobs of a step have a result that the last run means to keep.

    What the last run planned to make again is not done until it says so.
    """
    if step in log.planned:
        return n_all - max(0, log.planned[step] - log.done[step])
    return min(n_all, len(list(out.glob(MADE[step]))))


def _of_step(step: str, log: RunLog, n_done: int, n_all: int, *, of_run: str) -> str:
    """Return the state of a step; one that was interrupted waits, and has not failed."""
    if n_done >= n_all:
        return "done"
    if log.lost[step] and of_run != "interrupted":
        return "failed"
    is_begun = log.begun[step] > log.done[step] + log.lost[step]
    return "at work" if of_run in ("running", "orphaned") and is_begun else "waiting"
