"""The folder of results: can it be written, do nodes see it, is there room, do clocks agree."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from radpred.stages.doctor.finding import Finding
from radpred.stages.work.lock import FolderBusyError, FolderLock

_TOPIC = "results"
_LEAST_MB = 1000
_LEAST_FILES = 10_000
_MOST_SKEW_S = 2.0
# Kinds of file systems that many machines see; of others only the machine itself is sure.
SHARED = (
    "nfs", "lustre", "gpfs", "beegfs", "ceph", "panfs", "weka", "afs", "cifs", "smb", "fuse.",
    "orangefs", "9p", "virtiofs",
)  # fmt: skip


def check_folder(out: Path, *, is_shared_wanted: bool) -> list[Finding]:
    """Judge a folder of results, which need not be there yet.

    Parameters
    ----------
    out : Path
        The folder.
    is_shared_wanted : bool
        Whether other machines write there, too.
    """
    place = next(folder for folder in (out, *out.parents) if folder.is_dir())
    written = check_writing(place)
    findings = [written, *check_room(place)]
    if written.verdict == "ok" and place == out:
        findings += check_lock(out)
    if is_shared_wanted:
        findings.append(check_shared(_TOPIC, out, kind_here(place)))
    return findings


def check_writing(folder: Path) -> Finding:
    """Judge whether files can be written, renamed and removed, and are seen with a true time."""
    before, after = (folder / f".radpred-doctor-{os.getpid()}.{end}" for end in ("tmp", "txt"))
    try:
        started = time.time()
        before.write_text("written by `radpred doctor`\n", encoding="utf-8")
        before.replace(after)
        skew = after.stat().st_mtime - started
        after.unlink()
    except OSError as error:
        found = f"{folder}: {error.strerror or error}"
        todo = "name a folder that you may write to, by `out` in the study or --out"
        return Finding(topic=_TOPIC, verdict="problem", found=found, todo=todo)
    if abs(skew) > _MOST_SKEW_S:
        found = f"{folder}: its clock is {skew:+.0f} s from this machine's"
        todo = "files may look older than what they are made from: have the clocks set (NTP)"
        return Finding(topic=_TOPIC, verdict="note", found=found, todo=todo)
    return Finding(topic=_TOPIC, found=f"{folder}: written, renamed, removed; clocks agree")


def check_room(folder: Path) -> list[Finding]:
    """Judge how much may still be written to a folder's file system, and how many files."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    free_files = _free_files(folder)
    found = f"{free_mb} MB free" + ("" if free_files is None else f", {free_files} files more")
    is_short = free_mb < _LEAST_MB or (free_files is not None and free_files < _LEAST_FILES)
    if not is_short:
        return [Finding(topic="room", found=f"{found} (quotas may be tighter)")]
    todo = "make room, or name another folder by --out"
    return [Finding(topic="room", verdict="problem", found=found, todo=todo)]


def check_lock(out: Path) -> list[Finding]:
    """Judge whether a run is at work in the folder, and whether one can hold it."""
    try:
        with FolderLock(out):
            return []
    except FolderBusyError as error:
        return [Finding(topic=_TOPIC, verdict="note", found=str(error), todo="wait for that run")]
    except OSError as error:
        found = f"no lock can be held there ({error.strerror or error})"
        todo = "never start two runs in this folder, or put it on a file system with locks"
        return [Finding(topic=_TOPIC, verdict="note", found=found, todo=todo)]


def check_shared(topic: str, path: Path, kind: str | None) -> Finding:
    """Judge by its kind whether other machines see a file system.

    Parameters
    ----------
    topic : str
        What lies there.
    path : Path
        Where it lies.
    kind : str or None
        The kind of the file system, as the system names it.
    """
    if kind is not None and kind.startswith(SHARED):
        return Finding(topic=topic, found=f"{path}: {kind}, which nodes see")
    found = f"{path}: {kind or 'a file system of unknown kind'}, which nodes may not see"
    todo = f"`srun ls {path}` shows whether they do; if not, use a shared folder"
    return Finding(topic=topic, verdict="note", found=found, todo=todo)


def kind_of(path: Path, mounts: str) -> str | None:
    """Return the kind of the file system that a path lies on.

    Parameters
    ----------
    path : Path
        An existing path.
    mounts : str
        What ``/proc/self/mounts`` holds.
    """
    own = path.resolve()
    found: tuple[int, str | None] = (-1, None)
    for line in mounts.splitlines():
        words = line.split()
        if len(words) < 3:
            continue
        place = Path(words[1].replace("\\040", " "))
        if own.is_relative_to(place) and len(place.parts) >= found[0]:
            found = (len(place.parts), words[2])
    return found[1]


def kind_here(path: Path) -> str | None:
    """Return the kind of the file system that a path lies on here, where the system says it."""
    return kind_of(path, _mounts())


def _mounts() -> str:
    """Return the file systems of this machine, or nothing."""
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8")
    except OSError:
        return ""


def _free_files(folder: Path) -> int | None:
    """Return how many files more a file system takes, or None where it keeps no count."""
    if not hasattr(os, "statvfs"):
        return None
    found = os.statvfs(folder)
    return found.f_favail if found.f_files else None
