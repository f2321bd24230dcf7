"""Masks that DICOM files draw, structures or segments, behind one door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from radpred.errors import InputError
from radpred.image import Grid, Mask
from radpred.io.dicom.drawings.drawn import Drawn, Kind, chosen, drawing_in
from radpred.io.dicom.drawings.rtstruct import read_structure, structures_in
from radpred.io.dicom.drawings.seg import read_segment, segments_in


def is_drawing(source: str | Path) -> bool:
    """Tell whether a file, or the only file of a folder, is an RTSTRUCT or a DICOM SEG."""
    return drawing_in(source) is not None


def read_drawing(
    source: str | Path,
    *,
    label: int | str = "auto",
    on: Grid | None = None,
    image_source: str | Path | None = None,
    name: str = "tumour",
) -> Mask:
    """Read a structure on the image's grid, or a segment on its own.

    Parameters
    ----------
    source : path
        An RTSTRUCT or DICOM SEG file, or a folder that holds nothing else.
    label : int or str
        The name or number; "auto" takes the only one that is not empty, "all" every one.
    on : Grid, optional
        The image's; contours have none of their own.
    image_source : path, optional
        The image; where it is DICOM too, both must have one frame of reference.
    name : str
        What the region is called in names and messages.

    Raises
    ------
    InputError
        ``grid_missing``, or as of `read_structure` and `read_segment`.
    """
    kind, path = _drawing(source)
    told: dict[str, Any] = {"name_or_number": label, "image_source": image_source, "name": name}
    if kind == "segment":
        return read_segment(path, like=on, **told)
    if on is None:
        msg = f"{path}: contours have no grid of their own, wanted an image; name its image too"
        raise InputError(msg, code="grid_missing")
    return read_structure(path, grid=on, **told)


def drawing_labels(source: str | Path) -> tuple[int, ...]:
    """Return the numbers of what a file draws, ascending, without what is declared and empty.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    return tuple(sorted({drawn.number for drawn in _drawn(source) if not drawn.is_empty}))


def refuse_undrawn(source: str | Path, *, label: int | str = "auto") -> None:
    """Raise where a file's header tells that it draws nothing of a name or number.

    Parameters
    ----------
    source, label
        As of `read_drawing`.

    Raises
    ------
    InputError
        ``structure_missing``, ``segment_missing``, ``several_labels`` or ``unreadable_file``.
    """
    kind, _ = _drawing(source)
    chosen(_drawn(source), label, kind=kind, source=str(source))


def _drawing(source: str | Path) -> tuple[Kind, Path]:
    """Return the kind of a drawing, and its file."""
    found = drawing_in(source)
    if found is None:
        msg = f"{source}: neither an RTSTRUCT nor a DICOM SEG file; give the mask's own file"
        raise InputError(msg, code="unknown_file_type")
    return found


def _drawn(source: str | Path) -> tuple[Drawn, ...]:
    """Return what a file declares."""
    kind, path = _drawing(source)
    return structures_in(path) if kind == "structure" else segments_in(path)
