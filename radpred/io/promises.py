"""What a header promises, held against the file: ITK believes it, and takes memory or crashes."""

from __future__ import annotations

import zlib
from math import prod
from pathlib import Path
from typing import Any

import SimpleITK as sitk

from radpred.errors import InputError

FREE_BYTES = 1 << 26  # a volume of this size is read whatever its file holds
MOST_PACKED = 1100  # deflate packs 1032 bytes into one, and no other in use packs better
LONGEST_LINE, LONGEST_NAME = 1000, 255
LONGEST_AXIS = 1e6  # a direction cosine is 1 at most; some writers scale it by the spacing
_HEAD = 1 << 16
_DETACHED = (".mhd", ".nhdr", ".hdr", ".img")


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
    wanted = size * _bytes_each(reader)
    held = path.stat().st_size
    if wanted <= FREE_BYTES or wanted <= held * MOST_PACKED or _is_detached(path):
        return
    msg = (
        f"{path}: not readable (its header promises {wanted} bytes of voxels, the file holds "
        f"{held}); copy the file again"
    )
    raise InputError(msg, code="unreadable_file")


def refuse_broken_header(path: Path) -> None:
    """Refuse a header that ITK crashes or hangs on.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"NRRD"):
        header = head.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        if any(len(x) > LONGEST_LINE and b":=" not in x for x in header.split(b"\n")):
            msg = f"{path}: not readable (a line of its header is too long); save it again"
            raise InputError(msg, code="unreadable_file")
    if path.suffix.lower() in (".mha", ".mhd"):
        _refuse_broken_meta(path, head)


def _refuse_broken_meta(path: Path, head: bytes) -> None:
    """Refuse a MetaImage file whose packed voxels end too early: ITK would wait for more."""
    header, place, _ = head.partition(b"ElementDataFile")
    start = head.find(b"\n", len(header)) + 1
    told = dict(part.split(b"=", 1) for part in header.split(b"\n") if b"=" in part)
    told = {key.strip(): value.strip() for key, value in told.items()}
    is_packed = told.get(b"CompressedData", b"").lower().startswith((b"t", b"1", b"y"))
    # Only free text may hold other letters.
    lines = [x for x in head[:start].split(b"\n") if not x.startswith((b"Comment", b"Name"))]
    is_text = all(32 <= byte < 127 or byte in b"\t\r" for line in lines for byte in line)
    is_text = is_text and max(map(len, lines), default=0) <= LONGEST_LINE
    has_axes = told.get(b"NDims") in (b"1", b"2", b"3", b"4") and _are_cosines(told)
    if not (place and start and has_axes and is_text and _has_size(told)):
        raise _broken_meta(path)
    source = head[len(header) : start].partition(b"=")[2].strip()
    if source.upper() != b"LOCAL":
        _refuse_foreign(source, path)
        return
    if not is_packed:
        return
    size = path.stat().st_size - start
    is_whole = told.get(b"CompressedDataSize", str(size).encode()) == str(size).encode()
    if is_whole and _ends(path, start):
        return
    raise _broken_meta(path)


def _has_size(told: dict[bytes, bytes]) -> bool:
    """Tell whether there is a whole number of voxels for each axis."""
    sizes = told.get(b"DimSize", b"").split()
    return len(sizes) == int(told[b"NDims"]) and all(n.isdigit() for n in sizes)


def _refuse_foreign(source: bytes, path: Path) -> None:
    """Refuse voxels that lie elsewhere than in one file beside the header; a pattern is none."""
    name = source.decode("ascii", "replace")
    is_name = Path(name).name == name and len(name) <= LONGEST_NAME
    if not (is_name and (path.parent / name).is_file()):
        msg = (
            f"{path}: its voxels are said to lie in {name[:100]!r}, which is no file beside it; "
            "save image and header in one file (.mha, .nrrd or NIfTI)"
        )
        raise InputError(msg, code="unreadable_file")


def _are_cosines(told: dict[bytes, bytes]) -> bool:
    """Tell whether axes are about as long as axes are: with huge ones ITK looks for ever."""
    for name in (b"TransformMatrix", b"Rotation", b"Orientation"):
        for number in told.get(name, b"").split():
            try:
                if not abs(float(number)) < LONGEST_AXIS:
                    return False
            except ValueError:
                return False
    return True


def _broken_meta(path: Path) -> InputError:
    """Return the error on a MetaImage file that ITK must not see."""
    msg = f"{path}: not readable (its header or its packed voxels are not whole); copy it again"
    return InputError(msg, code="unreadable_file")


def _ends(path: Path, start: int) -> bool:
    """Tell whether a packed stream comes to its end, unpacking it piece by piece."""
    stream = zlib.decompressobj()
    with path.open("rb") as file:
        file.seek(start)
        try:
            while piece := stream.unconsumed_tail or file.read(_HEAD):
                stream.decompress(piece, 1 << 22)
        except zlib.error:
            return False
    return stream.eof


def _bytes_each(reader: Any) -> int:
    """Return how many bytes a number takes, 8 where ITK does not say."""
    kind = sitk.GetPixelIDValueAsString(reader.GetPixelID())
    return next((int(n) // 8 for n in ("8", "16", "32", "64") if f"{n}-bit" in kind.split()), 8)


def _is_detached(path: Path) -> bool:
    """Tell whether the voxels lie in another file than the header."""
    with path.open("rb") as file:
        head = file.read(_HEAD).lower()
    is_nrrd = head.startswith(b"nrrd") and (b"\ndata file:" in head or b"\ndatafile:" in head)
    is_meta = b"elementdatafile" in head and b"local" not in head.partition(b"elementdatafile")[2]
    return path.suffix.lower() in _DETACHED or is_nrrd or is_meta
