"""DICOM files found in folders, their headers read, and grouped by series.

Only the tags that are asked for are read, and no pixels: values of more than `HELD_BYTES` stay in
their file, with the place where they start known.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from radpred.errors import InputError
from radpred.io.dicom.values import number_of, quietly, text_of, value_of

HELD_BYTES = 1 << 16
ENDINGS = (".dcm", ".dicom", ".ima")
DIRECTORY = "1.2.840.10008.1.3.10"  # a DICOMDIR: a list of files, no image
DEFLATED = "1.2.840.10008.1.2.1.99"
UNDEFINED = 0xFFFFFFFF  # a length that only a mark in the file ends
MOST_INFLATION = 64  # of a deflated file, beyond the first megabytes
FREE_INFLATION_BYTES = 1 << 22

SERIES_TAGS = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "PatientID"),
    *("Modality", "SeriesDescription", "StudyDescription", "SeriesNumber", "StudyDate"),
    *("SeriesDate", "FrameOfReferenceUID", "Rows", "NumberOfFrames", "ImageType"),
    *("ReferencedFrameOfReferenceSequence", "ReferencedSeriesSequence"),
)


@dataclass(frozen=True, kw_only=True)
class Series:
    """What the headers of one series' files say, and where the files are.

    Parameters
    ----------
    uid, study_uid, frame_of_reference : str
        UIDs, "" where a file does not tell.
    patient_id, modality, description, study_description, date : str
        As written, of the first file; the date is the series', or the study's.
    sop_class : str
        UID of the kind of file.
    files : tuple of Path
        Sorted by name.
    n_images : int
        Pictures in the files: 0 for structures and reports.
    references : frozenset of str
        UIDs of the series that a structure set or a segmentation was drawn on.
    """

    uid: str
    study_uid: str
    frame_of_reference: str
    patient_id: str
    modality: str
    description: str
    study_description: str
    date: str
    sop_class: str
    files: tuple[Path, ...]
    n_images: int
    references: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Headers:
    """What a folder holds.

    Parameters
    ----------
    series : tuple of Series
        Sorted by patient, study, series.
    unreadable : tuple of Path
        Files that are DICOM by their first bytes or their ending, and too damaged to be read.
    n_others : int
        How many files are something else.
    """

    series: tuple[Series, ...]
    unreadable: tuple[Path, ...]
    n_others: int


def scan_folder(folder: str | Path, *, told: Callable[[int], None] | None = None) -> Headers:
    """Return the DICOM series under a folder, its subfolders included.

    Parameters
    ----------
    folder : path
        Where to look.
    told : callable, optional
        Called with the number of files looked at.

    Raises
    ------
    InputError
        ``missing_file``: no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        msg = f"{folder}: not a folder, wanted one that holds DICOM files; correct the path"
        raise InputError(msg, code="missing_file")
    found: dict[str, list[tuple[Path, Any]]] = {}
    unreadable, n_others = [], 0
    with quietly():
        for count, path in enumerate(files_under(folder), start=1):
            header = header_if_any(path, SERIES_TAGS)
            if isinstance(header, InputError):
                unreadable.append(path)
            elif header is None:
                n_others += 1
            else:
                # A file without a series is one of its own.
                uid = text_of(header, "SeriesInstanceUID") or str(path)
                found.setdefault(uid, []).append((path, header))
            if told is not None:
                told(count)
        series = [_series(files) for files in found.values()]
    series.sort(key=lambda s: (s.patient_id, s.study_uid, s.uid, s.files))
    return Headers(series=tuple(series), unreadable=tuple(unreadable), n_others=n_others)


