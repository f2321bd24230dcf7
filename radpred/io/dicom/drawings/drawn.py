"""What RTSTRUCT and SEG files share: one of several named things, drawn on a series."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from radpred.errors import GeometryError, InputError, RadpredError, RegionError
from radpred.io.dicom.files import files_under, header_if_any, is_dicom, read_header
from radpred.io.dicom.values import number_of, quietly, text_of, value_of
from radpred.sources import split_source

Kind = Literal["structure", "segment"]
KINDS: dict[str, Kind] = {
    "1.2.840.10008.5.1.4.1.1.481.3": "structure",
    "1.2.840.10008.5.1.4.1.1.66.4": "segment",
    "1.2.840.10008.5.1.4.1.1.66.7": "segment",  # label maps
}
PLACE_TAGS = ("SOPClassUID", "FrameOfReferenceUID", "SeriesInstanceUID", "Rows")
N_LISTED = 30


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A structure or a segment of a file.

    Parameters
    ----------
    number : int
        As the file counts.
    name : str
        As the file calls it, without white space around it.
    is_empty : bool
        Whether the file declares it and holds nothing of it.
    """

    number: int
    name: str
    is_empty: bool

    def __str__(self) -> str:
        """Return how a message lists it."""
        return f"{self.name!r} ({self.number}{', empty' if self.is_empty else ''})"


def drawing_in(source: str | Path) -> tuple[Kind, Path] | None:
    """Return what kind of drawing a file holds, or the only file of a folder; None for others."""
    path = Path(source)
    if path.is_dir():
        files = list(files_under(path))
        if len(files) != 1:
            return None
        path = files[0]
    if not is_dicom(path):
        return None
    with reading(path):
        kind = KINDS.get(text_of(read_header(path, ("SOPClassUID",)), "SOPClassUID"))
    return None if kind is None else (kind, path)


D = TypeVar("D", bound=Drawn)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of whatever a damaged file does to its parser that the file is not readable.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    try:
        with quietly():
            yield
    except RadpredError:
        raise
    except Exception as error:  # pydicom raises all there is on damaged files
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        msg = f"{path}: not readable as DICOM ({reason}); export it again"
        raise InputError(msg, code="unreadable_file") from error


def number_said(dataset: Any, keyword: str) -> int:
    """Return a whole number of a header.

    Raises
    ------
    ValueError
        There is none.
    """
    number = number_of(dataset, keyword)
    if number is None or number != int(number):
        msg = f"{keyword} is {text_of(dataset, keyword) or 'missing'}"
        raise ValueError(msg)
    return int(number)


def chosen(
    drawn: Sequence[D], wanted: str | int, *, kind: Kind, source: str
) -> tuple[tuple[D, ...], tuple[str, ...]]:
    """Return the one that is wanted, or all, and a note where a file holds others too.

    Parameters
    ----------
    drawn : sequence of Drawn
        What the file declares.
    wanted : str or int
        A name (exact, else the only one that is equal but for capitals and white space), a number
        (a name of digits counts first); "auto", the only one there is, else the only one that is
        not empty; or "all", every one that is not empty.
    kind : "structure" or "segment"
        What messages call it.
    source : str
        What messages call the file.

    Raises
    ------
    RegionError
        ``structure_missing`` or ``segment_missing``.
    InputError
        ``several_labels``.
    """
    wanted = wanted.strip() if isinstance(wanted, str) else wanted
    found = _matches(drawn, wanted)
    if not found:
        near = difflib.get_close_matches(str(wanted), [d.name for d in drawn], n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        came = f"no {kind}" if not drawn else f"{kind} {wanted!r} is not there"
        msg = f"{source}: {came}, found {_listed(drawn)}; {hint}set mask_label to a name or number"
        raise RegionError(msg, code=f"{kind}_missing")
    if wanted == "all":
        return tuple(found), (f"took {len(found)} {kind}s together",) * (len(found) > 1)
    if len(found) > 1:
        which = f"{len(found)} {kind}s" + ("" if wanted == "auto" else f" called {wanted!r}")
        msg = f"{source}: {which}, wanted one: {_listed(found)}; say which by mask_label"
        raise InputError(msg, code="several_labels")
    noted = wanted == "auto" and len(drawn) > 1
    return (found[0],), (f"took the only {kind} that is not empty, {found[0]}",) * noted


def emptiness(drawn: Drawn, *, kind: Kind, source: str, why: str = "") -> RegionError:
    """Return the error that something is declared and not there."""
    msg = (
        f"{source}: {kind} {drawn.name!r} ({drawn.number}) is declared and empty"
        f"{f' ({why})' if why else ''}, wanted a region; draw it, or drop the case"
    )
    return RegionError(msg, code=f"{kind}_empty")


def first_picture(image_source: str | Path) -> tuple[Path, Any] | None:
    """Return the first file of an image's source that holds pictures, with its header.

    Parameters
    ----------
    image_source : path
        A file, a folder, or ``folder#SeriesInstanceUID``; None where it is not DICOM.
    """
    text, series = split_source(image_source)
    path = Path(text)
    for file in files_under(path) if path.is_dir() else [path]:
        header = header_if_any(file, PLACE_TAGS) if file.is_file() else None
        if header is None or isinstance(header, InputError) or value_of(header, "Rows") is None:
            continue
        if text_of(header, "SOPClassUID") in KINDS:
            continue
        if series in ("", text_of(header, "SeriesInstanceUID")):
            return file, header
    return None


def frame_notes(
    image_source: str | Path, source: Path, *, frame: str, series: set[str]
) -> tuple[str, ...]:
    """Refuse a drawing in another frame of reference than its image's, or note why it may stand.

    Parameters
    ----------
    image_source : path
        The image; one that is not DICOM cannot be compared.
    source : Path
        The file of the drawing.
    frame : str
        UID of the drawing's frame of reference, "" where it is not told.
    series : set of str
        UIDs of the series that it says it was drawn on.

    Raises
    ------
    GeometryError
        ``frame_of_reference_differs``.
    """
    found = first_picture(image_source) if frame else None
    if found is None:
        return ()
    header = found[1]
    theirs = text_of(header, "FrameOfReferenceUID")
    if theirs in ("", frame):
        return ()
    if text_of(header, "SeriesInstanceUID") in series:
        return ("its frame of reference is not the image's, but it was drawn on this series",)
    msg = (
        f"{source}: drawn in the frame of reference {frame}, the image {image_source} has "
        f"{theirs}: positions cannot be compared; give the image that it was drawn on, or register "
        "the two and save the mask as NIfTI"
    )
    raise GeometryError(msg, code="frame_of_reference_differs")


def _matches(drawn: Sequence[D], wanted: str | int) -> list[D]:
    """Return what a name or number may mean, the first rule that fits."""
    if wanted in ("auto", "all"):
        return [d for d in drawn if not d.is_empty] or list(drawn[:1])
    if isinstance(wanted, int):
        return [d for d in drawn if d.number == wanted]
    rules = [
        [d for d in drawn if d.name == wanted],
        [d for d in drawn if wanted.isdecimal() and d.number == int(wanted)],
        [d for d in drawn if _folded(d.name) == _folded(wanted)],
    ]
    return next((found for found in rules if found), [])


def _folded(name: str) -> str:
    """Return a name without capitals, and with single spaces."""
    return " ".join(name.casefold().split())


def _listed(drawn: Sequence[Drawn]) -> str:
    """Return names with their numbers as a person would list them."""
    text = ", ".join(map(str, drawn[:N_LISTED])) or "nothing"
    return f"{text} and {len(drawn) - N_LISTED} more" if len(drawn) > N_LISTED else text
