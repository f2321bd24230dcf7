"""Find the shipped workflow, start Snakemake as a child process, and say how far it is."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from radpred import deploy
from radpred.cohort import refuse_any
from radpred.config import StudySettings, read_study
from radpred.errors import RadpredError
from radpred.stages.assemble import gravest_verdicts
from radpred.stages.cluster.asked import Asked, asked_in
from radpred.stages.cluster.limits import usable_cores
from radpred.stages.cluster.profiles import LOCAL, SLURM, executor_of, profile_options
from radpred.stages.cluster.profiles import pipeline_folder as pipeline_folder
from radpred.stages.cluster.queued import job_prefix
from radpred.stages.commands.check import Looked, check, refuse_rejected, write_page
from radpred.stages.prepare import Plan, prepare, redirected
from radpred.stages.watching.ending import ending_in_order
from radpred.stages.watching.journal import Journal
from radpred.stages.watching.manner import Manner, is_dry
from radpred.stages.watching.orphans import ON_SLURM, clear_of_orphans, mark_of
from radpred.stages.watching.rerun import refuse_other_version
from radpred.stages.watching.snakelog import LOG
from radpred.stages.watching.state import Status, Watch
from radpred.stages.work.files import read_json
from radpred.stages.work.lock import FolderLock
from radpred.stages.work.progress import forget_progress
from radpred.stages.work.threads import PINNED
from radpred.writing import remove_unfinished

__all__ = [
    "LOG",
    "Manner",
    "Results",
    "RunError",
    "Status",
    "Study",
    "command",
    "planned_jobs",
    "run",
]


class RunError(RadpredError):
    """Snakemake ended without finishing the study."""

    code = "run_failed"


def command(
    study_file: Path, *, cores: int | None, profile: str | None, extra: Sequence[str] = ()
) -> list[str]:
    """Return the Snakemake command of a study; ``extra`` is passed on unchanged.

    Raises
    ------
    SettingsError
        There is no such profile.
    """
    line = [sys.executable, "-m", "snakemake", "--snakefile", str(pipeline_folder() / "Snakefile")]
    line += ["--nolock"]  # the folder's own lock is held, and outlives no process
    line += ["--configfile", str(study_file.resolve()), *profile_options(profile)]
    executor = executor_of(profile, extra)
    if executor == SLURM and "--slurm-jobname-prefix" not in extra:
        line += ["--slurm-jobname-prefix", job_prefix(read_study(study_file).out)]
    if cores is not None or executor == LOCAL:
        line += ["--cores", str(cores or usable_cores())]
    return [*line, *extra]


def planned_jobs(
    study_file: str | Path,
    *,
    cores: int | None = None,
    profile: str | None = None,
    out: str | Path | None = None,
    extra: Sequence[str] = (),
) -> tuple[Asked, ...]:
    """Return what the jobs of a run would ask for, and how many there are; none is started.

    The cases are read and dealt to shards, as every run does first.

    Raises
    ------
    RunError
        Snakemake cannot plan the study; the message holds the end of what it said.
    FolderBusyError
        Another run works in the folder of results.
    """
    study_file = Path(study_file) if out is None else redirected(Path(study_file), Path(out))
    folder = read_study(study_file).out
    if cores is None and executor_of(profile) != LOCAL:
        cores = sys.maxsize  # no limit; without a word Snakemake plans for one core
    line = command(study_file, cores=cores, profile=profile, extra=[*extra, "--dry-run"])
    with FolderLock(folder):
        prepare(study_file)
        done = subprocess.run(
            line, capture_output=True, text=True, cwd=folder, env=_environment(folder), check=False
        )
    said = done.stdout + done.stderr
    if done.returncode:
        msg = f"the run cannot be planned (exit {done.returncode}):\n{_last(said)}"
        raise RunError(msg)
    return asked_in(said)


def run(
    study_file: str | Path,
    *,
    cores: int | None = None,
    profile: str | None = None,
    out: str | Path | None = None,
    extra: Sequence[str] = (),
    told: Callable[[Status], None] | None = None,
    manner: Manner | None = None,
) -> Path:
    """Run a study to its report, from where an earlier run stopped.

    Parameters
    ----------
    study_file : path
        The study's YAML file.
    cores : int, optional
        Processor cores to use; all by default.
    profile : str, optional
        A profile that radpred ships (``default``, ``slurm``) or the folder of one's own, which
        is laid over the shipped one of its executor.
    out : path, optional
        Results go here instead of the study file's ``out``.
    extra : sequence of str
        Further options for Snakemake.
    told : callable, optional
        Called about once a second with how far the run is.
    manner : Manner, optional
        What the run waits for and accepts, and who reads its journal.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    RunError
        A step failed; the message holds the end of Snakemake's log.
    RejectedError
        A case is rejected, and the study is to stop there: mostly before any work.
    OrphansError
        Jobs of an earlier run still work in the folder.
    OtherVersionError
        Another version made what is there, and steps would run again.
    """
    study_file = Path(study_file) if out is None else redirected(Path(study_file), Path(out))
    folder, how = read_study(study_file).out, manner or Manner()
    line = command(study_file, cores=cores, profile=profile, extra=extra)
    clear_of_orphans(folder, waits=how.waits_for_orphans, told=how.waiting)
    kept: dict[str, Any] = {"each_line": how.each_line, "is_kept": not is_dry(extra)}
    with (
        ending_in_order(),
        FolderLock(folder) as lock,
        Journal(folder, study_file, told=told, **kept) as journal,
    ):
        remove_unfinished(folder)
        if executor_of(profile, extra) == SLURM and not is_dry(extra):
            (folder / ON_SLURM).mkdir(parents=True, exist_ok=True)
        refuse_rejected(study_file, told=_checking(journal.told))
        plan = prepare(study_file)
        if not how.accepts_version and not is_dry(extra):
            refuse_other_version(line, folder)
        if not is_dry(extra):
            forget_progress(folder)
        if code := _finished(line, plan, lock, journal):
            _refuse_late(plan)
            log = folder / LOG
            msg = f"the run stopped (exit {code}); the end of {log}:\n{_cause(log)}"
            raise RunError(msg)
    return folder / "report.html"


def _finished(line: list[str], plan: Plan, lock: FolderLock, journal: Journal) -> int:
    """Run Snakemake to its end and return its exit code."""
    log = plan.out / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        child = subprocess.Popen(
            line,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=plan.out,
            env=_environment(plan.out),
            start_new_session=True,  # an interrupt reaches it once, from here
            pass_fds=lock.handles,  # the folder stays taken for as long as it lives
        )
        lock.note(pid=os.getpid(), snakemake=child.pid)
        _wait(child, plan, journal)
    return child.returncode


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a run's jobs: one thread a process, and the run's own mark."""
    return {**os.environ, **dict.fromkeys(PINNED, "1"), **mark_of(folder)}


