"""Headers of MetaImage files (.mha, .mhd)."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path

from radpred.io.promises.voxels import Voxels, broken, file_beside, head_of

LONGEST_LINE = 1000
LONGEST_AXIS = 1e6  # a direction cosine is 1 at most; some writers scale it by the spacing
_PIECE = 1 << 18
_LONGEST_NUMBER = 8  # bytes
_HERE = (b"LOCAL", b"Local", b"local")
_LAST = b"ElementDataFile"  # the key after which voxels begin
_LINE = re.compile(rb"\s*(\w+)\s*[=:](.*)")
_BROKEN = "its header or its packed voxels are not whole"


@dataclass(frozen=True, kw_only=True)
class MetaHeader:
    """A header, up to the line that says where voxels are.

    Parameters
    ----------
    told : dict
        Its keys and values.
    start : int
        Where it ends.
    """

    told: dict[bytes, bytes]
    start: int

    @property
    def is_packed(self) -> bool:
        """Tell whether voxels are packed."""
        return self.told.get(b"CompressedData", b"").lower().startswith((b"t", b"1", b"y"))

    @property
    def is_local(self) -> bool:
        """Tell whether voxels follow in the same file."""
        return self.told[_LAST] in _HERE

    @property
    def most_bytes(self) -> int:
        """Return the most bytes that its voxels take."""
        channels = self.told.get(b"ElementNumberOfChannels", b"1")
        n = int(channels) if channels.isdigit() else 1
        return prod(map(int, self.told[b"DimSize"].split())) * max(n, 1) * _LONGEST_NUMBER


def is_meta(path: Path) -> bool:
    """Tell whether a file is called as MetaImage files are."""
    return path.suffix.lower() in (".mha", ".mhd")


def meta_header(path: Path) -> MetaHeader:
    """Return the header of a MetaImage file.

    Raises
    ------
    InputError
        ``unreadable_file``: one that ITK crashes or hangs on.
    """
    head = head_of(path)
    start = head.find(b"\n", head.find(_LAST)) + 1
    lines = head[:start].split(b"\n")[:-1]
    found = [match for line in lines if (match := _LINE.fullmatch(line.rstrip(b"\r")))]
    told = {match[1]: match[2].strip() for match in found}
    # Only free text may hold other letters.
    others = [line for line in lines if not line.startswith((b"Comment", b"Name"))]
    is_text = all(32 <= byte < 127 or byte in b"\t\r" for line in others for byte in line)
    is_text = is_text and max(map(len, others), default=0) <= LONGEST_LINE
    has_axes = told.get(b"NDims") in (b"1", b"2", b"3", b"4") and _are_cosines(told)
    if not (told.get(_LAST) and has_axes and is_text and _has_size(told)):
        raise broken(path, _BROKEN)
    return MetaHeader(told=told, start=start)


def meta_voxels(path: Path) -> Voxels:
    """Return where the voxels of a MetaImage file lie.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    header = meta_header(path)
    if header.is_local:
        return Voxels(path=path)
    named = header.told[_LAST].decode("ascii", "replace")
    return Voxels(path=file_beside(path, named), is_packed=header.is_packed)


def refuse_unended(path: Path) -> None:
    """Refuse a MetaImage file whose packed voxels end too early: ITK would wait for more.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    header = meta_header(path) if is_meta(path) else None
    if header is None or not header.is_packed:
        return
    voxels, start = meta_voxels(path).path, header.start if header.is_local else 0
    size = str(voxels.stat().st_size - start).encode()
    is_whole = header.told.get(b"CompressedDataSize", size) == size
    begins_there = header.told.get(b"HeaderSize", b"0") == b"0"
    if not (is_whole and begins_there and _ends(voxels, start, most_bytes=header.most_bytes)):
        raise broken(path, _BROKEN)


def _has_size(told: dict[bytes, bytes]) -> bool:
    """Tell whether there is a whole number of voxels for each axis."""
    sizes = told.get(b"DimSize", b"").split()
    return len(sizes) == int(told[b"NDims"]) and all(n.isdigit() for n in sizes)


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


def _ends(path: Path, start: int, *, most_bytes: int) -> bool:
    """Tell whether a packed stream comes to its end, unpacking it piece by piece."""
    stream, left = zlib.decompressobj(), most_bytes
    with path.open("rb") as file:
        file.seek(start)
        try:
            while left >= 0 and (piece := stream.unconsumed_tail or file.read(_PIECE)):
                left -= len(stream.decompress(piece, _PIECE))
        except zlib.error:
            return False
    return stream.eof and left >= 0
