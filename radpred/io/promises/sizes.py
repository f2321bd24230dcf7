"""How many voxels a header promises, and whether the file can hold them."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import SimpleITK as sitk

from radpred.errors import InputError
from radpred.io.promises.headers import voxels_of

FREE_BYTES = 1 << 26  # a packed volume of this size is read whatever its file holds
MOST_PACKED = 1100  # deflate packs 1032 bytes into one, and no other in use packs better


def refuse_swollen(reader: Any, path: Path) -> None:
    """Refuse a file whose header promises more voxels than the file can hold.

    Parameters
    ----------
    reader : SimpleITK reader
        That has read the header.
    path : Path
        The file.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    size = prod(reader.GetSize()) * max(reader.GetNumberOfComponents(), 1)
    if size < 1:
        msg = f"{path}: not readable (an axis of it has no voxels); copy the file again"
        raise InputError(msg, code="unreadable_file")
    wanted, voxels = size * _bytes_each(reader), voxels_of(path)
    held = voxels.path.stat().st_size
    most = max(FREE_BYTES, held * MOST_PACKED) if voxels.is_packed else held
    if wanted <= most:
        return
    msg = (
        f"{path}: not readable (its header promises {wanted} bytes of voxels, the file of them "
        f"holds {held}); copy the file again"
    )
    raise InputError(msg, code="unreadable_file")


def _bytes_each(reader: Any) -> int:
    """Return how many bytes a number takes, 8 where ITK does not say."""
    kind = sitk.GetPixelIDValueAsString(reader.GetPixelID())
    return next((int(n) // 8 for n in ("8", "16", "32", "64") if f"{n}-bit" in kind.split()), 8)
