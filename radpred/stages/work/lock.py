"""One run at a time in a folder of results; a run that was killed holds nobody up."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from radpred.errors import RadpredError

try:
    import fcntl
except ImportError:  # Windows has no such lock: Snakemake's own is then the only one
    fcntl = None  # type: ignore[assignment]

NAME = ".radpred.lock"


class FolderBusyError(RadpredError):
    """Another run works in the folder."""

    code = "folder_busy"


class FolderLock:
    """Hold a folder for as long as this process, or a child that was handed the lock, lives.

    The operating system lets go when the last of them ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def __enter__(self) -> FolderLock:
        """Take the folder.

        Raises
        ------
        FolderBusyError
            Another run holds it; the message names that run.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+", encoding="utf-8")
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = self.path.read_text(encoding="utf-8").strip() or "unknown"
            self._file.close()
            msg = (
                f"another run works in {self.path.parent} ({holder}); "
                "wait for it, end it, or name another folder with --out"
            )
            raise FolderBusyError(msg) from error
        self.note(pid=os.getpid())
        return self

    @property
    def handles(self) -> tuple[int, ...]:
        """Return the file descriptors that a child keeps open to share the lock."""
        return () if fcntl is None else (self._file.fileno(),)

    def note(self, **facts: object) -> None:
        """Write who holds the folder, for whoever finds it taken."""
        since = datetime.now(UTC).isoformat(timespec="seconds")
        record = {**facts, "host": platform.node(), "since": since}
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
        self._file.close()
