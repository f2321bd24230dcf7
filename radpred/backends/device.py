"""The graphics card: whether there is one that works, what it is called, what fits on it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal

from radpred.backends.choice import is_cupy, to_host
from radpred.errors import DeviceError
from radpred.image import Array

Wanted = Literal["auto", "cpu", "gpu"]
CPU = "cpu"
_INSTALL = "pip install 'radpred[gpu]'"


@dataclass(frozen=True, kw_only=True)
class Device:
    """Where arrays are put.

    Parameters
    ----------
    name : str
        ``cpu``, or what the card is called.
    identity : str
        Which card of the machine it is; nothing for the host.
    note : str
        Why there is no card.
    """

    name: str = CPU
    identity: str = ""
    note: str = ""

    @property
    def is_card(self) -> bool:
        """Tell whether it is a graphics card."""
        return bool(self.identity)

    def put(self, array: Array) -> Array:
        """Return ``array`` on this device; it moves at most once.

        Raises
        ------
        DeviceError
            This process was forked from one that used the card.
        MemoryError
            The card is full.
        """
        return to_device(array) if self.is_card else to_host(array)


HOST = Device()


def find_device(wanted: Wanted) -> Device:
    """Return the card if one is wanted and works, else the host.

    Parameters
    ----------
    wanted : {"auto", "cpu", "gpu"}
        The host; a card; or a card where one is.

    Raises
    ------
    DeviceError
        A card is demanded, and CuPy is not installed, finds none, or cannot use it.
    """
    if wanted == CPU:
        return HOST
    found = _card()
    if wanted == "gpu" and not found.is_card:
        msg = f"device: gpu: {found.note}; or say device: auto"
        raise DeviceError(msg)
    return found if found.is_card else HOST


def to_device(array: Array) -> Array:
    """Return ``array`` on the card, as CuPy holds it; one that is there already is not copied.

    Raises
    ------
    DeviceError
        There is no card, or this process was forked from one that used it.
    MemoryError
        The card is full.
    """
    if is_cupy(array):
        return array
    if _first_user() != os.getpid():
        msg = (
            "this process was forked from one that used the card, where CUDA does not work; start "
            "processes with multiprocessing's 'spawn', or use the card in one process alone"
        )
        raise DeviceError(msg, code="forked")
    import cupy

    return cupy.asarray(array)


def device_of(array: Array) -> str:
    """Return where ``array`` lives: ``cpu``, or what the card is called."""
    return _card().name if is_cupy(array) else CPU


def free_bytes() -> float:
    """Return how much of the card's memory is free, with what CuPy keeps for later."""
    import cupy

    free, _ = cupy.cuda.Device().mem_info
    return float(free + cupy.get_default_memory_pool().free_bytes())


def release() -> None:
    """Give back the card's memory that no array needs."""
    import cupy

    cupy.get_default_memory_pool().free_all_blocks()


def _is_installed() -> bool:
    """Tell whether CuPy is installed, without importing it."""
    return find_spec("cupy") is not None


@cache
def _first_user() -> int:
    """Return the process that first used the card; processes forked from it remember."""
    return os.getpid()


@cache
def _card() -> Device:
    """Return the card, or the host with a note on why there is none."""
    if not _is_installed():
        return Device(note=f"CuPy is not installed; {_INSTALL}")
    try:
        return _working_card()
    except Exception as error:  # noqa: BLE001 - whatever CuPy fails with, the card is of no use
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
    return Device(
        note=f"CuPy cannot use a card ({cause}); look at nvidia-smi, and for missing libraries "
        f"{_INSTALL}"
    )


def _working_card() -> Device:
    """Return the card after it did a sum and a product; whatever is missing then shows."""
    import cupy

    if not cupy.cuda.runtime.getDeviceCount():
        return Device(note="CuPy finds no card; look at nvidia-smi")
    _first_user()
    ones: Any = cupy.asarray([[1.0]])
    float(cupy.matmul(ones, ones + ones)[0, 0])
    used = cupy.cuda.Device()
    name = cupy.cuda.runtime.getDeviceProperties(used.id)["name"]
    return Device(name=name.decode(), identity=str(used.pci_bus_id))
