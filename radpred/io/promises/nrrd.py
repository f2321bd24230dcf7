"""Headers of NRRD files (.nrrd, .nhdr)."""

from __future__ import annotations

import re
from pathlib import Path

from radpred.io.promises.voxels import HEAD_BYTES, Voxels, broken, file_beside, head_of

MAGIC = b"NRRD"
LONGEST_LINE = 1000
_FIELD = re.compile(rb"\s*(data ?file|encoding)\s*:(?!=)(.*)", re.IGNORECASE)
_UNPACKED = (b"raw", b"hex")


def is_nrrd(path: Path) -> bool:
    """Tell whether a file begins as NRRD files do."""
    return head_of(path, n_bytes=len(MAGIC)) == MAGIC


def nrrd_voxels(path: Path) -> Voxels:
    """Return where the voxels of an NRRD file lie.

    Raises
    ------
    InputError
        ``unreadable_file``: a header that ITK crashes on, or that names another folder's files.
    """
    head = head_of(path)
    text = head.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    header, end, _ = text.partition(b"\n\n")
    lines = header.split(b"\n")
    if any(len(x) > LONGEST_LINE and not _is_free(x) for x in lines):
        raise broken(path, "a line of its header is too long")
    if not end and len(head) >= HEAD_BYTES:
        raise broken(path, "its header has no end")
    found = [match for line in lines if (match := _FIELD.fullmatch(line))]
    told = {match[1].lower().replace(b" ", b""): match[2].strip() for match in found}
    if b"datafile" not in told:
        return Voxels(path=path)
    voxels = file_beside(path, told[b"datafile"].decode("utf-8", "replace"))
    return Voxels(path=voxels, is_packed=told.get(b"encoding", b"").lower() not in _UNPACKED)


def _is_free(line: bytes) -> bool:
    """Tell whether a line holds a key and a value that mean nothing to ITK, or a comment."""
    sign = line.find(b":=")
    return line.startswith(b"#") or (sign >= 0 and b": " not in line[:sign])
