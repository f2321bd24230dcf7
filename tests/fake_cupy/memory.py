"""What a made-up card has room for, and what went to it and back."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class OutOfMemoryError(MemoryError):
    """As CuPy's: the card is full."""

    __module__ = "cupy.cuda.memory"


class CUDARuntimeError(RuntimeError):
    """As CuPy's: there is no card, or no driver."""

    __module__ = "cupy.cuda.runtime"


@dataclass
class Memory:
    """How many bytes arrays hold, and the most that there is room for."""

    total: float = float("inf")
    used: int = 0
    peak: int = 0

    def hold(self, owner: Any, array: np.ndarray) -> None:
        """Take the room of an array for as long as ``owner`` lives; a view takes none."""
        base = array
        while isinstance(base.base, np.ndarray):
            base = base.base
        if base is not array:
            return
        n_bytes = array.nbytes
        if self.used + n_bytes > self.total:
            msg = f"Out of memory allocating {n_bytes:,} bytes (allocated so far: {self.used:,})."
            raise OutOfMemoryError(msg)
        self.used += n_bytes
        self.peak = max(self.peak, self.used)
        weakref.finalize(owner, self._let_go, n_bytes)

    def _let_go(self, n_bytes: int) -> None:
        self.used -= n_bytes


@dataclass
class Card:
    """A card: none where ``n_devices`` is 0."""

    n_devices: int = 1
    memory: Memory = field(default_factory=Memory)
    up: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)
    n_scalars: int = 0


CARDS = [Card()]  # the last is the one in the machine


def card() -> Card:
    """Return the card that is in the machine."""
    return CARDS[-1]
