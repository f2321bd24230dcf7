"""Pixels of slices into one array: straight from the file where they lie there uncompressed."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from radpred.errors import InputError
from radpred.image import Array
from radpred.io.dicom.scans.slices import Slice
from radpred.io.dicom.values import text_of

PLAIN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")  # little endian, uncompressed
RUN_LENGTH = "1.2.840.10008.1.2.5"
PIXEL_DATA = 0x7FE00010
BITS = (8, 16, 32)
CURE = "pip install pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg, or python-gdcm"
J2K_SIZE = b"\xff\x4f\xff\x51"
JPEG_START = b"\xff\xd8"
JPEG_SIZES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0), 0xF7)
# What a compressed file may unpack to, in multiples of its size: run-length coding cannot do
# more than 64, the others reach a thousand where a picture is empty.
MOST_UNPACKED = {RUN_LENGTH: 64}
MOST_UNPACKED_OTHERS = 1024


@dataclass(frozen=True, kw_only=True)
class Coding:
    """How a slice's numbers are stored.

    Parameters
    ----------
    dtype : dtype
        What a stored number fills.
    n_bits, highest_bit : int
        Which of its bits count.
    shape : tuple of int
        Rows and columns.
    """

    dtype: np.dtype[Any]
    n_bits: int
    highest_bit: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, piece: Slice) -> Coding:
        """Return what the header says.

        Raises
        ------
        InputError
            ``unreadable_file``.
        """
        n_bits = piece.number("BitsAllocated")
        if n_bits not in BITS:
            msg = (
                f"{piece.path}: BitsAllocated is {piece.text('BitsAllocated') or 'missing'}, "
                "wanted 8, 16 or 32; export the series again"
            )
            raise InputError(msg, code="unreadable_file")
        kind = "i" if piece.number("PixelRepresentation") == 1 else "u"
        n_stored = int(piece.number("BitsStored") or n_bits)
        highest = piece.number("HighBit")
        highest = n_stored - 1 if highest is None else int(highest)
        if not 0 < n_stored <= highest + 1 <= n_bits:
            msg = (
                f"{piece.path}: {n_stored} bits up to bit {highest} of {n_bits:.0f} bits, which "
                "cannot be; export the series again"
            )
            raise InputError(msg, code="unreadable_file")
        dtype = np.dtype(f"<{kind}{int(n_bits) // 8}")
        return cls(dtype=dtype, n_bits=n_stored, highest_bit=highest, shape=piece.size)

    @property
    def n_bytes(self) -> int:
        """Return the number of bytes that a picture takes uncompressed."""
        return self.shape[0] * self.shape[1] * self.dtype.itemsize

    @property
    def ends(self) -> tuple[int, int]:
        """Return the lowest and the highest number that the bits can say."""
        if self.dtype.kind == "u":
            return 0, (1 << self.n_bits) - 1
        return -(1 << (self.n_bits - 1)), (1 << (self.n_bits - 1)) - 1

    def cleared(self, plane: Array) -> bool:
        """Clear the bits of a picture that do not count, in place; tell whether there were any."""
        low, high = self.ends
        shift = self.highest_bit + 1 - self.n_bits
        if not shift and plane.min() >= low and plane.max() <= high:
            return False
        unused = 8 * self.dtype.itemsize - 1 - self.highest_bit
        # Up to the top, so that the sign is the picture's own, and down again.
        np.left_shift(plane, unused, out=plane)
        np.right_shift(plane, unused + shift, out=plane)
        return True


def check_sizes(slices: Sequence[Slice]) -> None:
    """Refuse files that cannot hold the pictures that their headers promise.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    for path, first in {piece.path: piece for piece in slices}.items():
        coding = Coding.of(first)
        if _is_plain(first):
            _start(path, first, coding)
            continue
        _pixel_element(path, first)
        n_bytes = int(first.number("NumberOfFrames") or 1) * coding.n_bytes
        most = MOST_UNPACKED.get(_syntax(first), MOST_UNPACKED_OTHERS)
        if n_bytes > most * path.stat().st_size:
            raise _undecodable(path, f"{n_bytes} bytes of pixels in a file of a few")


def planes(slices: Sequence[Slice], into: Sequence[Array | None]) -> Iterator[tuple[int, Array]]:
    """Yield the number of each slice and its stored numbers, file by file.

    Parameters
    ----------
    slices : sequence of Slice
        Which.
    into : sequence of arrays or None
        Where to put the numbers of each, shape (rows, columns) and contiguous; None for a new
        array.

    Raises
    ------
    InputError
        ``unreadable_file`` or ``compressed_unsupported``.
    """
    numbered = sorted(enumerate(slices), key=lambda pair: (pair[1].path, pair[1].frame))
    for path, group in groupby(numbered, key=lambda pair: pair[1].path):
        wanted = list(group)
        read = _plain if _is_plain(wanted[0][1]) else _decoded
        yield from read(path, wanted, into)


def _syntax(piece: Slice) -> str:
    """Return the UID of how a file is written, "" where it does not say."""
    return text_of(piece.header.file_meta, "TransferSyntaxUID")


def _is_plain(piece: Slice) -> bool:
    """Tell whether the pixels lie uncompressed in the file, in little endian."""
    is_little = piece.header.original_encoding[1] is not False
    return _syntax(piece) in PLAIN or (not _syntax(piece) and is_little)


