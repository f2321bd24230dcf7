"""Voxels of a NIfTI file that are no numbers: ITK reads them as 0 without a word."""

from __future__ import annotations

import gzip
import struct
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from radpred.image import Array, Image

# Size of the header -> where the axes, the type and the start of the voxels stand, and as what.
_LAYOUTS = {348: ("8h", 40, 70, ("f", 108)), 540: ("8q", 16, 12, ("q", 168))}
_FLOATS = {16: "f4", 64: "f8"}


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
    stored = _stored(path)
    gaps = np.flatnonzero(~np.isfinite(stored))
    if not gaps.size or stored.size != image.voxels.size:
        return image
    voxels = image.voxels.copy()
    voxels.ravel()[gaps] = stored[gaps]
    return replace(image, voxels=voxels)


def _stored(path: Path) -> Array:
    """Return the numbers that a NIfTI file holds, one after the other; none if they are whole."""
    is_packed = path.name.lower().endswith(".gz")
    with cast(BinaryIO, gzip.open(path)) if is_packed else path.open("rb") as file:
        content = file.read()
    for order in "<>":
        size = struct.unpack_from(f"{order}i", content)[0]
        if size not in _LAYOUTS:
            continue
        axes, at_axes, at_type, (start_type, at_start) = _LAYOUTS[size]
        n_axes, *lengths = struct.unpack_from(f"{order}{axes}", content, at_axes)
        kind = _FLOATS.get(struct.unpack_from(f"{order}h", content, at_type)[0])
        start = int(struct.unpack_from(f"{order}{start_type}", content, at_start)[0])
        if kind is None:
            break
        n = prod(lengths[:n_axes])
        return np.frombuffer(content, dtype=f"{order}{kind}", count=n, offset=start)
    return np.zeros(0)
