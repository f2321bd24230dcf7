"""A line for each piece of work done, in files that `radpred run` and `radpred status` watch."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from radpred.cohort import Verdict

FOLDER = Path("logs") / "progress"
LONGEST = 300  # characters of what came that a line holds


class Progress:
    """Append what is done to ``logs/progress/<step>.<part>``; start afresh each time.

    Every line is one JSON object in ASCII, so that no id can end a line. The first says how many
    pieces there are and when the part began; every further one names a piece, when it was done,
    and, if it failed, why.
    """

    def __init__(self, out: Path, step: str, part: str, *, total: int) -> None:
        self.path = out / FOLDER / f"{step}.{part}"
        self.total = total

    def __enter__(self) -> Progress:
        """Open the file and say how much there is to do."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="ascii", newline="\n")
        self._began = time.time()
        self._write({"total": self.total, "began": self._began})
        return self

    def done(self, what: str, *, code: str = "", came: str = "") -> None:
        """Say that one more piece is done; ``code`` and ``came`` say why one has failed."""
        record: dict[str, Any] = {"case": what, "at": round(time.time() - self._began, 3)}
        if code:
            record |= {"code": code, "came": came[:LONGEST]}
        self._write(record)

    def judged(self, case_id: str, verdicts: Iterable[Verdict]) -> None:
        """Say that a case is done, and why it failed where a verdict on it rejects it."""
        for verdict in verdicts:
            if verdict.case_id == case_id and verdict.status == "rejected":
                self.done(case_id, code=verdict.code, came=verdict.came)
                return
        self.done(case_id)

    def _write(self, record: dict[str, Any]) -> None:
        """Append one line that is whole for whoever reads."""
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True)
class Piece:
    """One piece of work: what it was, when it was done, and why it failed if it did."""

    case: str
    at: float
    code: str = ""
    came: str = ""


@dataclass
class Part:
    """One file of progress as it grows: each reading takes up what is new."""

    path: Path
    total: int = 0
    began: float = 0.0
    pieces: list[Piece] = field(default_factory=list)
    _read: int = 0
    _head: str = ""

    @property
    def name(self) -> str:
        """Return which part of its step this is."""
        return self.path.name.partition(".")[2]

    def update(self) -> None:
        """Read what was written since the last time; a part that began anew is read anew."""
        try:
            with self.path.open(encoding="ascii", newline="\n") as file:
                self._take(file.readline())
                file.seek(self._read)
                lines = file.read()
        except (OSError, UnicodeDecodeError):  # a run that begins removes what earlier ones said
            return
        whole = lines[: lines.rfind("\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            record = _record(line)
            if "case" in record:
                at = self.began + float(record["at"])
                piece = (str(record["case"]), at, record.get("code", ""), record.get("came", ""))
                self.pieces.append(Piece(*piece))

    def _take(self, head: str) -> None:
        """Begin anew where the first line is another one."""
        if head == self._head or not head.endswith("\n"):
            return
        record = _record(head)
        self.total, self.began = int(record.get("total", 0)), float(record.get("began", 0))
        self._head, self._read = head, len(head)
        self.pieces.clear()


def _record(line: str) -> dict[str, Any]:
    """Return what a line says; nothing of one that is not ours."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def forget_progress(out: Path) -> None:
    """Remove what earlier runs said of their progress."""
    for path in (out / FOLDER).glob("*"):
        path.unlink(missing_ok=True)