def _plain(
    path: Path, wanted: Sequence[tuple[int, Slice]], into: Sequence[Array | None]
) -> Iterator[tuple[int, Array]]:
    """Read pictures that lie uncompressed in a file."""
    coding = Coding.of(wanted[0][1])
    start = _start(path, wanted[0][1], coding)
    with path.open("rb") as file:
        for number, piece in wanted:
            plane = into[number]
            if plane is None:
                plane = np.empty(coding.shape, dtype=coding.dtype)
            file.seek(start + piece.frame * coding.n_bytes)
            if file.readinto(plane.reshape(-1).view(np.uint8).data) != coding.n_bytes:
                raise _cut_short(path)
            yield number, plane


def _start(path: Path, piece: Slice, coding: Coding) -> int:
    """Return where the pixels of a file start, their number being what its header says."""
    element = _pixel_element(path, piece)
    n_frames = int(piece.number("NumberOfFrames") or 1)
    wanted = n_frames * coding.n_bytes
    rows, columns = coding.shape
    came = getattr(element, "length", 0)
    # A byte or two of padding is common; a whole row more or less means a wrong size.
    if not 0 <= came - wanted < columns * coding.dtype.itemsize:
        msg = (
            f"{path}: {came} bytes of pixels, wanted {wanted} for {n_frames} x {rows} x "
            f"{columns} of {8 * coding.dtype.itemsize} bits; copy the file again, or correct Rows "
            "and Columns"
        )
        raise InputError(msg, code="unreadable_file")
    if path.stat().st_size < element.value_tell + wanted:
        raise _cut_short(path)
    return int(element.value_tell)


def _pixel_element(path: Path, piece: Slice) -> Any:
    """Return what the header says of the pixels: how many bytes, from where on."""
    if PIXEL_DATA not in piece.header:
        msg = f"{path}: holds no pixels (PixelData); copy the file again, or remove it"
        raise InputError(msg, code="unreadable_file")
    return piece.header.get_item(PIXEL_DATA, keep_deferred=True)


def _decoded(
    path: Path, wanted: Sequence[tuple[int, Slice]], into: Sequence[Array | None]
) -> Iterator[tuple[int, Array]]:
    """Let pydicom decode pictures that lie compressed, deflated or in big endian in a file."""
    from pydicom import dcmread

    coding = Coding.of(wanted[0][1])
    decoder = _decoder(path, _syntax(wanted[0][1]))
    try:
        file = dcmread(path, force=True)
        _refuse_other_sizes(file, coding)
        frames = [piece.frame for _, piece in wanted]
        pictures = decoder.iter_array(file, indices=frames, raw=True)
        for (number, _), (picture, _) in zip(wanted, pictures, strict=True):
            plane = into[number]
            if picture.shape != coding.shape or picture.dtype.itemsize != coding.dtype.itemsize:
                raise _undecodable(path, f"the picture is of {picture.shape} {picture.dtype}")
            if plane is None:
                plane = np.empty(coding.shape, dtype=coding.dtype)
            plane[...] = picture
            yield number, plane
    except InputError:
        raise
    except Exception as error:
        raise _undecodable(path, error, cures=decoder.missing_dependencies) from error


def _refuse_other_sizes(file: Any, coding: Coding) -> None:
    """Raise where compressed frames would unpack to another size than the header's."""
    from pydicom.encaps import generate_frames

    if not file.file_meta.TransferSyntaxUID.is_compressed:
        return
    n_frames = int(file.get("NumberOfFrames") or 1)
    for frame in generate_frames(file.PixelData, number_of_frames=n_frames):
        claimed = _claimed_size(frame)
        if claimed is not None and claimed != coding.shape:
            msg = f"its frames are of {claimed} pixels, the header says {coding.shape}"
            raise ValueError(msg)


def _claimed_size(frame: bytes) -> tuple[int, int] | None:
    """Return the rows and columns that a JPEG or JPEG 2000 frame says it has."""
    start = frame.find(J2K_SIZE, 0, 1 << 12)
    if start >= 0:
        x_end, y_end, x_start, y_start = struct.unpack_from(">4I", frame, start + 8)
        return y_end - y_start, x_end - x_start
    place = 2
    while frame[:2] == JPEG_START and place + 9 <= len(frame) and frame[place] == 0xFF:
        if frame[place + 1] in JPEG_SIZES:
            rows, columns = struct.unpack_from(">2H", frame, place + 5)
            return rows, columns
        place += 2 + struct.unpack_from(">H", frame, place + 2)[0]
    return None


def _decoder(path: Path, syntax: str) -> Any:
    """Return pydicom's decoder for a transfer syntax, if it has what that needs."""
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID, ExplicitVRBigEndian

    uid = UID(syntax) if syntax else ExplicitVRBigEndian
    try:
        decoder = get_decoder(uid)
    except NotImplementedError as error:
        msg = (
            f"{path}: stored as {uid.name} ({uid}), which pydicom does not decode; convert the "
            "series to uncompressed DICOM or to NIfTI"
        )
        raise InputError(msg, code="compressed_unsupported") from error
    if not decoder.is_available:
        msg = f"{path}: compressed as {uid.name}, for which nothing is installed; {CURE}"
        raise InputError(msg, code="compressed_unsupported")
    return decoder


def _cut_short(path: Path) -> InputError:
    """Return the error on a file that ends within its pixels."""
    msg = f"{path}: not readable (ends within its pixels); copy the file again"
    return InputError(msg, code="unreadable_file")


def _undecodable(path: Path, reason: Exception | str, *, cures: Sequence[str] = ()) -> InputError:
    """Return the error on pixels that cannot be decoded."""
    said = " ".join(str(reason).split()) or type(reason).__name__
    if cures and "not support" in said:
        msg = f"{path}: its pixels cannot be decoded with what is installed ({said}); {CURE}"
        return InputError(msg, code="compressed_unsupported")
    msg = f"{path}: its pixels cannot be decoded ({said}); copy the file again"
    return InputError(msg, code="unreadable_file")
