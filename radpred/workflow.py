"""Find the shipped workflow, start Snakemake as a child process, and say how far it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import refuse_any
from radpred.config import StudySettings, read_study
from radpred.deploy import Predictor, load_predictor
from radpred.errors import RadpredError
from radpred.stages.assemble import gravest_verdicts
from radpred.stages.commands.check import Looked, check, refuse_rejected, write_page
from radpred.stages.prepare import Plan, prepare, redirected
from radpred.stages.work.files import read_json
from radpred.stages.work.lock import FolderLock
from radpred.stages.work.progress import FOLDER, counted

LOG = Path("logs") / "snakemake.log"
_PINNED = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)


@dataclass(frozen=True)
class Status:
    """How far a run is: pieces done and wanted in the step at work, and seconds so far."""

    step: str
    done: int
    total: int
    seconds: float

    @property
    def seconds_left(self) -> float | None:
        """Return the time left in this step at the pace so far, once there is a pace."""
        if not self.done:
            return None
        return self.seconds / self.done * (self.total - self.done)


class RunError(RadpredError):
    """Snakemake ended without finishing the study."""

    code = "run_failed"


def pipeline_folder() -> Path:
    """Return the folder that holds ``Snakefile`` and ``workflow/``: in the wheel or the clone."""
    package = Path(str(files("radpred")))
    shipped = package / "_pipeline"
    return shipped if (shipped / "Snakefile").is_file() else package.parent


def command(
    study_file: Path, *, cores: int | None, profile: str | None, extra: Sequence[str] = ()
) -> list[str]:
    """Return the Snakemake command of a study; ``extra`` is passed on unchanged."""
    folder = pipeline_folder()
    profiles = folder / "workflow" / "profiles"
    named = profiles / (profile or "default")
    chosen = named if named.is_dir() else Path(profile or "default").resolve()
    line = [sys.executable, "-m", "snakemake", "--snakefile", str(folder / "Snakefile")]
    line += ["--nolock"]  # the folder's own lock is held, and outlives no process
    line += ["--configfile", str(study_file.resolve()), "--workflow-profile", str(chosen)]
    if cores is not None or profile in (None, "default"):
        line += ["--cores", str(cores or os.cpu_count() or 1)]
    return [*line, *extra]


def run(
    study_file: str | Path,
    *,
    cores: int | None = None,
    profile: str | None = None,
    out: str | Path | None = None,
    extra: Sequence[str] = (),
    told: Callable[[Status], None] | None = None,
) -> Path:
    """Run a study to its report, from where an earlier run stopped.

    Parameters
    ----------
    study_file : path
        The study's YAML file.
    cores : int, optional
        Processor cores to use; all by default.
    profile : str, optional
        A profile that radpred ships (``default``, ``slurm``) or the folder of one's own.
    out : path, optional
        Results go here instead of the study file's ``out``.
    extra : sequence of str
        Further options for Snakemake.
    told : callable, optional
        Called about once a second with how far the run is.

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
    """
    study_file = Path(study_file) if out is None else redirected(Path(study_file), Path(out))
    folder = read_study(study_file).out
    with FolderLock(folder) as lock:
        refuse_rejected(study_file, told=_checking(told))
        plan = prepare(study_file)
        forget_progress(folder)
        line = command(study_file, cores=cores, profile=profile, extra=extra)
        code = _finished(line, plan, lock, told)
    if code:
        _refuse_late(plan)
        log = folder / LOG
        msg = f"the run stopped (exit {code}); the end of {log}:\n{_cause(log)}"
        raise RunError(msg)
    return folder / "report.html"


def _finished(
    line: list[str], plan: Plan, lock: FolderLock, told: Callable[[Status], None] | None
) -> int:
    """Run Snakemake to its end and return its exit code."""
    log = plan.out / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        child = subprocess.Popen(
            line,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=plan.out,
            env={**os.environ, **dict.fromkeys(_PINNED, "1")},
            start_new_session=True,  # an interrupt reaches it once, from here
            pass_fds=lock.handles,  # the folder stays taken for as long as it lives
        )
        lock.note(pid=os.getpid(), snakemake=child.pid)
        _wait(child, plan, told)
    return child.returncode


def _checking(told: Callable[[Status], None] | None) -> Callable[[Looked], None] | None:
    """Return what tells of a check as of the steps of a run."""
    if told is None:
        return None
    started = time.monotonic()
    return lambda at: told(Status(at.step, at.done, at.total, time.monotonic() - started))


def _refuse_late(plan: Plan) -> None:
    """Raise where a failed run rejected a case on its way, and the study is to stop there."""
    features = [plan.out / "features" / f"{shard}.parquet" for shard in plan.shards]
    are_judged = all(path.with_suffix(".verdicts.parquet").is_file() for path in features)
    if plan.settings.rejected_cases == "stop" and are_judged:
        refuse_any(gravest_verdicts(plan.out, features))


def forget_progress(out: Path) -> None:
    """Remove what earlier runs said of their progress."""
    for path in (out / FOLDER).glob("*"):
        path.unlink(missing_ok=True)


def _wait(
    child: subprocess.Popen[bytes], plan: Plan, told: Callable[[Status], None] | None
) -> None:
    """Wait for Snakemake, telling how far it is; an interrupt is passed on once."""
    started = time.monotonic()
    try:
        while child.poll() is None:
            time.sleep(0.5)
            if told is not None:
                for status in _statuses(plan, started):
                    told(status)
    except KeyboardInterrupt:
        _interrupt(child)  # Snakemake ends its jobs and removes half-written files
        child.wait()
        raise
    if told is not None:
        for status in _statuses(plan, started):
            told(status)


def _interrupt(child: subprocess.Popen[bytes]) -> None:
    """Interrupt Snakemake and its jobs, as a terminal would."""
    if os.name == "posix":
        os.killpg(child.pid, signal.SIGINT)
    else:
        child.terminate()


def _statuses(plan: Plan, started: float) -> Iterator[Status]:
    """Yield how far each step is that says so itself."""
    seconds = time.monotonic() - started
    learning = plan.settings.learning
    n_folds = learning.n_repeats * (learning.outer_folds if learning.design.kind == "folds" else 1)
    n_cases = plan.n_cases
    totals = {"segment": n_cases, "extract": n_cases, "perturb": n_cases, "train": n_folds}
    for step, total in totals.items():
        done, told = counted(plan.out, step)
        if told:
            yield Status(step, done, max(total, told), seconds)


def _cause(log: Path, *, n_lines: int = 25) -> str:
    """Return the last lines of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-n_lines:])


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

    def predictor(self) -> Predictor:
        """Return the final model."""
        return load_predictor(self.folder / "model.radpred")