def _checking(told: Callable[[Status], None]) -> Callable[[Looked], None]:
    """Return what tells of a check as of the steps of a run."""
    started = time.monotonic()
    return lambda at: told(Status(at.step, at.done, at.total, time.monotonic() - started))


def _refuse_late(plan: Plan) -> None:
    """Raise where a failed run rejected a case on its way, and the study is to stop there."""
    features = [plan.out / "features" / f"{shard}.parquet" for shard in plan.shards]
    are_judged = all(path.with_suffix(".verdicts.parquet").is_file() for path in features)
    if plan.settings.rejected_cases == "stop" and are_judged:
        refuse_any(gravest_verdicts(plan.out, features))


def _wait(child: subprocess.Popen[bytes], plan: Plan, journal: Journal) -> None:
    """Wait for Snakemake, telling how far it is; an interrupt is passed on once."""
    watch = Watch(plan.out, plan.settings, n_cases=plan.n_cases, n_shards=len(plan.shards))
    try:
        while child.poll() is None:
            time.sleep(0.5)
            _tell(watch, journal)
    except KeyboardInterrupt:
        _interrupt(child)  # Snakemake ends its jobs and removes half-written files
        child.wait()
        raise
    finally:
        _tell(watch, journal)
        journal.failures = watch.failures()


def _tell(watch: Watch, journal: Journal) -> None:
    """Tell of every step that says how far it is."""
    watch.update()
    for status in watch.statuses():
        journal.told(status)


def _interrupt(child: subprocess.Popen[bytes]) -> None:
    """Interrupt Snakemake and its jobs, as a terminal would."""
    if os.name == "posix":
        os.killpg(child.pid, signal.SIGINT)
    else:
        child.terminate()


def _cause(log: Path) -> str:
    """Return the last lines of a log; of options that Snakemake refuses, why, and no usage."""
    said = log.read_text(encoding="utf-8", errors="replace")
    refused = re.search(r"^__main__\.py: error: .*", said, flags=re.MULTILINE | re.DOTALL)
    return _last(refused.group() if refused else said)


def _last(said: str, *, n_lines: int = 25) -> str:
    """Return the last lines of what was said."""
    return "\n".join(said.splitlines()[-n_lines:])


@dataclass(frozen=True)
class Study:
    """A study in Python: the twin of ``radpred check`` and ``radpred run``.

    Examples
    --------
    >>> Study.from_file("study.yaml").run(cores=2).metrics["auroc"]  # doctest: +SKIP
    {'value': 0.78, 'low': 0.65, 'high': 0.88}
    """

    file: Path
    settings: StudySettings

    @classmethod
    def from_file(cls, path: str | Path) -> Study:
        """Return the study in a YAML file.

        Raises
        ------
        SettingsError
            The file is missing or holds a setting that cannot be used.
        """
        return cls(Path(path).resolve(), read_study(path))

    def check(self, *, page: str | Path | None = None) -> pd.DataFrame:
        """Return a verdict for every row: images are opened, and nothing is measured.

        Parameters
        ----------
        page : path, optional
            Where to write a page with a picture of every case.
        """
        checked = check(self.file, has_pictures=page is not None)
        if page is not None:
            write_page(checked, Path(page))
        return checked.verdicts

    def run(self, *, cores: int | None = None, profile: str | None = None) -> Results:
        """Run the study and return what it made."""
        return Results(run(self.file, cores=cores, profile=profile).parent)


@dataclass(frozen=True)
class Results:
    """What a run left in its folder."""

    folder: Path

    @property
    def report(self) -> Path:
        """Return the report's path."""
        return self.folder / "report.html"

    @property
    def evaluation(self) -> dict[str, Any]:
        """Return the evidence, as ``evaluation.json`` holds it."""
        return read_json(self.folder / "evaluation.json")

    @property
    def explanation(self) -> dict[str, Any]:
        """Return the explanation, as ``explanation.json`` holds it."""
        return read_json(self.folder / "explanation.json")

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """Return the headline: metrics of the selected model, each with its interval."""
        models = self.evaluation["models"]
        return next(m["metrics"] for m in models if m["name"] == "selected")

    def predictor(self) -> deploy.Predictor:
        """Return the final model."""
        return deploy.load_predictor(self.folder / "model.radpred")
