"""Pieces of work over processes, of which one may end without a word and take nothing with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_all_start_methods, get_context
from typing import TypeVar

from radpred.backends.device import Wanted
from radpred.stages.work.device import owned_device

W = TypeVar("W")
A = TypeVar("A")

# A server process that forks before any thread runs: safe beside the threads of SimpleITK. CUDA
# lives in no forked process, so that nothing is forked where a card may be used.
_FORKED = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"


def each_answered(
    works: Sequence[W],
    answer: Callable[[W], A],
    *,
    crashed: Callable[[W], A],
    device: Wanted,
    threads: int,
) -> Iterator[A]:
    """Yield an answer for every piece of work, as they come.

    Processes that end without a word take only the piece they held: those in flight are tried
    once more, each in a process of its own.

    Parameters
    ----------
    works : sequence
        The pieces; they and their answers can be pickled.
    answer : callable
        Does one piece; a function that a process can import.
    crashed : callable
        The answer for a piece whose process ended twice.
    device : str
        What measures: with ``gpu`` one process does all.
    threads : int
        Processes otherwise.
    """
    unsettled: list[W] = []
    context = get_context(_FORKED if device == "cpu" else "spawn")
    with ProcessPoolExecutor(1 if device == "gpu" else threads, mp_context=context) as pool:
        if device == "gpu":  # without one the step fails, and no case is to blame
            pool.submit(owned_device, device).result()
        futures: dict[Future[A], W] = {pool.submit(answer, work): work for work in works}
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                unsettled.append(futures[future])
    for work in unsettled:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            try:
                yield pool.submit(answer, work).result()
            except BrokenProcessPool:
                yield crashed(work)
