"""Voxels of a NIfTI file that are no numbers: ITK reads them as 0 without a word."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from radpred.errors import InputError
from radpred.image import Array, Image
from radpred.io.nifti.whole import HEADER_BYTES, opened

# Size of the header -> where the axes, the type and the start of the voxels stand, and as what.
_LAYOUTS = {348: ("8h", 40, 70, ("f", 108)), 540: ("8q", 16, 12, ("q", 168))}
_FLOATS = {16: "f4", 64: "f8"}
_FARTHEST = 2**30  # where voxels start: behind the header's extensions


def with_gaps(image: Image, path: Path) -> Image:
    """Return an image that was read by ITK with the voxels that its file holds as NaN or infinite.

    Parameters
    ----------
    image : Image
        What ITK read from ``path``.
    path : Path
        The file; one that is no NIfTI file, or holds whole numbers, gives the image back.
    """
    if image.voxels.dtype.kind != "f" or not path.name.lower().endswith((".nii", ".nii.gz")):
        return image
    stored = _stored(path, image.voxels.size)
    gaps = np.flatnonzero(~np.isfinite(stored))
    if not gaps.size or stored.size != image.voxels.size:
        return image
    voxels = image.voxels.copy()
    voxels.ravel()[gaps] = stored[gaps]
    return replace(image, voxels=voxels)


def _stored(path: Path, n_voxels: int) -> Array:
    """Return the numbers that a NIfTI file holds, one after the other; none if they are whole.

    Raises
    ------
    InputError
        ``unreadable_file``: the file ends too early.
    """
    with opened(path) as file:
        content = file.read(HEADER_BYTES)
        asked = _asked(content)
        if asked is None:
            return np.zeros(0)
        kind, start, n = asked
        if n != n_voxels or start > _FARTHEST:
            return np.zeros(0)
        try:
            content += file.read(max(0, start + n * kind.itemsize - len(content)))
        except (EOFError, OSError, zlib.error) as error:
            msg = f"{path}: not readable ({error}); copy the file again"
            raise InputError(msg, code="unreadable_file") from error
    if start + n * kind.itemsize > len(content):
        return np.zeros(0)
    return np.frombuffer(content, dtype=kind, count=n, offset=start)


def _asked(content: bytes) -> tuple[np.dtype[Any], int, int] | None:
    """Return type, place and number of what a header promises, None of whole numbers."""
    for order in "<>":
        size = struct.unpack_from(f"{order}i", content)[0]
        if size not in _LAYOUTS or len(content) < size:
            continue
        axes, at_axes, at_type, (start_type, at_start) = _LAYOUTS[size]
        n_axes, *lengths = struct.unpack_from(f"{order}{axes}", content, at_axes)
        kind = _FLOATS.get(struct.unpack_from(f"{order}h", content, at_type)[0])
        start = struct.unpack_from(f"{order}{start_type}", content, at_start)[0]
        n = prod(lengths[: max(n_axes, 0)])
        if kind is None or n < 1 or not 0 <= start < 2**62:
            return None
        return np.dtype(f"{order}{kind}"), int(start), n
    return None
