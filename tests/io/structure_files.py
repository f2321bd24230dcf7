"""Made RTSTRUCT and DICOM SEG files for tests.

write_structures(path, {"GTV": [circle(15, centre=(0, 0, 3))]})      # LPS mm
write_segments(path, {"lesion": voxels}, grid=GRID)                  # one frame a slice
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from dicom_files import (
    Tags,
    made_uid,
    new_file,
    numbers,
    orientation,
    position,
    put_tags,
    save,
)
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from radpred.image import Grid

RTSTRUCT = UID("1.2.840.10008.5.1.4.1.1.481.3")
SEG = UID("1.2.840.10008.5.1.4.1.1.66.4")
LABELMAP = UID("1.2.840.10008.5.1.4.1.1.66.7")


def circle(
    radius: float,
    *,
    centre: Sequence[float] = (0.0, 0.0, 0.0),
    n: int = 360,
    backwards: bool = False,
) -> np.ndarray:
    """Return corners of a circle across z, shape (n, 3)."""
    angles = np.linspace(0.0, 2.0 * np.pi, n, endpoint=False)[:: -1 if backwards else 1]
    flat = np.stack([np.cos(angles), np.sin(angles), np.zeros(n)], axis=1)
    return radius * flat + np.asarray(centre)


def box(low: Sequence[float], high: Sequence[float], z: float = 0.0) -> np.ndarray:
    """Return the four corners of a rectangle across z."""
    (x0, y0), (x1, y1) = low, high
    return np.array([[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]], dtype=float)


def write_structures(
    path: Path,
    structures: Mapping[str, Sequence[np.ndarray]],
    *,
    kind: str | Callable[[int], str] = "CLOSED_PLANAR",
    series: str = "series",
    frame: str = "frame of reference",
    first_number: int = 1,
    tags: Tags | None = None,
) -> Path:
    """Write an RTSTRUCT file.

    Parameters
    ----------
    path : Path
        The file.
    structures : dict of str to sequence of array, shape (n, 3)
        Contours of each structure, LPS mm; none where it shall be declared and empty.
    kind : str or callable
        ContourGeometricType, or what gives it for the number of a contour.
    series, frame : str
        Names of the series drawn on, and of the frame of reference, as of `made_uid`.
    first_number : int
        ROI number of the first structure.
    tags : dict, optional
        What to change.
    """
    file = new_file(RTSTRUCT, series="structures")
    file.Modality, file.StructureSetLabel = "RTSTRUCT", "made"
    del file.FrameOfReferenceUID
    file.ReferencedFrameOfReferenceSequence = Items([_frame(series, frame)])
    declared, drawn = [], []
    for number, (name, contours) in enumerate(structures.items(), start=first_number):
        item = Dataset()
        item.ROINumber, item.ROIName = number, name
        item.ReferencedFrameOfReferenceUID = made_uid(frame)
        declared.append(item)
        item = Dataset()
        item.ReferencedROINumber = number
        kinds = [kind(i) if callable(kind) else kind for i in range(len(contours))]
        if contours:
            item.ContourSequence = Items(map(_contour, contours, kinds))
        drawn.append(item)
    file.StructureSetROISequence, file.ROIContourSequence = Items(declared), Items(drawn)
    put_tags(file, tags)
    return save(file, path)


def write_segments(
    path: Path,
    segments: Mapping[str, np.ndarray],
    *,
    grid: Grid,
    kind: str = "BINARY",
    most: int = 200,
    order: Callable[[list[tuple[int, int]]], list[tuple[int, int]]] = sorted,
    omit_empty: bool = True,
    series: str = "series",
    tags: Tags | None = None,
) -> Path:
    """Write a DICOM SEG file.

    Parameters
    ----------
    path : Path
        The file.
    segments : dict of str to array, shape (z, y, x)
        Of each segment: true where it is; in a fractional file its fraction, from 0 to 1.
    grid : Grid
        Where the voxels lie.
    kind : str
        BINARY, FRACTIONAL or LABELMAP.
    most : int
        MaximumFractionalValue.
    order : callable
        What brings the pairs (segment, slice) of frames into the file's order.
    omit_empty : bool
        Whether frames without a set pixel are left out.
    series : str
        Name of the series drawn on.
    tags : dict, optional
        What to change.
    """
    file = new_file(LABELMAP if kind == "LABELMAP" else SEG, series="segments")
    file.Modality, file.SegmentationType, file.ImageType = "SEG", kind, ["DERIVED", "PRIMARY"]
    reference = Dataset()
    reference.SeriesInstanceUID = made_uid(series)
    file.ReferencedSeriesSequence = Items([reference])
    file.SegmentSequence = Items(map(_segment, range(1, len(segments) + 1), segments))
    stacks = dict(enumerate(segments.values(), start=1))
    if kind == "LABELMAP":
        stacks = {0: np.sum([n * (voxels > 0) for n, voxels in stacks.items()], axis=0)}
    pairs = [(n, z) for n, voxels in stacks.items() for z in range(grid.shape[0])]
    pairs = [(n, z) for n, z in pairs if stacks[n][z].any() or not omit_empty]
    pairs = order(pairs)
    shared = Dataset()
    shared.PlaneOrientationSequence = Items([_item(ImageOrientationPatient=orientation(grid))])
    shared.PixelMeasuresSequence = Items(
        [
            _item(
                PixelSpacing=numbers(grid.spacing[1:]),
                SliceThickness=numbers(grid.spacing[:1])[0],
                SpacingBetweenSlices=numbers(grid.spacing[:1])[0],
            )
        ]
    )
    file.SharedFunctionalGroupsSequence = Items([shared])
    file.PerFrameFunctionalGroupsSequence = Items([_frame_of(grid, n, z) for n, z in pairs])
    file.NumberOfFrames, file.Rows, file.Columns = len(pairs), *grid.shape[1:]
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.PixelRepresentation = 0
    if kind == "FRACTIONAL":
        file.SegmentationFractionalType, file.MaximumFractionalValue = "PROBABILITY", most
    pixels = np.array([stacks[n][z] for n, z in pairs]).reshape(len(pairs), *grid.shape[1:])
    _put_bits(file, pixels * (most if kind == "FRACTIONAL" else 1), is_binary=kind == "BINARY")
    put_tags(file, tags)
    return save(file, path)


def _frame(series: str, frame: str) -> Dataset:
    """Return the frame of reference of a structure set, with the series in it."""
    drawn_on, study = _item(SeriesInstanceUID=made_uid(series)), Dataset()
    study.RTReferencedSeriesSequence = Items([drawn_on])
    found = _item(FrameOfReferenceUID=made_uid(frame))
    found.RTReferencedStudySequence = Items([study])
    return found


def _contour(points: np.ndarray, kind: str) -> Dataset:
    """Return one contour."""
    return _item(
        ContourGeometricType=kind,
        NumberOfContourPoints=len(points),
        ContourData=numbers(np.ravel(points)),
    )


def _segment(number: int, label: str) -> Dataset:
    """Return the declaration of a segment."""
    return _item(SegmentNumber=number, SegmentLabel=label, SegmentAlgorithmType="MANUAL")


def _frame_of(grid: Grid, number: int, z: int) -> Dataset:
    """Return what is said of one frame."""
    groups = Dataset()
    groups.PlanePositionSequence = Items([_item(ImagePositionPatient=position(grid, z))])
    if number:
        groups.SegmentIdentificationSequence = Items([_item(ReferencedSegmentNumber=number)])
    return groups


def _put_bits(file: Dataset, pixels: np.ndarray, *, is_binary: bool) -> None:
    """Put pixels into a file, eight a byte where they are binary, frames without a gap."""
    if is_binary:
        content = np.packbits(np.ravel(pixels > 0), bitorder="little").tobytes()
    else:
        content = np.round(pixels).astype(np.uint8).tobytes()
    file.BitsAllocated = file.BitsStored = 1 if is_binary else 8
    file.HighBit = file.BitsStored - 1
    file.PixelData = content + b"\0" * (len(content) % 2)
    file["PixelData"].VR = "OB"


def _item(**values: Any) -> Dataset:
    """Return an item of a sequence."""
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
