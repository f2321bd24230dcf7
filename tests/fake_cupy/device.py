"""The stand-in put in CuPy's place, and what a test asks it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fake_cupy.arrays import ndarray
from fake_cupy.memory import CARDS, Card
from fake_cupy.modules import built
from radpred.backends import device


class FakeDevice:
    """A made-up card.

    ``up`` and ``down`` hold the bytes of each array that went to it and came back; ``n_scalars``
    counts single numbers.
    """

    def __init__(self, card: Card) -> None:
        self._card = card

    def put(self, array: np.ndarray) -> ndarray:
        """Return an array on the card, uncounted."""
        return ndarray(np.array(array))

    @property
    def up(self) -> list[int]:
        return self._card.up

    @property
    def down(self) -> list[int]:
        return self._card.down

    @property
    def n_scalars(self) -> int:
        return self._card.n_scalars

    @property
    def memory(self) -> Any:
        return self._card.memory

    def remove(self) -> None:
        """Take the card out of the machine."""
        self._card.n_devices = 0

    def forget(self) -> None:
        """Count from here."""
        self.up.clear()
        self.down.clear()
        self._card.n_scalars = 0


@contextmanager
def installed() -> Iterator[FakeDevice]:
    """Put the stand-in in CuPy's place, with one card."""
    card = Card()
    real = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_cupy(name)}
    sys.modules.update(built())
    CARDS.append(card)
    _forget_what_was_found()
    try:
        yield FakeDevice(card)
    finally:
        for name in filter(_is_cupy, list(sys.modules)):
            del sys.modules[name]
        sys.modules.update(real)
        CARDS.remove(card)
        _forget_what_was_found()


def _is_cupy(name: str) -> bool:
    """Tell whether a module is one of CuPy's."""
    return name.partition(".")[0] in ("cupy", "cupyx")


def _forget_what_was_found() -> None:
    """Let radpred look for a card again."""
    device._card.cache_clear()
    device._first_user.cache_clear()
