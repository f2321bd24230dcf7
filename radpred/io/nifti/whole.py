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
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        return
    is_packed = path.name.lower().endswith(".gz")
    try:
        with cast(BinaryIO, gzip.open(path)) if is_packed else path.open("rb") as file:
            wanted = _promised_bytes(file.read(HEADER_BYTES))
        came = _stored_bytes(path, wanted=wanted) if is_packed else path.stat().st_size
    except (EOFError, gzip.BadGzipFile, zlib.error, struct.error) as error:
        msg = f"{path}: not readable (its compression ends too early); copy the file again"
        raise InputError(msg, code="unreadable_file") from error
    if came < wanted:
        msg = f"{path}: not readable ({came} bytes, wanted {wanted}); copy the file again"
        raise InputError(msg, code="unreadable_file")


def _promised_bytes(head: bytes) -> int:
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
    """Return the unpacked size of a gzip file; unpacked only where its last word is in doubt."""
    if path.stat().st_size < 4:
        return 0
    with path.open("rb") as file:
        file.seek(-4, 2)
        if struct.unpack("<I", file.read(4))[0] == wanted % 2**32:
            return wanted
    with gzip.open(path) as file:
        return sum(len(chunk) for chunk in iter(lambda: file.read(CHUNK_BYTES), b""))
