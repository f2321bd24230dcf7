"""How far a run is: pieces done and wanted, pace, and why cases failed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from radpred.config import StudySettings
from radpred.stages.watching.failures import Failure, Failures
from radpred.stages.watching.snakelog import Planned, read_log
from radpred.stages.work.progress import FOLDER, Part

# The pace is that of the last minute, or of the last pieces where these took longer: cases that
# an earlier run kept are there at once, and say nothing of those that are left.
PACE_S, PACE_PIECES = 60.0, 20
SHARDED = ("segment", "extract", "perturb")


@dataclass(frozen=True)
class Status:
    """How far one step of a run is.

    Parameters
    ----------
    step : str
        Which one.
    done, total : int
        Pieces done and wanted: cases, or outer folds of the step `train`.
    seconds : float
        Since the step began.
    kept : int
        Pieces of ``done`` that an earlier run had finished.
    rate : float, optional
        Pieces a second of late; None while there is no pace.
    failures : tuple of Failure
        Why pieces failed in this step, the most frequent reason first.
    """

    step: str
    done: int
    total: int
    seconds: float
    kept: int = 0
    rate: float | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def seconds_left(self) -> float | None:
        """Return the time left in this step at the pace so far, once there is a pace."""
        if self.done >= self.total:
            return 0.0
        rate = self.rate
        if rate is None and self.done > self.kept and self.seconds > 0:
            rate = (self.done - self.kept) / self.seconds
        return (self.total - self.done) / rate if rate else None

    def plain(self) -> dict[str, Any]:
        """Return the state as JSON holds it."""
        left = self.seconds_left
        return {
            "step": self.step,
            "done": self.done,
            "total": self.total,
            "kept": self.kept,
            "seconds": round(self.seconds, 1),
            "rate": None if self.rate is None else round(self.rate, 4),
            "seconds_left": None if left is None else round(left, 1),
            "failures": [asdict(failure) for failure in self.failures],
        }


class Watch:
    """Follow the files in which the steps of a run say how far they are."""

    def __init__(self, out: Path, settings: StudySettings, *, n_cases: int, n_shards: int) -> None:
        self.out = out
        self.pieces = pieces_of(settings, n_cases)
        self.n_jobs = dict.fromkeys(SHARDED, n_shards) | {"train": settings.learning.n_repeats}
        self._parts: dict[Path, Part] = {}
        self._planned: dict[str, int] = {}

    def update(self) -> None:
        """Read what the steps have said since the last time."""
        for path in sorted((self.out / FOLDER).glob("*.*")):
            self._parts.setdefault(path, Part(path)).update()

    def parts(self, step: str) -> list[Part]:
        """Return the parts of a step that have begun."""
        return [
            part
            for path, part in self._parts.items()
            if path.name.partition(".")[0] == step and part.began
        ]

    def statuses(self, *, now: float | None = None) -> list[Status]:
        """Return how far each step is that says so itself, as of what was read."""
        self._planned = self._planned or read_log(self.out).planned
        now = time.time() if now is None else now
        found = []
        for step, n_pieces in self.pieces.items():
            if parts := self.parts(step):
                n_planned = self._planned.get(step, 0) if self._planned else None
                jobs = Planned(n_planned, self.n_jobs[step])
                found.append(_status(step, parts, n_pieces, jobs, now))
        return found

    def failures(self) -> tuple[Failure, ...]:
        """Return why cases failed in all steps and runs, the most frequent reason first."""
        failures = Failures()
        failures.of_check(self.out)
        for step in ("segment", "extract"):
            parts = self.parts(step)
            for part in parts:
                failures.of_pieces(part.pieces)
            failures.of_shards(self.out, step, besides={part.name for part in parts})
        return failures.summary()


def pieces_of(settings: StudySettings, n_cases: int) -> dict[str, int]:
    """Return how many pieces each step has that says how far it is."""
    learning = settings.learning
    n_folds = learning.n_repeats * (learning.outer_folds if learning.design.kind == "folds" else 1)
    return {"segment": n_cases, "extract": n_cases, "perturb": n_cases, "train": n_folds}


def _status(step: str, parts: Sequence[Part], n_pieces: int, jobs: Planned, now: float) -> Status:
    """Return how far a step is, of which some jobs may run and others wait or be done."""
    began = min(part.began for part in parts)
    pieces = [piece for part in parts for piece in part.pieces]
    times = sorted(piece.at for piece in pieces)
    told = sum(part.total for part in parts)
    waiting = jobs.waiting(len(parts))
    total = max(n_pieces, told)
    # How many pieces hold the jobs that have not begun is only known of all of them together.
    wanted = min(total, told + round(waiting * n_pieces / jobs.n_all))
    kept = total - wanted if waiting or jobs.is_known else 0
    is_over = len(times) + kept >= total
    end = times[-1] if is_over and times else max([now, *times[-1:]])
    failures = Failures()
    failures.of_pieces(pieces)
    return Status(
        step,
        len(times) + kept,
        total,
        end - began,
        kept=kept,
        rate=pace(times, began=began, now=end),
        failures=failures.summary(),
    )


def pace(times: Sequence[float], *, began: float, now: float) -> float | None:
    """Return how many pieces a second were done of late; None while there is no telling.

    Parameters
    ----------
    times : sequence of float
        When each was done, ascending, in seconds.
    began, now : float
        When the first was begun, and when it is.
    """
    late = sum(at > now - PACE_S for at in times)
    n = min(len(times), max(late, PACE_PIECES))
    if not n:
        return None
    since = times[-n - 1] if n < len(times) else began
    return n / (now - since) if now > since else None
