"""Jobs of a run whose main process is gone: found before another run begins in the folder."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from radpred.errors import RadpredError
from radpred.stages.cluster.queued import job_prefix
from radpred.stages.work.lock import holder_of

MARK = "RADPRED_RUN"  # the environment of Snakemake and all its jobs names the folder of their run
ON_SLURM = Path("logs") / "slurm"  # in the folder of a run that Slurm was ever asked to work at
_AGAIN_S = 2.0


class OrphansError(RadpredError):
    """Jobs of an earlier run still work in the folder."""

    code = "orphaned_jobs"


@dataclass(frozen=True)
class Orphan:
    """A process of this machine (``process``) or a job of Slurm (``slurm``)."""

    kind: str
    id: str
    what: str


def mark_of(folder: Path) -> dict[str, str]:
    """Return what the environment of a run's processes holds, so that they are found."""
    return {MARK: str(folder.resolve())}


def orphans_of(folder: Path) -> list[Orphan]:
    """Return what works for the run in a folder: processes of this machine, jobs of Slurm."""
    return [*processes_of(folder), *slurm_jobs_of(folder)]


def processes_of(folder: Path) -> list[Orphan]:
    """Return the processes of this machine that belong to the run in a folder."""
    mark = str(folder.resolve())
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) != mark or process.pid == os.getpid():
                continue
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = " ".join(process.cmdline())
        except (psutil.Error, OSError):  # another's, or gone by now
            continue
        found.append(Orphan("process", str(process.pid), _short(words)))
    return found


def _short(words: str, *, most: int = 90) -> str:
    """Return a command line on one line, and not all of a long one."""
    line = " ".join(words.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def slurm_jobs_of(folder: Path) -> list[Orphan]:
    """Return the Slurm jobs, queued or at work, that belong to the run in a folder."""
    squeue = shutil.which("squeue")
    if squeue is None or not (folder / ON_SLURM).is_dir():
        return []
    line = [squeue, "--noheader", "--user", getpass.getuser(), "--format", "%i|%j|%T"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return []
    rows = [row.strip().split("|") for row in done.stdout.splitlines()]
    prefix = f"{job_prefix(folder)}_"  # Snakemake appends what tells runs apart
    return [
        Orphan("slurm", row[0], f"{row[1]} ({row[2]})")
        for row in rows
        if len(row) == 3 and row[1].startswith(prefix)
    ]


def clear_of_orphans(
    folder: Path,
    *,
    waits: bool = False,
    told: Callable[[list[Orphan]], None] | None = None,
) -> None:
    """Return once no job of an earlier run is at work in a folder.

    A run whose main process lives is none of this: its lock speaks for it.

    Raises
    ------
    OrphansError
        There are some, and they are not to be waited for.
    """
    while (holder := holder_of(folder)) is None or not holder.is_alive:
        found = orphans_of(folder)
        if not found:
            return
        if not waits:
            raise OrphansError(_words(folder, found))
        if told is not None:
            told(found)
        time.sleep(_AGAIN_S)


def _words(folder: Path, found: list[Orphan]) -> str:
    """Return which jobs there are, and how to end them or wait for them."""
    named = "; ".join(f"{one.kind} {one.id}: {one.what}" for one in found[:5])
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return (
        f"{len(found)} job(s) of an earlier run still work in {folder} ({named}{more}); "
        f"wait for them with --wait-for-orphans, or end them: {' and '.join(how_to_end(found))}"
    )


def how_to_end(found: list[Orphan]) -> list[str]:
    """Return the commands that end jobs."""
    by_kind = {"process": "kill", "slurm": "scancel"}
    return [
        f"`{command} {' '.join(one.id for one in found if one.kind == kind)}`"
        for kind, command in by_kind.items()
        if any(one.kind == kind for one in found)
    ]
