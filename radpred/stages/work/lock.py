"""One run at a time in a folder of results; a run that was killed holds nobody up."""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from radpred.errors import RadpredError

try:
    import fcntl
except ImportError:  # Windows has no such lock: Snakemake's own is then the only one
    fcntl = None  # type: ignore[assignment]

NAME = ".radpred.lock"
# Some network file systems keep a lock to the machine that took it. A run therefore touches its
# lock as it lives, and one from another machine is taken for dead only after a long silence.
BEAT_S, SILENCE_S = 20.0, 150.0


class FolderBusyError(RadpredError):
    """Another run works in the folder."""

    code = "folder_busy"


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who took a folder last.

    Parameters
    ----------
    pid : int
        Its main process.
    host : str
        The machine of that.
    since : str
        When, in ISO 8601.
    is_alive : bool
        Whether the process lives; of another machine, whether it was heard of of late.
    snakemake : int, optional
        The process of Snakemake.
    """

    pid: int
    host: str
    since: str
    is_alive: bool
    snakemake: int | None = None


def holder_of(folder: Path) -> Holder | None:
    """Return who holds a folder, or held it and was killed; None where the last let go."""
    path = folder / NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        silence_s = time.time() - path.stat().st_mtime
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or "pid" not in record or record.get("ended"):
        return None
    is_here = record.get("host") == platform.node()
    return Holder(
        pid=int(record["pid"]),
        host=str(record.get("host", "")),
        since=str(record.get("since", "")),
        is_alive=_lives(record) if is_here else silence_s < SILENCE_S,
        snakemake=record.get("snakemake"),
    )


def _lives(record: dict[str, Any]) -> bool:
    """Return whether the process of a record lives, and is not another one of the same number."""
    try:
        process = psutil.Process(int(record["pid"]))
        is_same = abs(process.create_time() - float(record.get("born", 0))) < 5
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


class FolderLock:
    """Hold a folder for as long as this process, or a child that was handed the lock, lives.

    The operating system lets go when the last of them ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._ended = threading.Event()

    def __enter__(self) -> FolderLock:
        """Take the folder.

        Raises
        ------
        FolderBusyError
            Another run holds it; the message names that run.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        before = holder_of(self.path.parent)
        self._file = self.path.open("a+", encoding="utf-8")
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise self._busy(before) from error
        if before is not None and before.is_alive and before.host != platform.node():
            raise self._busy(before)  # the file system does not tell of locks of other machines
        self.note(pid=os.getpid())
        self._heart = threading.Thread(target=self._beat, daemon=True)
        self._heart.start()
        return self

    def _busy(self, before: Holder | None) -> FolderBusyError:
        """Return the error that names who holds the folder, and let go of its file."""
        holder = self.path.read_text(encoding="utf-8").strip() or "unknown"
        self._file.close()
        where = "this machine" if before is None else before.host
        is_alone = before is not None and not before.is_alive
        alone = "; its main process is gone and its jobs go on" if is_alone else ""
        return FolderBusyError(
            f"another run works in {self.path.parent} ({holder}), on {where}{alone}; "
            "see `radpred status`, wait for it, end it, or name another folder with --out"
        )

    def _beat(self) -> None:
        """Touch the lock as long as this process holds it."""
        while not self._ended.wait(BEAT_S):
            try:
                os.utime(self.path)
            except OSError:  # a folder that was taken away ends with an error of its own
                return

    @property
    def handles(self) -> tuple[int, ...]:
        """Return the file descriptors that a child keeps open to share the lock."""
        return () if fcntl is None else (self._file.fileno(),)

    def note(self, **facts: object) -> None:
        """Write who holds the folder, for whoever finds it taken."""
        born = psutil.Process().create_time()
        record = {**facts, "host": platform.node(), "since": self._since, "born": born}
        self._file.truncate(0)
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the folder."""
        self._ended.set()
        self._heart.join()  # an interpreter that ends beside a running thread may abort
        self.note(pid=os.getpid(), ended=True)
        self._file.close()