def is_dicom(path: str | Path) -> bool:
    """Tell whether a file is DICOM by its first bytes, whatever its name."""
    path = Path(path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(132)
    if head[128:] == b"DICM":
        return True
    # Files from before the prefix start with a tag of group 2 or 8, in either byte order.
    if head[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08"):
        return False
    try:
        header = read_header(path, ("SOPClassUID", "SOPInstanceUID"))
    except InputError:
        return False
    with quietly():
        return bool(text_of(header, "SOPClassUID") and text_of(header, "SOPInstanceUID"))


def files_under(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders in order; hidden ones are passed over."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def header_if_any(path: Path, keywords: tuple[str | int, ...]) -> Any:
    """Return the header of a DICOM file, None for another file, or the error of a damaged one."""
    try:
        if not is_dicom(path):
            if not path.name.lower().endswith(ENDINGS):
                return None
            return _unreadable(path, "its first bytes are not DICOM")
        header = read_header(path, keywords)
    except OSError as error:
        return _unreadable(path, str(error))
    except InputError as error:
        return error
    if text_of(header.file_meta, "MediaStorageSOPClassUID") == DIRECTORY:
        return None
    if not text_of(header, "SOPClassUID"):
        return _unreadable(path, "its header ends too early")
    return header


def read_header(
    path: Path, keywords: tuple[str | int, ...], *, held_bytes: int | None = HELD_BYTES
) -> Any:
    """Return the named tags of a file as a pydicom Dataset.

    Parameters
    ----------
    path : Path
        A DICOM file.
    keywords : tuple of str or int
        Keywords, or numbers of private tags. PixelData only says where the pixels start.
    held_bytes : int, optional
        Longer values stay in the file; None holds all, pixels too.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    from pydicom import dcmread

    try:
        with quietly():
            # Where a value starts in a deflated file is known in its unpacked copy only.
            held = None if _is_deflated(path) else held_bytes
            return dcmread(path, defer_size=held, force=True, specific_tags=_tags(tuple(keywords)))
    except Exception as error:
        reason = str(error).strip() or type(error).__name__
        raise _unreadable(path, reason) from error


def check_whole(path: Path, header: Any) -> None:
    """Refuse a file that is shorter than the lengths of its tags promise.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    if text_of(header.file_meta, "TransferSyntaxUID") == DEFLATED:
        return
    came = path.stat().st_size
    # What was read of a tag knows where it stood; values that stayed in the file shall stay there.
    found = (header.get_item(tag, keep_deferred=True) for tag in list(header.keys()))
    raw = (element for element in found if hasattr(element, "length"))
    ends = [element.value_tell + element.length for element in raw if element.length != UNDEFINED]
    wanted = max(ends, default=0)
    if came < wanted:
        raise _unreadable(path, f"{came} bytes, wanted {wanted}")


@cache
def _tags(keywords: tuple[str | int, ...]) -> list[Any]:
    """Return tags as pydicom numbers them."""
    from pydicom.tag import Tag

    return [Tag(keyword) for keyword in keywords]


def _unreadable(path: Path, reason: str) -> InputError:
    """Return the error on a file that cannot be read."""
    msg = f"{path}: not readable as DICOM ({reason}); copy the file again, or remove it"
    return InputError(msg, code="unreadable_file")


def _is_deflated(path: Path) -> bool:
    """Tell whether a file is deflated; raise where it unpacks to far more than an image needs."""
    with path.open("rb") as file:
        head = file.read(1 << 12)
        if DEFLATED.encode() not in head:
            return False
        # The meta information follows the prefix; its first tag holds the length of the others.
        file.seek(144 + struct.unpack_from("<I", head, 140)[0])
        unpacker, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
        limit = MOST_INFLATION * path.stat().st_size + FREE_INFLATION_BYTES
        while size <= limit and (packed := unpacker.unconsumed_tail or file.read(1 << 16)):
            size += len(unpacker.decompress(packed, 1 << 20))
    if size > limit:
        msg = f"deflated, unpacks to more than {limit} bytes"
        raise ValueError(msg)
    return True


def _series(files: Iterable[tuple[Path, Any]]) -> Series:
    """Return what the headers of one series say."""
    files = sorted(files, key=lambda file: file[0])
    first = files[0][1]

    def said(keyword: str) -> str:
        return text_of(first, keyword)

    return Series(
        uid=said("SeriesInstanceUID"),
        study_uid=said("StudyInstanceUID"),
        frame_of_reference=said("FrameOfReferenceUID"),
        patient_id=said("PatientID"),
        modality=said("Modality"),
        description=said("SeriesDescription"),
        study_description=said("StudyDescription"),
        date=said("SeriesDate") or said("StudyDate"),
        sop_class=said("SOPClassUID"),
        files=tuple(path for path, _ in files),
        n_images=sum(_n_images(header) for _, header in files),
        references=frozenset().union(*(references_of(header) for _, header in files)),
    )


def _n_images(header: Any) -> int:
    """Return how many pictures a file holds."""
    return int(number_of(header, "NumberOfFrames") or 1) if value_of(header, "Rows") else 0


def references_of(header: Any) -> set[str]:
    """Return the UIDs of the series that structures or segments were drawn on."""
    studies = (
        study
        for frame in value_of(header, "ReferencedFrameOfReferenceSequence") or ()
        for study in value_of(frame, "RTReferencedStudySequence") or ()
    )
    drawn = [
        *(s for study in studies for s in value_of(study, "RTReferencedSeriesSequence") or ()),
        *(value_of(header, "ReferencedSeriesSequence") or ()),
    ]
    return {uid for series in drawn if (uid := text_of(series, "SeriesInstanceUID"))}
