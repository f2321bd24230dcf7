"""How far a run is, for a person to follow: bars on a terminal, lines in a log."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from radpred.workflow import Status

_WORDS = {
    "headers": "read headers",
    "scans": "open scans",
    "segment": "segment cases",
    "extract": "measure cases",
    "perturb": "measure variants",
    "train": "train (outer folds)",
}
_EVERY_S = 15.0


class Reporter:
    """Show each step's pieces done, pieces wanted and time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description:<20}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._since: dict[str, float] = {}
        self._said: dict[str, tuple[float, int]] = {}

    def __enter__(self) -> Reporter:
        """Start drawing."""
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop drawing."""
        if self._console.is_terminal:
            self._bars.stop()

    def told(self, status: Status) -> None:
        """Show how far one step is."""
        since = self._since.setdefault(status.step, status.seconds)
        left = _left(status, status.seconds - since)
        words = _WORDS.get(status.step, status.step)
        if self._console.is_terminal:
            if status.step not in self._tasks:
                self._tasks[status.step] = self._bars.add_task(words, total=None, left="")
            task = self._tasks[status.step]
            self._bars.update(task, completed=status.done, total=status.total, left=left)
            return
        said_at, said_n = self._said.get(status.step, (0.0, -1))
        is_news = status.done != said_n
        is_end = status.done == status.total
        if is_news and (is_end or time.monotonic() - said_at > _EVERY_S):
            self._said[status.step] = (time.monotonic(), status.done)
            self._console.print(f"{words}: {status.done} of {status.total} {left}".rstrip())


def _left(status: Status, seconds: float) -> str:
    """Return the time left at the pace so far, in words."""
    if status.done >= status.total:
        return "done"
    if not status.done or seconds < 1:
        return ""
    left = seconds / status.done * (status.total - status.done)
    return f"{left:.0f} s left" if left < 90 else f"{left / 60:.0f} min left"
