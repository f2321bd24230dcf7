"""Where compiled code is kept: files that name all they depend on, so that none is ever wrong."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows has no such lock: processes that start at once all compile
    fcntl = None  # type: ignore[assignment]

CHOICES = ("RADPRED_CACHE_DIR", "NUMBA_CACHE_DIR")
_LOCK = "compiling.lock"
_PATIENCE_S = 20.0  # one loop takes about a second


def folders() -> list[Path]:
    """Return where compiled code may lie: as the user chose, beside the package, in the home."""
    chosen = [Path(os.environ[name]) / "radpred" for name in CHOICES if os.environ.get(name)]
    beside = Path(__file__).with_name("__pycache__")
    try:
        home = Path.home()
    except RuntimeError:  # a user whom the machine does not know, as in some containers
        return [*chosen, beside]
    caches = {"win32": home / "AppData" / "Local", "darwin": home / "Library" / "Caches"}
    of_user = os.environ.get("XDG_CACHE_HOME") or caches.get(sys.platform, home / ".cache")
    return [*chosen, beside, Path(of_user) / "radpred"]


def read(name: str) -> bytes | None:
    """Return a file from the first folder that holds it."""
    for folder in folders():
        with suppress(OSError):
            return (folder / name).read_bytes()
    return None


def keep(name: str, content: bytes) -> Path | None:
    """Write a file, whole or not at all, to the first folder that can be written, and name it."""
    for folder in folders():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _write_whole(folder / name, content)
            return folder
    return None


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file under a name that nobody else has, then give it its own."""
    new = path.with_name(f".{uuid.uuid4().hex}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """Let one process compile while the others wait for what it keeps.

    The operating system lets go of the lock when its holder ends, however it ends. Whoever waited
    too long, or finds a file system without locks, compiles beside the others: files are written
    whole, and those of one name do the same.
    """
    with _lock_file() as file:
        end = time.monotonic() + patience_s
        while file is not None and not _is_held(file) and time.monotonic() < end:
            time.sleep(0.05)
        yield


@contextmanager
def _lock_file() -> Iterator[IO[bytes] | None]:
    """Open the file that is locked, in the folder that will be written; None where none can be."""
    for folder in folders():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            file = (folder / _LOCK).open("ab")
            break
    else:
        yield None
        return
    with file:
        yield file


def _is_held(file: IO[bytes]) -> bool:
    """Try to lock a file; where that is impossible, it counts as done."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
