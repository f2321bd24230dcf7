"""What a run says while it works, one JSON object a line, kept in its folder."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from radpred.stages.watching.failures import Failure
from radpred.stages.watching.state import Status
from radpred.version import __version__

JOURNAL = Path("logs") / "progress.jsonl"
EVERY_S = 2.0  # a step says no more than one line in this time, but always its first and last

Line = dict[str, Any]


class Journal:
    """Write a line as a run begins, as its steps go on, and as it ends.

    Parameters
    ----------
    out : Path
        The folder of the run.
    study_file : Path
        The study, which whoever finds the run stopped needs to go on.
    told : callable, optional
        Called with every state, whether or not a line is written.
    each_line : callable, optional
        Called with every line that is written.
    is_kept : bool
        Whether lines go into the run's folder, too.
    """

    def __init__(
        self,
        out: Path,
        study_file: Path,
        *,
        told: Callable[[Status], None] | None = None,
        each_line: Callable[[Line], None] | None = None,
        is_kept: bool = True,
    ) -> None:
        self.out = out
        self.failures: tuple[Failure, ...] = ()
        self._study_file = study_file
        self._told = told
        self._each_line = each_line
        self._is_kept = is_kept
        self._file: TextIO | None = None
        self._said: dict[str, tuple[float, Line]] = {}

    def __enter__(self) -> Journal:
        """Begin the journal anew and say which run this is."""
        if self._is_kept:
            path = self.out / JOURNAL
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="ascii", newline="\n")
        self._write(
            "run",
            study=str(self._study_file.resolve()),
            out=str(self.out),
            version=__version__,
            pid=os.getpid(),
            host=platform.node(),
        )
        return self

    def told(self, status: Status) -> None:
        """Take up how far a step is: a line, unless the last one is young or says the same."""
        if self._told is not None:
            self._told(status)
        plain = status.plain()
        said_at, before = self._said.get(status.step, (float("-inf"), {}))
        is_news = any(plain[key] != before.get(key) for key in ("done", "total", "failures"))
        if is_news and (status.done >= status.total or time.monotonic() - said_at >= EVERY_S):
            self._said[status.step] = (time.monotonic(), plain)
            self._write("step", **plain)

    def _write(self, event: str, **facts: Any) -> None:
        """Write one line, at once."""
        line = {"event": event, "at": datetime.now(UTC).isoformat(timespec="seconds"), **facts}
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        if self._each_line is not None:
            self._each_line(line)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say how the run ended."""
        report = self.out / "report.html"
        self._write(
            "end",
            status=_ending(error),
            message="" if error is None else str(error),
            report=str(report) if error is None and report.is_file() else None,
            failures=[asdict(failure) for failure in self.failures],
        )
        if self._file is not None:
            self._file.close()


def _ending(error: BaseException | None) -> str:
    """Return how a run ended, in one word."""
    if error is None:
        return "finished"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def read_journal(out: Path) -> list[Line]:
    """Return the lines of the last run in a folder; a line cut short is left out."""
    try:
        text = (out / JOURNAL).read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    lines = []
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            lines.append(found)
    return lines
