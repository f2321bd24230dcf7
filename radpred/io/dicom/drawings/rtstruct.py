"""Structures of RTSTRUCT files: contours in the patient's space, filled on an image's grid.

Closed planar contours count; points and open lines are set aside, and said so. How contours
become voxels: see `radpred.io.dicom.drawings.contours`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from radpred.image import Array, Grid, Mask
from radpred.io.dicom.drawings.contours import rasterised
from radpred.io.dicom.drawings.drawn import (
    Drawn,
    chosen,
    emptiness,
    frame_notes,
    number_said,
    reading,
)
from radpred.io.dicom.files import read_header, references_of
from radpred.io.dicom.values import text_of, value_of

TAGS = (
    *("FrameOfReferenceUID", "StructureSetROISequence", "ROIContourSequence"),
    "ReferencedFrameOfReferenceSequence",
)
CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR")
CONTOUR_DATA = 0x30060050
FURTHEST_MM = 1e6  # no patient is a kilometre away: such a number is damage


@dataclass(frozen=True, kw_only=True)
class _Structure(Drawn):
    """A structure with where it is and what it is made of."""

    frame: str
    items: tuple[Any, ...]


def read_structure(
    path: str | Path,
    *,
    grid: Grid,
    name_or_number: str | int = "auto",
    image_source: str | Path | None = None,
    name: str = "tumour",
) -> Mask:
    """Read a structure as the voxels of ``grid`` whose centres its contours enclose.

    Parameters
    ----------
    path : path
        An RTSTRUCT file.
    grid : Grid
        The image's.
    name_or_number : str or int
        The structure's name (exact, else the only one equal but for capitals) or ROI number;
        "auto" takes the only one that is not empty, "all" every one.
    image_source : path, optional
        The image; where it is DICOM too, both must have one frame of reference.
    name : str
        What the region is called in names and messages.

    Raises
    ------
    RegionError
        ``structure_missing`` (with what is there), ``structure_empty``, ``mask_vanished``.
    GeometryError
        ``mask_outside_image``, ``frame_of_reference_differs``.
    InputError
        ``several_labels``, ``contours_not_parallel``, ``unreadable_file``.
    """
    path = Path(path)
    header = read_header(path, TAGS, held_bytes=None)
    with reading(path):
        structures, drawn_on = _structures(header), references_of(header)
    wanted, steps = chosen(structures, name_or_number, kind="structure", source=str(path))
    masks = []
    for structure in wanted:
        if image_source is not None:
            steps += frame_notes(image_source, path, frame=structure.frame, series=drawn_on)
        with reading(path):
            contours, notes = _closed(structure.items)
        if not contours:
            raise emptiness(structure, kind="structure", source=str(path), why="; ".join(notes))
        masks.append(rasterised(contours, grid, name=name))
        steps += (*notes, *masks[-1].steps)
    voxels = np.logical_or.reduce([mask.voxels for mask in masks])
    return Mask(voxels=voxels, grid=grid, name=name, steps=tuple(dict.fromkeys(steps)))


def structure_names(path: str | Path) -> tuple[str, ...]:
    """Return the names of a file's structures, empty ones too, in its order.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    return tuple(structure.name for structure in structures_in(path))


def structures_in(path: str | Path) -> tuple[Drawn, ...]:
    """Return the structures that a file declares, in its order.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    path = Path(path)
    header = read_header(path, TAGS, held_bytes=None)
    with reading(path):
        return tuple(_structures(header))


def _structures(header: Any) -> list[_Structure]:
    """Return the structures that a file declares, each with its contours' items."""
    items: dict[int, list[Any]] = {}
    for drawn in value_of(header, "ROIContourSequence") or ():
        contours = value_of(drawn, "ContourSequence") or ()
        items.setdefault(number_said(drawn, "ReferencedROINumber"), []).extend(contours)
    frames = value_of(header, "ReferencedFrameOfReferenceSequence") or [header]
    common = text_of(frames[0], "FrameOfReferenceUID") if len(frames) == 1 else ""
    found = []
    for declared in value_of(header, "StructureSetROISequence") or ():
        number = number_said(declared, "ROINumber")
        found.append(
            _Structure(
                number=number,
                name=text_of(declared, "ROIName"),
                is_empty=not any(_is_closed(item) for item in items.get(number, ())),
                frame=text_of(declared, "ReferencedFrameOfReferenceUID") or common,
                items=tuple(items.get(number, ())),
            )
        )
    return found


def _closed(items: Sequence[Any]) -> tuple[list[Array], tuple[str, ...]]:
    """Return the corners of closed contours, and notes on what was set aside."""
    others: Counter[str] = Counter()
    n_short = 0
    contours = []
    for item in items:
        if not _is_closed(item):
            others[text_of(item, "ContourGeometricType") or "without a type"] += 1
            continue
        points = _points(item)
        if len(points) < 3:
            n_short += 1
        else:
            contours.append(points)
    notes = [f"{n_short} contour(s) of fewer than three points skipped"] if n_short else []
    if others:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
        notes.append(f"contours that are not closed and planar set aside: {kinds}")
    return contours, tuple(notes)


def _is_closed(item: Any) -> bool:
    """Tell whether a contour is a closed line in a plane."""
    return text_of(item, "ContourGeometricType") in CLOSED


def _points(item: Any) -> Array:
    """Return the corners of a contour, shape (n, 3), LPS mm."""
    # Read past pydicom, which makes an object of every number.
    element = item.get_item(CONTOUR_DATA) if CONTOUR_DATA in item else None
    value = None if element is None else element.value
    if isinstance(value, bytes):
        text = value.decode("ascii").strip(" \0")
        value = text.split("\\") if text else []
    numbers = np.array([float(number) for number in value or ()])
    if numbers.size % 3 or not (np.abs(numbers) < FURTHEST_MM).all():
        msg = f"a contour of {numbers.size} numbers, wanted threes of lengths in mm"
        raise ValueError(msg)
    return numbers.reshape(-1, 3)
