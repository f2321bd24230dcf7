"""Files written whole or not at all: a killed run leaves the old one, never half of a new one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

_UNFINISHED = re.compile(r"\.[0-9a-f]{12}-")


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a temporary name beside ``path``, reach the disk, then rename."""
    # The name is put in front: the ending tells the writer which format to use.
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid4().hex[:12]}-{path.name}")
    try:
        write(unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def unfinished_in(folder: Path) -> list[Path]:
    """Return what stands under temporary names: of processes at work, or of killed ones."""
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".snakemake"]
        found += [Path(root, name) for name in filter(_UNFINISHED.match, names)]
    return found


def remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed left under temporary names; none may be at work."""
    for path in unfinished_in(folder):
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Bring a rename to the disk, where the system can open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
