"""How far a run is, for a person to follow: bars on a terminal, lines in a log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

if TYPE_CHECKING:
    from radpred.stages.watching.failures import Failure
    from radpred.stages.watching.state import Status

_WORDS = {
    "headers": "read headers",
    "scans": "open scans",
    "segment": "segment cases",
    "extract": "measure cases",
    "perturb": "measure variants",
    "train": "train (outer folds)",
}
_EVERY_S = 15.0
_MOST_REASONS = 5


class _Bars(Progress):
    """Bars, and under them why pieces failed, the top reasons first."""

    reasons: tuple[str, ...] = ()

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield what is drawn."""
        yield self.make_tasks_table(self.tasks)
        for line in self.reasons:
            yield Text(line, style="yellow", no_wrap=True, overflow="ellipsis")


class Reporter:
    """Show each step's pieces done, pieces wanted and time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = _Bars(
            TextColumn("{task.description:<20}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._reasons: dict[str, tuple[str, ...]] = {}
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
        """Stop drawing; why pieces failed is said once more in the end, and not here."""
        self._bars.reasons = ()
        if self._console.is_terminal:
            self._bars.stop()

    def told(self, status: Status) -> None:
        """Show how far one step is."""
        left, rate = left_words(status), rate_words(status.rate)
        words = _WORDS.get(status.step, status.step)
        if self._console.is_terminal:
            if status.step not in self._tasks:
                self._tasks[status.step] = self._bars.add_task(words, total=None, left="", rate="")
            task = self._tasks[status.step]
            self._bars.update(task, completed=status.done, total=status.total, left=left, rate=rate)
            self._reasons[status.step] = tuple(failure_lines(status.failures, most=_MOST_REASONS))
            self._bars.reasons = tuple(line for lines in self._reasons.values() for line in lines)
            return
        said_at, said_n = self._said.get(status.step, (0.0, -1))
        is_news = status.done != said_n
        is_end = status.done == status.total
        if is_news and (is_end or time.monotonic() - said_at > _EVERY_S):
            self._said[status.step] = (time.monotonic(), status.done)
            line = f"{words}: {status.done} of {status.total} {rate} {left}"
            self._console.print(" ".join(line.split()), highlight=False)


def failure_lines(failures: Sequence[Failure], *, most: int = 10) -> list[str]:
    """Return one line a reason: how many cases, why, and one of them."""
    lines = []
    for one in failures[:most]:
        came = f": {one.came}" if one.came else ""
        lines.append(" ".join(f"{one.n} {one.code}, for example {one.case}{came}".split()))
    if len(failures) > most:
        lines.append(f"and {len(failures) - most} more reasons; see verdicts.parquet")
    return lines


def rate_words(rate: float | None) -> str:
    """Return a pace in words, as many a second or a minute as reads well."""
    if not rate:
        return ""
    return f"{rate:.1f}/s" if rate >= 1 else f"{60 * rate:.1f}/min"


def left_words(status: Status) -> str:
    """Return the time left at the pace so far, in words."""
    if status.done >= status.total:
        return "done"
    left = status.seconds_left
    if left is None or status.seconds < 1:
        return ""
    if left < 90:
        return f"{left:.0f} s left"
    return f"{left / 60:.0f} min left" if left < 5400 else f"{left / 3600:.1f} h left"
