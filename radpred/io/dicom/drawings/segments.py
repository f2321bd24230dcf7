"""Frames of a DICOM segmentation: where they lie, and which of their pixels belong.

Frames may come in any order and be missing where a segment has nothing: the lattice of slices is
made from the positions of all frames of the file, and from SpacingBetweenSlices where that fits
them. Sizes that a header declares are compared with what the file holds before memory is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from radpred.errors import GeometryError, InputError
from radpred.image import Array, Grid
from radpred.io.dicom.drawings.drawn import Drawn, number_said
from radpred.io.dicom.scans.alike import axes_of
from radpred.io.dicom.scans.slices import Slice, slices_of
from radpred.io.dicom.values import text_of, value_of

TAGS = (
    *("SOPClassUID", "FrameOfReferenceUID", "ReferencedSeriesSequence", "SegmentSequence"),
    *("SegmentationType", "SegmentationFractionalType", "MaximumFractionalValue"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData"),
)
HALF = 0.5
SAME_COSINE = 1e-3
SAME_PLACE_MM = 1e-2
OFF_LATTICE = 0.1  # of the distance between slices
IN_LINE = 0.5  # of a pixel
MOST_VOXELS = 2**30


@dataclass(frozen=True, kw_only=True, eq=False)
class Segmentation:
    """What a file holds, its pixels not yet decoded.

    Parameters
    ----------
    path : Path
        The file.
    header : pydicom Dataset
        Its tags, pixels among them.
    kind : str
        BINARY, FRACTIONAL or LABELMAP.
    frames : tuple of Slice
        In the file's order.
    numbers : tuple of int or None
        Which segment each frame is of; None in a label map, whose frames are of all.
    segments : tuple of Drawn
        What it declares.
    """

    path: Path
    header: Any
    kind: str
    frames: tuple[Slice, ...]
    numbers: tuple[int | None, ...]
    segments: tuple[Drawn, ...]


def segmentation_of(path: Path, header: Any) -> Segmentation:
    """Return the segmentation that a header describes.

    Raises
    ------
    ValueError, InputError
        The header contradicts itself.
    """
    kind = text_of(header, "SegmentationType").upper()
    if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        msg = f"SegmentationType is {kind or 'missing'}"
        raise ValueError(msg)
    frames = tuple(slices_of(path, header)) if value_of(header, "Rows") else ()
    numbers = tuple(None if kind == "LABELMAP" else _segment_of(frame) for frame in frames)
    filled = set(numbers)
    segments = tuple(
        Drawn(
            number=(number := number_said(item, "SegmentNumber")),
            name=text_of(item, "SegmentLabel"),
            is_empty=kind != "LABELMAP" and number not in filled,
        )
        for item in value_of(header, "SegmentSequence") or ()
    )
    return Segmentation(
        path=path, header=header, kind=kind, frames=frames, numbers=numbers, segments=segments
    )


def voxels_of(
    file: Segmentation, numbers: Sequence[int], *, like: Grid | None = None
) -> tuple[Array, Grid, tuple[str, ...]]:
    """Return the voxels of segments from their first to their last slice, their grid, and notes.

    Parameters
    ----------
    file : Segmentation
        What the file declares.
    numbers : sequence of int
        The segments, of which there is something; what is in any of them is returned.
    like : Grid, optional
        The image's; see `lattice_of`.

    Raises
    ------
    InputError
        ``unreadable_file``, ``compressed_unsupported``, ``grid_too_large``, or as `lattice_of`.
    """
    grid, places, steps = lattice_of(file, like=like)
    wanted = [frame for frame, of in enumerate(file.numbers) if of is None or of in numbers]
    first, last = (end(places[frame] for frame in wanted) for end in (min, max))
    _, n_rows, n_columns = grid.shape
    grid = grid.cropped((slice(first, last + 1), slice(0, n_rows), slice(0, n_columns)))
    if np.prod(grid.shape, dtype=float) > MOST_VOXELS:
        msg = f"{file.path}: frames on {grid}, wanted at most {MOST_VOXELS} voxels; export it again"
        raise InputError(msg, code="grid_too_large")
    belongs, note = _belongs(file, numbers)
    pixels = _decoder(file)
    voxels = np.zeros(grid.shape, dtype=bool)
    for frame in wanted:
        voxels[places[frame] - first] |= belongs(pixels(frame))
    n_doubled = len(wanted) - len({(places[frame], file.numbers[frame]) for frame in wanted})
    if n_doubled:
        steps += (f"{n_doubled} frame(s) lie where another one of the segment does: united",)
    return voxels, grid, (*steps, *note)


def lattice_of(
    file: Segmentation, *, like: Grid | None = None
) -> tuple[Grid, tuple[int, ...], tuple[str, ...]]:
    """Return the grid of all frames of a file, the slice of each frame, and what to know.

    Parameters
    ----------
    file : Segmentation
        What the file declares.
    like : Grid, optional
        The image's: frames that lie on its slices are as far apart as these, where the file
        leaves frames out and does not say SpacingBetweenSlices.

    Raises
    ------
    GeometryError
        ``slices_not_parallel``, ``slices_uneven``.
    InputError
        ``position_missing``, ``spacing_missing``.
    """
    axes = axes_of(file.frames[0].orientation)
    positions = np.array([frame.position for frame in file.frames])
    spacing = file.frames[0].pixel_spacing
    _refuse_other_planes(file, axes, positions, spacing)
    heights = positions @ axes[2]
    image_mm = _slice_distance(positions, axes[2], spacing, like)
    step, steps = _step(file, heights, image_mm=image_mm)
    places = np.rint((heights - heights.min()) / step).astype(int)
    n_rows, n_columns = file.frames[0].size
    grid = Grid(
        shape=(int(places.max()) + 1, n_rows, n_columns),
        spacing=(step, *spacing),
        origin=tuple(positions[int(np.argmin(heights))].tolist()),
        direction=tuple(axes.T.ravel().tolist()),
    )
    return grid, tuple(places.tolist()), steps


def _segment_of(frame: Slice) -> int | None:
    """Return the number of the segment that a frame is of, -1 where none is said."""
    for group in frame.groups:
        items = value_of(group, "SegmentIdentificationSequence")
        if items is not None:
            return number_said(items[0], "ReferencedSegmentNumber")
    return -1


def _refuse_other_planes(
    file: Segmentation, axes: Array, positions: Array, spacing: tuple[float, float]
) -> None:
    """Refuse frames of other orientations or pixels than the first, or beside it."""
    first = file.frames[0]
    aside = np.abs((positions - positions[0]) @ axes[:2].T) / spacing[::-1]
    for frame, off in zip(file.frames, aside.max(axis=1), strict=True):
        is_turned = np.abs(frame.orientation - first.orientation).max() > SAME_COSINE
        if is_turned or off > IN_LINE or frame.pixel_spacing != spacing:
            msg = (
                f"{file.path}: {frame} is turned, shifted or scaled against {first}, wanted frames "
                "straight above each other; export it on the grid of its image"
            )
            raise GeometryError(msg, code="slices_not_parallel")


def _step(
    file: Segmentation, heights: Array, *, image_mm: float | None
) -> tuple[float, tuple[str, ...]]:
    """Return the distance between slices, in mm, and a note where it is the thickness of one."""
    thickness = file.frames[0].number("SliceThickness")
    told = [file.frames[0].number("SpacingBetweenSlices"), image_mm]
    lengths = [length for length in told if length is not None and length > 0]
    order = np.sort(heights)
    gaps = np.diff(order)
    gaps = gaps[gaps > SAME_PLACE_MM]
    if not gaps.size:
        if lengths:
            return lengths[0], ()
        if thickness is not None and thickness > 0:
            return thickness, (f"one slice: its thickness, {thickness:g} mm, taken as its extent",)
        msg = f"{file.path}: one slice and no word on its thickness; export it again with it"
        raise InputError(msg, code="spacing_missing")
    for length in [*lengths, float(gaps.min())]:
        counts = np.maximum(np.round(gaps / length), 1.0)
        step = float(gaps.sum() / counts.sum())
        places = (order - order[0]) / step
        off = max(np.abs(gaps / length - counts).max(), np.abs(places - np.round(places)).max())
        if off <= OFF_LATTICE:
            return step, ()
    msg = (
        f"{file.path}: frames lie {gaps.min():.4g} to {gaps.max():.4g} mm apart, wanted multiples "
        "of one distance; export it on the grid of its image"
    )
    raise GeometryError(msg, code="slices_uneven")


def _slice_distance(
    positions: Array, normal: Array, spacing: tuple[float, float], like: Grid | None
) -> float | None:
    """Return the distance between slices of an image on which all frames lie, or None."""
    if like is None:
        return None
    across = np.reshape(like.direction, (3, 3))[:, 2]
    is_along = abs(float(across @ normal)) > 1.0 - SAME_COSINE**2
    has_pixels = np.allclose(sorted(spacing), sorted(like.spacing[1:]), rtol=SAME_COSINE)
    height = like.to_index(positions)[:, 0]
    off = float(np.abs(height - np.round(height)).max())
    return like.spacing[0] if is_along and has_pixels and off <= OFF_LATTICE else None


def _belongs(
    file: Segmentation, numbers: Sequence[int]
) -> tuple[Callable[[Array], Array], tuple[str, ...]]:
    """Return the rule by which a pixel belongs to segments, and a note on it."""
    if file.kind == "BINARY":
        return lambda pixels: pixels != 0, ()
    if file.kind == "LABELMAP":
        return lambda pixels: np.isin(pixels, numbers), ()
    most = number_said(file.header, "MaximumFractionalValue")
    if most < 1:
        msg = f"MaximumFractionalValue is {most}"
        raise ValueError(msg)
    what = text_of(file.header, "SegmentationFractionalType").lower() or "fraction"
    note = f"{what} of {HALF:g} and more belongs to the segment"
    return lambda pixels: pixels >= HALF * most, (note,)


def _decoder(file: Segmentation) -> Callable[[int], Array]:
    """Return what gives the pixels of a frame, shape (rows, columns).

    Raises
    ------
    ValueError
        The file holds fewer pixels than it declares.
    """
    n_rows, n_columns = file.frames[0].size
    n_pixels = n_rows * n_columns
    n_bits = number_said(file.header, "BitsAllocated")
    if n_bits not in (1, 8, 16) or number_said(file.header, "SamplesPerPixel") != 1:
        msg = f"BitsAllocated is {n_bits}, wanted 1, 8 or 16 and one sample a pixel"
        raise ValueError(msg)
    syntax = file.header.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated:
        return _decompressor(file)
    content = file.header.get_item("PixelData").value
    if len(content) * 8 < n_pixels * n_bits * len(file.frames):
        msg = f"{len(content)} bytes of pixels for {len(file.frames)} frames of {n_pixels}"
        raise ValueError(msg)
    if n_bits == 1:
        return lambda frame: _bits(content, frame * n_pixels, n_pixels).reshape(n_rows, n_columns)
    kind = f"{'<' if syntax.is_little_endian else '>'}u{n_bits // 8}"

    def pixels(frame: int) -> Array:
        start = frame * n_pixels * n_bits // 8
        return np.frombuffer(content, kind, n_pixels, start).reshape(n_rows, n_columns)

    return pixels


def _bits(content: bytes, start: int, n: int) -> Array:
    """Return ``n`` bits from number ``start`` on: frames follow without a gap, lowest bit first."""
    packed = np.frombuffer(content, np.uint8, (start + n + 7) // 8 - start // 8, start // 8)
    return np.unpackbits(packed, bitorder="little")[start % 8 : start % 8 + n]


def _decompressor(file: Segmentation) -> Callable[[int], Array]:
    """Return what decompresses the pixels of a frame.

    Raises
    ------
    InputError
        ``compressed_unsupported``.
    """
    from pydicom.pixels import get_decoder

    n_rows, n_columns = file.frames[0].size
    syntax = file.header.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        msg = f"{file.path}: compressed as {syntax.name}, not supported; save it uncompressed"
        raise InputError(msg, code="compressed_unsupported") from error

    def pixels(frame: int) -> Array:
        decoded = decoder.as_array(file.header, index=frame, raw=True)[0]
        return np.asarray(decoded).reshape(n_rows, n_columns)

    return pixels
