"""How much memory a process and all its children hold together, where the system tells."""

from __future__ import annotations

from pathlib import Path

_PROC = Path("/proc")
_MB = 1e6


def tree_mb(pid: int) -> float:
    """Return the memory of a process and of those that it started, in MB (10^6 bytes).

    Pages that several share count once a sharer's share (PSS). 0 where there is no ``/proc``.
    """
    return sum(_pss(one) for one in _tree(pid)) / _MB


def _tree(pid: int) -> list[int]:
    """Return a process and all that came from it."""
    parents: dict[int, list[int]] = {}
    for folder in _PROC.glob("[0-9]*"):
        parents.setdefault(_parent(folder), []).append(int(folder.name))
    found, open_ = [], [pid]
    while open_:
        one = open_.pop()
        found.append(one)
        open_ += parents.get(one, [])
    return found


def _parent(folder: Path) -> int:
    """Return the parent of a process, 0 where it has ended."""
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _pss(pid: int) -> float:
    """Return the memory of one process in bytes, 0 where it has ended or tells nothing."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024.0
