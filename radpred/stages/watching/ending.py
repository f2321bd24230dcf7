"""A run that is told to end, by its terminal or by a scheduler, ends its jobs first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP")


class Terminated(KeyboardInterrupt):
    """The process was told to end, by the signal ``number``."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.number = number


def _hear_and_go_on(number: int, frame: FrameType | None) -> None:
    """Do nothing."""


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Raise `Terminated` where a signal would end the process and leave its jobs behind.

    What was set to be ignored stays ignored, as under ``nohup``; only the main thread may set
    signals, and elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        for name in before:  # a second one waits for the first
            signal.signal(name, signal.SIG_IGN)
        raise Terminated(number)

    wanted = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {s: signal.getsignal(s) for s in wanted if signal.getsignal(s) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what works in the background deaf to interrupts, and so would be all that
        # this process starts; what is handled, by doing nothing, is not handed on.
        before[signal.SIGINT] = signal.signal(signal.SIGINT, _hear_and_go_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
