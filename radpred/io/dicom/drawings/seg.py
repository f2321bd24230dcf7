"""Segments of DICOM SEG files as masks on their own grid, and masks written as such files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from radpred.backends import to_host
from radpred.errors import GeometryError, RegionError
from radpred.image import Array, Grid, Mask
from radpred.io.dicom.drawings.drawn import Drawn, chosen, emptiness, frame_notes, reading
from radpred.io.dicom.drawings.segments import TAGS, segmentation_of, voxels_of
from radpred.io.dicom.evidence import MAKER, SERIES_NUMBER, series_headers
from radpred.io.dicom.files import read_header, references_of
from radpred.io.dicom.scans.slices import slices_of
from radpred.io.dicom.values import quietly, text_of
from radpred.version import __version__
from radpred.writing import write_whole

SAME_VOXEL = 0.1


def read_segment(
    path: str | Path,
    *,
    name_or_number: str | int = "auto",
    like: Grid | None = None,
    image_source: str | Path | None = None,
    name: str = "tumour",
) -> Mask:
    """Read a segment on the grid of its file's frames.

    A binary segment is taken as it is, a fractional one where it reaches half of its maximum.

    Parameters
    ----------
    path : path
        A DICOM SEG file: binary, fractional, or a label map.
    name_or_number : str or int
        The segment's label (exact, else the only one equal but for capitals) or number; "auto"
        takes the only one that is not empty, "all" every one.
    like : Grid, optional
        The image's: tells how far apart slices are where frames are missing and the file does
        not say.
    image_source : path, optional
        The image; where it is DICOM too, both must have one frame of reference.
    name : str
        What the region is called in names and messages.

    Raises
    ------
    RegionError
        ``segment_missing`` (with what is there), ``segment_empty``.
    GeometryError
        ``slices_not_parallel``, ``slices_uneven``, ``frame_of_reference_differs``.
    InputError
        ``several_labels``, ``position_missing``, ``spacing_missing``, ``grid_too_large``,
        ``compressed_unsupported``, ``unreadable_file``.
    """
    path = Path(path)
    header = read_header(path, TAGS, held_bytes=None)
    with reading(path):
        file, drawn_on = segmentation_of(path, header), references_of(header)
        frame = text_of(header, "FrameOfReferenceUID")
    wanted, steps = chosen(file.segments, name_or_number, kind="segment", source=str(path))
    if wanted[0].is_empty or not file.frames:
        raise emptiness(wanted[0], kind="segment", source=str(path), why="no frame")
    if image_source is not None:
        steps += frame_notes(image_source, path, frame=frame, series=drawn_on)
    with reading(path):
        voxels, grid, notes = voxels_of(file, [segment.number for segment in wanted], like=like)
    if not voxels.any():
        raise emptiness(wanted[0], kind="segment", source=str(path), why="no pixel is set")
    return Mask(voxels=voxels, grid=grid, name=name, steps=(*steps, *notes))


def segment_names(path: str | Path) -> tuple[str, ...]:
    """Return the labels of a file's segments, empty ones too, in its order.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    return tuple(segment.name for segment in segments_in(path))


def segments_in(path: str | Path) -> tuple[Drawn, ...]:
    """Return the segments that a file declares, in its order.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    path = Path(path)
    header = read_header(path, TAGS)
    with reading(path):
        return segmentation_of(path, header).segments


def write_segmentation(
    mask: Mask, image_source: str | Path, path: str | Path, *, method: str = ""
) -> None:
    """Write a mask as a binary DICOM segmentation of the series that it lies on.

    Parameters
    ----------
    mask : Mask
        On the grid of the series; its name becomes the segment's label.
    image_source : path
        The series: a folder, ``folder#UID``, or a file, as of `read_series`.
    path : path
        Where to write.
    method : str
        How the mask was made by radpred; "" where a person drew it.

    Raises
    ------
    RegionError
        ``empty_mask``.
    GeometryError
        ``mask_displaced``: the mask's grid is not that of the series.
    InputError
        ``dicom_no_image``, or what the series' files lack.
    """
    from highdicom import UID
    from highdicom.seg import Segmentation

    if not mask.n_voxels:
        msg = f"{mask.name}: an empty mask, wanted a region to write; drop the case"
        raise RegionError(msg, code="empty_mask")
    headers = series_headers(image_source)
    voxels = to_host(mask.voxels)
    with quietly():
        sources, places = _slices_under(mask, headers, source=str(image_source))
        pixels = np.zeros((len(places), *voxels.shape[1:]), dtype=np.uint8)
        for frame, z in enumerate(places):
            if z >= 0:
                pixels[frame] = voxels[z]
        segmentation = Segmentation(
            source_images=sources,
            pixel_array=pixels,
            segmentation_type="BINARY",
            segment_descriptions=[_description(mask.name, method)],
            series_instance_uid=UID(),
            series_number=SERIES_NUMBER,
            sop_instance_uid=UID(),
            instance_number=1,
            series_description=f"{mask.name} (radpred)"[:64],
            **MAKER,
        )
        write_whole(Path(path), segmentation.save_as)


def _slices_under(
    mask: Mask, headers: Sequence[Any], *, source: str
) -> tuple[list[Any], list[int]]:
    """Return the files of a series that a mask lies on, and the slice of each of their frames."""
    sources: list[Any] = []
    places: list[int] = []
    for header in headers:
        frames = [_place(piece, mask.grid) for piece in slices_of(Path(header.filename), header)]
        is_doubled = len(frames) == 1 and frames[0] in places
        if max(frames) >= 0 and not is_doubled:
            sources.append(header)
            places += frames
    marked = set(np.flatnonzero(to_host(mask.voxels).any(axis=(1, 2))).tolist())
    if not marked <= set(places):
        msg = (
            f"{mask.name}: {len(marked - set(places))} slices of {mask.grid} are none of the "
            f"series {source}; place the mask on the image that was read from it"
        )
        raise GeometryError(msg, code="mask_displaced")
    return sources, places


def _place(piece: Any, grid: Grid) -> int:
    """Return which slice of a grid a picture is, -1 where it is none."""
    n_rows, n_columns = piece.size
    ends = np.array([[0.0, 0.0], [0.0, n_columns - 1.0], [n_rows - 1.0, 0.0]])
    right, down = piece.orientation
    row_mm, column_mm = piece.pixel_spacing
    corners: Array = piece.position + ends * (row_mm, column_mm) @ np.array([down, right])
    index = grid.to_index(corners)
    z = round(float(index[0, 0]))
    off = np.abs(index - np.column_stack([np.full(3, z), ends])).max()
    fits = (n_rows, n_columns) == grid.shape[1:] and 0 <= z < grid.shape[0]
    return z if fits and off <= SAME_VOXEL else -1


def _description(label: str, method: str) -> Any:
    """Return what a segmentation says of its only segment."""
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes

    algorithm = AlgorithmIdentificationSequence(
        name=f"radpred {method}", family=codes.DCM.ArtificialIntelligence, version=__version__
    )
    return SegmentDescription(
        segment_number=1,
        segment_label=label[:64],
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Lesion,
        algorithm_type="SEMIAUTOMATIC" if method else "MANUAL",
        algorithm_identification=algorithm if method else None,
    )
