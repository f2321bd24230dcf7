"""Whether a NIfTI file is all there: ITK reads one that ends too early without a word."""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import BinaryIO, cast

from radpred.errors import InputError

HEADER_BYTES = 540  # of NIfTI-2; NIfTI-1 takes 348
CHUNK_BYTES = 1 << 22


def check_whole(path: Path) -> None:
    """Refuse a NIfTI file that is shorter than its header says; other formats check themselves.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    if path.name.lower().endswith((".nii", ".nii.gz")):
        refuse_cut(path, voxels=path)


def refuse_cut(header: Path, *, voxels: Path) -> None:
    """Refuse a file of voxels that is shorter than its header says.

    Parameters
    ----------
    header : Path
        The file that begins with the header.
    voxels : Path
        The file that ends with the voxels, the same or another one.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    try:
        with opened(header) as file:
            wanted = promised_bytes(file.read(HEADER_BYTES))
        came = _stored_bytes(voxels, wanted=wanted)
    except (EOFError, gzip.BadGzipFile, zlib.error, struct.error) as error:
        msg = f"{voxels}: not readable (its compression ends too early); copy the file again"
        raise InputError(msg, code="unreadable_file") from error
    if came < wanted:
        msg = f"{voxels}: not readable ({came} bytes, wanted {wanted}); copy the file again"
        raise InputError(msg, code="unreadable_file")


def opened(path: Path) -> BinaryIO:
    """Open a file that may be packed."""
    return cast(BinaryIO, gzip.open(path)) if _is_packed(path) else path.open("rb")


def _is_packed(path: Path) -> bool:
    """Tell whether a file is called as packed ones are."""
    return path.name.lower().endswith(".gz")


def promised_bytes(head: bytes | bytearray) -> int:
    """Return the size of the file by its header, 0 where it has no NIfTI header."""
    for order in "<>":
        size = struct.unpack_from(f"{order}i", head.ljust(4, b"\0"))[0]
        if size == 348 and len(head) >= 348:
            dim = struct.unpack_from(f"{order}8h", head, 40)
            bits, start = (struct.unpack_from(f"{order}{c}", head, at)[0] for c, at in _NIFTI_1)
        elif size == 540 and len(head) >= 540:
            dim = struct.unpack_from(f"{order}8q", head, 16)
            bits, start = (struct.unpack_from(f"{order}{c}", head, at)[0] for c, at in _NIFTI_2)
        else:
            continue
        if not 0 <= start < 2**62 or not 1 <= dim[0] <= 7 or min(dim[1 : dim[0] + 1]) < 1:
            return 0  # ITK refuses it in words of its own
        return int(start) + prod(dim[1 : dim[0] + 1]) * bits // 8
    return 0


_NIFTI_1 = (("h", 72), ("f", 108))  # where bitpix and vox_offset stand, and as what
_NIFTI_2 = (("h", 14), ("q", 168))


def _stored_bytes(path: Path, *, wanted: int) -> int:
    """Return the size of a file, as far as wanted; unpacked where its last word is in doubt."""
    size = path.stat().st_size
    if not _is_packed(path):
        return size
    if size < 4:
        return 0
    with path.open("rb") as file:
        file.seek(-4, 2)
        if struct.unpack("<I", file.read(4))[0] == wanted % 2**32:
            return wanted
    came = 0
    with gzip.open(path) as file:
        while came < max(wanted, 1) and (chunk := file.read(CHUNK_BYTES)):
            came += len(chunk)
    return came
