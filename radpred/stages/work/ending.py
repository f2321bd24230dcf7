"""A step that is told to end leaves what is finished, and nothing half written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def orderly() -> Iterator[None]:
    """Let SIGTERM, as schedulers send it, end a step as an exception does: through every exit.

    Python does so for SIGINT by itself. The status is then what shells give: 128 and the signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, _: FrameType | None) -> None:
    """End from where the step is, and not twice."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)
