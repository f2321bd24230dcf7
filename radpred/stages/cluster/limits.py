"""What this process may use of its machine: cores, memory, files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

try:
    import resource
except ImportError:  # Windows sets no such limits
    resource = None  # type: ignore[assignment]

_GROUPS = Path("/sys/fs/cgroup")
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a process may use: None where nothing limits it, or nobody says."""

    machine_cores: int
    cores: int
    memory_mb: int | None
    open_files: int | None
    address_mb: int | None


def own_limits() -> Limits:
    """Return the limits of this process."""
    return Limits(
        machine_cores=os.cpu_count() or 1,
        cores=usable_cores(),
        memory_mb=_memory_mb(),
        open_files=_soft("RLIMIT_NOFILE"),
        address_mb=_in_megabytes(_soft("RLIMIT_AS")),
    )


def usable_cores() -> int:
    """Return how many cores this process may use, which a job's share may make fewer than all."""
    machine = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        machine = min(machine, len(os.sched_getaffinity(0)))
    share = core_share(_groups(""))
    return machine if share is None else max(1, min(machine, int(share)))


def core_share(folders: Iterable[Path]) -> float | None:
    """Return the least share of cores that control groups (version 2) give, or None."""
    shares = []
    for folder in folders:
        words = _read(folder / "cpu.max").split()
        if len(words) == 2 and words[0].isdigit():
            shares.append(int(words[0]) / int(words[1]))
    return min(shares, default=None)


def memory_limit(folders: Iterable[Path]) -> int | None:
    """Return the least limit of memory in bytes that control groups give, or None."""
    texts = [
        _read(folder / name)
        for folder in folders
        for name in ("memory.max", "memory.limit_in_bytes")  # of version 2, of version 1
    ]
    return min((int(text) for text in texts if text.isdigit()), default=None)


def _memory_mb() -> int | None:
    """Return the least of the machine's memory and the limits of the groups it is in."""
    limits = (memory_limit(_groups("")), memory_limit(_groups("memory")), _installed())
    known = [size for size in limits if size is not None]
    return _in_megabytes(min(known)) if known else None


def _installed() -> int | None:
    """Return the machine's memory in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _groups(controller: str) -> list[Path]:
    """Return the folders of the control groups that this process is in, from within outwards.

    Without a controller's name they are those of version 2.
    """
    lines = [line.split(":", 2) for line in _read(Path("/proc/self/cgroup")).splitlines()]
    own = next((group for _, name, group in lines if name == controller), None)
    if own is None:
        return []
    root = _GROUPS / controller
    folder = root / own.strip("/")
    return [folder, *(parent for parent in folder.parents if parent.is_relative_to(root))]


def _read(path: Path) -> str:
    """Return what a file of the kernel's says, or nothing."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _soft(name: str) -> int | None:
    """Return a limit of this process, or None where there is none."""
    if resource is None:
        return None
    soft, _ = resource.getrlimit(getattr(resource, name))
    return None if soft == resource.RLIM_INFINITY else int(soft)


def _in_megabytes(size: int | None) -> int | None:
    """Return a size in bytes as megabytes."""
    return None if size is None else size // _MEGABYTE
