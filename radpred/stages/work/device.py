"""One process owns a card: the first that measures there, until it ends."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from functools import cache
from pathlib import Path

from radpred.backends import HOST, Device, find_device
from radpred.backends.device import Wanted

try:
    import fcntl
except ImportError:  # Windows has no such lock: Snakemake's count of cards is then the only one
    fcntl = None  # type: ignore[assignment]

_log = logging.getLogger("radpred")
_PATIENCE_S = 1.0


def owned_device(wanted: Wanted) -> Device:
    """Return the card, if one is wanted and this process may have it, else the host.

    Where another process of this user measures on the card, ``auto`` takes the host, and ``gpu``
    waits until that process ends.

    Raises
    ------
    DeviceError
        A card is demanded, and there is none that works.
    """
    device = find_device(wanted)
    if not device.is_card or fcntl is None:
        return device
    is_waiting = False
    while True:
        try:
            _held(device.identity)
        except BlockingIOError:
            if wanted != "gpu":
                return HOST
            if not is_waiting:
                _log.warning("radpred: another process measures on %s; waiting", device.name)
            is_waiting = True
            time.sleep(_PATIENCE_S)
        else:
            return device


@cache
def _held(identity: str) -> int:
    """Return the open file whose lock says that this process has a card, until it ends.

    Raises
    ------
    BlockingIOError
        Another process has it.
    """
    name = f"radpred-{os.getuid()}-{identity.replace(':', '-')}.lock"
    file = os.open(Path(tempfile.gettempdir()) / name, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise
    return file
