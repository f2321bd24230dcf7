"""A line for each piece of work done, in files that `radpred run` watches."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

FOLDER = Path("logs") / "progress"


class Progress:
    """Append what is done to ``logs/progress/<step>.<part>``; start afresh each time.

    The first line holds how many pieces there are; every further one names a piece.
    """

    def __init__(self, out: Path, step: str, part: str, *, total: int) -> None:
        self.path = out / FOLDER / f"{step}.{part}"
        self.total = total

    def __enter__(self) -> Progress:
        """Open the file and say how much there is to do."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8")
        self.done(str(self.total))
        return self

    def done(self, what: str) -> None:
        """Say that one more piece is done."""
        self._file.write(" ".join(what.splitlines()) + "\n")
        self._file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()


def counted(out: Path, step: str) -> tuple[int, int]:
    """Return how many pieces of a step are done, and how many its running parts hold."""
    done = total = 0
    for path in (out / FOLDER).glob(f"{step}.*"):
        lines = path.read_text(encoding="utf-8").splitlines()
        if lines and lines[0].isdigit():
            total += int(lines[0])
            done += len(lines) - 1
    return done, total
