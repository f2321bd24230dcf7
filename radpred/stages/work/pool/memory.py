"""How much memory a process holds, held at most, and may hold; known on Linux alone."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_MB = 1024 * 1024
_GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Allotment:
    """What all processes of a step may hold together, and who says so."""

    mb: float
    by: str  # "job" or "machine"


def resident_mb(pid: int) -> float:
    """Return what a process holds now, in MB; 0 where it cannot be known."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB


def forget_peak() -> None:
    """Let the peak of this process start anew, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Return the most that this process held since `forget_peak`, in MB; NaN if unknown."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        if resource is None:
            return float("nan")
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (_MB if os.uname().sysname == "Darwin" else 1024)


@cache
def allotment() -> Allotment | None:
    """Return what this job, or else this machine, has; None where neither is known."""
    machine = _machine_mb()
    of_job = [mb for mb in (_slurm_mb(), _group_mb()) if mb and mb < (machine or float("inf"))]
    if of_job:
        return Allotment(min(of_job), "job")
    return None if machine is None else Allotment(machine, "machine")


def _machine_mb() -> float | None:
    """Return the memory of the machine."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _MB
    except (ValueError, OSError, AttributeError):
        return None


def _slurm_mb() -> float | None:
    """Return what Slurm gave this job on this node; None outside of one, or where it gave all."""
    with suppress(KeyError, ValueError):
        return float(os.environ["SLURM_MEM_PER_NODE"]) or None
    with suppress(KeyError, ValueError):
        cores = int(os.environ["SLURM_CPUS_ON_NODE"])
        return float(os.environ["SLURM_MEM_PER_CPU"]) * cores or None
    return None


def _group_mb() -> float | None:
    """Return the least limit of the control groups that this process is in."""
    found: list[float] = []
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, kinds, inside = line.split(":", 2)
        if kinds and "memory" not in kinds.split(","):
            continue
        top, name = (_GROUPS / "memory", "memory.limit_in_bytes") if kinds else (_GROUPS, "")
        folder = top / inside.lstrip("/")
        for place in (folder, *folder.parents):
            with suppress(OSError, ValueError):  # "max" is no number: no limit there
                found.append(int((place / (name or "memory.max")).read_text()) / _MB)
            if place == top:
                break
    return min(found, default=None)
