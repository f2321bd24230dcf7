"""One process that does pieces of work one after the other, and can be ended at any time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from multiprocessing import connection, get_all_start_methods, get_context, parent_process
from multiprocessing.connection import Connection
from typing import Any

from threadpoolctl import threadpool_limits

from radpred.config.study import LimitSettings
from radpred.stages.work.pool.loss import Loss, crashed, out_of_memory, timed_out
from radpred.stages.work.pool.memory import resident_mb
from radpred.stages.work.threads import PINNED

# A server process that forks before any thread runs: safe beside the threads of SimpleITK. CUDA
# lives in no forked process, so that nothing is forked where a card may be used.
_FORKED = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
_BEGUN = "begun"
_TELL: ContextVar[Callable[[str], None]] = ContextVar("tell", default=lambda key: None)
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Done:
    """What became of a piece: its answer, or the error that nobody caught."""

    answer: Any = None
    error: BaseException | None = None

    def unwrapped(self) -> Any:
        """Return the answer, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.answer


@dataclass(frozen=True)
class Told:
    """What identifies the piece, as far as the process that does it found out."""

    key: str


def tell(key: str) -> None:
    """Let whoever gave this piece know what identifies it, should it be lost from here on.

    Nobody else is to find that out: the files that it depends on may be what it hangs at.
    """
    _TELL.get()(key)


class Worker:
    """A process, and the piece that it works at."""

    def __init__(self, *, device: str, limits: LimitSettings) -> None:
        context: Any = get_context(_FORKED if device == "cpu" else "spawn")
        self.limits = limits
        self.link, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _pinned():
            self.process.start()
        theirs.close()
        self.piece: Any = None
        self._key = ""
        self._begun: float | None = None
        self.peak_mb = 0.0

    def give(self, answer: Callable[[Any], Any], piece: Any) -> None:
        """Let the process do a piece; its time runs from when it has read it."""
        self.piece, self._key, self._begun, self.peak_mb = piece, "", None, 0.0
        self.link.send((answer, piece))

    @property
    def held_mb(self) -> float:
        """Return what the process holds now."""
        held = resident_mb(self.process.pid)
        self.peak_mb = max(self.peak_mb, held)
        return held

    @property
    def seconds(self) -> float:
        """Return for how long it has worked at its piece."""
        return 0.0 if self._begun is None else time.monotonic() - self._begun

    def heard(self) -> Done | Loss | None:
        """Return what became of the piece, ending the process where it goes beyond a limit."""
        try:
            while self.link.poll():
                said = self.link.recv()
                if isinstance(said, Done):
                    return said
                if isinstance(said, Told):
                    self._key = said.key
                else:
                    self._begun = time.monotonic()
        except (EOFError, ConnectionError):
            self.process.join()
            return self._lost(crashed(self.process.exitcode))
        if self.seconds > self.limits.seconds_per_case:
            return self.give_up(timed_out(self.limits))
        held, most = self.held_mb, self.limits.memory_mb_per_case
        if most is not None and held > most:
            return self.give_up(out_of_memory(held, most, by="case"))
        return None

    def give_up(self, loss: Loss) -> Loss:
        """End the process, and return the loss with what it took until now."""
        self.process.kill()
        self.process.join()
        return self._lost(loss)

    def _lost(self, loss: Loss) -> Loss:
        self.link.close()
        return replace(loss, key=self._key, seconds=self.seconds, peak_mb=self.peak_mb)

    def close(self, *, at_once: bool = False) -> None:
        """Let the process end: after its piece, or now, with what it holds open put away."""
        if self.process.is_alive():
            if at_once:
                self.process.terminate()
            else:
                self.link.send(None)
            self.process.join(_PATIENCE_S)
            if self.process.is_alive():
                self.process.kill()
                self.process.join()
        self.link.close()


@contextmanager
def _pinned() -> Iterator[None]:
    """Let processes that start here have one thread each: there are as many as cores."""
    before = {name: os.environ.get(name) for name in PINNED}
    os.environ.update(dict.fromkeys(PINNED, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(link: Connection) -> None:
    """Do pieces until there is none, or the process that gives them ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever gave the pieces sees to it
    signal.signal(signal.SIGTERM, lambda *_: _leave())
    os.environ.update(dict.fromkeys(PINNED, "1"))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _TELL.set(lambda key: link.send(Told(key)))
    with threadpool_limits(limits=1):
        try:
            while (given := link.recv()) is not None:
                answer, piece = given
                link.send(_BEGUN)
                link.send(_done(answer, piece))
        except (EOFError, ConnectionError):  # nobody waits any more
            return


def _done(answer: Callable[[Any], Any], piece: Any) -> Done:
    """Return the answer, or the error that nobody foresaw."""
    try:
        return Done(answer(piece))
    except Exception as error:  # noqa: BLE001 - raised again where the piece came from
        return Done(error=error)


def _leave() -> None:
    """End this process from where it is, so that open files are put away."""
    raise SystemExit(128 + signal.SIGTERM)


def _end_with_parent() -> None:
    """End this process, whatever it is at, when the one that gives pieces is gone."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
