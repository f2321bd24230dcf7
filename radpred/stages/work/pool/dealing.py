"""Pieces dealt to processes; one that is lost is tried alone, or told as a loss."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import connection
from typing import TypeVar

from radpred.backends.device import Wanted
from radpred.config.study import LimitSettings
from radpred.stages.work.device import owned_device
from radpred.stages.work.pool.loss import RESERVE_MB, SPARED, Loss, out_of_memory
from radpred.stages.work.pool.memory import allotment, resident_mb
from radpred.stages.work.pool.worker import Done, Worker

W = TypeVar("W")
A = TypeVar("A")
_TICK_S = 0.1


def each_answered(
    works: Sequence[W],
    answer: Callable[[W], A],
    *,
    lost: Callable[[W, Loss], A],
    limits: LimitSettings,
    device: Wanted,
    threads: int,
) -> Iterator[A]:
    """Yield an answer for every piece of work, as they come.

    A process that ends without a word, or goes beyond a limit, takes only the piece it held. What
    may have been another's fault, a crash or too little memory for all, is tried once more, in a
    process of its own with none beside.

    Parameters
    ----------
    works : sequence
        The pieces; they and their answers can be pickled.
    answer : callable
        Does one piece; a function that a process can import.
    lost : callable
        The answer for a piece whose process had to be ended, or ended by itself.
    limits : LimitSettings
        What one piece may take.
    device : str
        What measures: with ``gpu`` one process does all.
    threads : int
        Processes otherwise.
    """
    unsettled: list[W] = []
    with Crew(answer, limits=limits, device=device) as crew:
        for piece, outcome in crew.outcomes(works, n=1 if device == "gpu" else threads):
            if not isinstance(outcome, Loss):
                yield outcome.unwrapped()
            elif outcome.may_pass:
                unsettled.append(piece)
            else:
                yield lost(piece, outcome)
        for piece in unsettled:
            crew.dismiss()
            for _, outcome in crew.outcomes([piece], n=1):
                is_lost = isinstance(outcome, Loss)
                yield lost(piece, outcome) if is_lost else outcome.unwrapped()  # type: ignore


class Crew:
    """Processes that do pieces of one kind; all have ended when it is left."""

    def __init__(
        self, answer: Callable[..., object], *, limits: LimitSettings, device: Wanted
    ) -> None:
        self.answer, self.limits, self.device = answer, limits, device
        self.idle: list[Worker] = []
        self.busy: list[Worker] = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes; those at work leave it."""
        for worker in self.busy:
            worker.close(at_once=True)
        self.busy = []
        self.dismiss()

    def dismiss(self) -> None:
        """End the processes that wait for a piece."""
        for worker in self.idle:
            worker.close()
        self.idle = []

    def outcomes(self, works: Iterable[W], *, n: int) -> Iterator[tuple[W, Done | Loss]]:
        """Yield what becomes of each piece, ``n`` of them in work at a time."""
        waiting = deque(works)
        while waiting or self.busy:
            while waiting and len(self.busy) < n:
                worker = self.idle.pop() if self.idle else self._hired()
                self.busy.append(worker)
                worker.give(self.answer, waiting.popleft())
            connection.wait([worker.link for worker in self.busy], timeout=_TICK_S)
            for worker, outcome in self._settled():
                self.busy.remove(worker)
                if isinstance(outcome, Done):
                    self.idle.append(worker)
                yield worker.piece, outcome

    def _hired(self) -> Worker:
        """Return a new process; of a study that demands a card, one that has it."""
        worker = Worker(device=self.device, limits=self.limits)
        if self.device == "gpu":  # without one the step fails, and no case is to blame
            self.busy.append(worker)
            worker.give(owned_device, self.device)
            while (found := worker.heard()) is None:
                connection.wait([worker.link], timeout=_TICK_S)
            self.busy.remove(worker)
            if isinstance(found, Done):
                found.unwrapped()
        return worker

    def _settled(self) -> list[tuple[Worker, Done | Loss]]:
        """Return the processes whose piece is done or lost."""
        heard = [(worker, worker.heard()) for worker in self.busy]
        settled = [(worker, outcome) for worker, outcome in heard if outcome is not None]
        if not settled and (over := self._over()):
            settled.append(over)
        return settled

    def _over(self) -> tuple[Worker, Loss] | None:
        """End the largest process, if together they hold nearly all that there is."""
        found = allotment()
        if found is None:
            return None
        held = {id(worker): worker.held_mb for worker in self.busy}
        reserve = resident_mb(os.getpid()) + (RESERVE_MB if found.by == "job" else 0.0)
        if sum(held.values()) + reserve <= SPARED * found.mb:
            return None
        largest = max(self.busy, key=lambda worker: held[id(worker)])
        mine = held[id(largest)]
        return largest, largest.give_up(out_of_memory(mine, found.mb, by=found.by))
