"""What an RTSTRUCT or a DICOM SEG file declares, and on what it says it was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from radpred.errors import InputError
from radpred.io.dicom.drawings.drawn import Drawn, Kind, drawing_in, reading
from radpred.io.dicom.drawings.rtstruct import structures_in
from radpred.io.dicom.drawings.seg import segments_in
from radpred.io.dicom.files import read_header, references_of
from radpred.io.dicom.values import text_of, value_of

_TAGS = ("FrameOfReferenceUID", "ReferencedFrameOfReferenceSequence", "ReferencedSeriesSequence")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The structures or segments of a file, and where they belong.

    Parameters
    ----------
    kind : "structure" or "segment"
        What its things are called.
    things : tuple of Drawn
        In the file's order, empty ones too.
    references : frozenset of str
        UIDs of the series that it says it was drawn on.
    frames : frozenset of str
        UIDs of its frames of reference.
    """

    kind: Kind
    things: tuple[Drawn, ...]
    references: frozenset[str]
    frames: frozenset[str]


def drawing_of(path: str | Path) -> Drawing:
    """Return what a file declares, without its contours or pixels.

    Raises
    ------
    InputError
        ``unreadable_file``, or ``unknown_file_type``: it is neither.
    """
    found = drawing_in(path)
    if found is None:
        msg = f"{path}: neither an RTSTRUCT nor a DICOM SEG file; give the mask's own file"
        raise InputError(msg, code="unknown_file_type")
    kind, file = found
    header = read_header(file, _TAGS)
    with reading(file):
        frames = {text_of(header, "FrameOfReferenceUID")} | {
            text_of(frame, "FrameOfReferenceUID")
            for frame in value_of(header, "ReferencedFrameOfReferenceSequence") or ()
        }
        references = frozenset(references_of(header))
    things = structures_in(file) if kind == "structure" else segments_in(file)
    return Drawing(
        kind=kind, things=tuple(things), references=references, frames=frozenset(frames - {""})
    )
