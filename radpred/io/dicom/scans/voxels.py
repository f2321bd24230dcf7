"""Stored numbers to intensities: each slice by its own slope and intercept, into one array.

Whole numbers stay whole: where every slope and intercept is a whole number, voxels take the
smallest of the stored type, int16, int32 and int64 that holds what was found. Otherwise they are
float32, or float64 where float32 cannot tell neighbouring stored numbers apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from radpred.errors import InputError
from radpred.image import Array
from radpred.io.dicom.scans.pixels import Coding, check_sizes, planes
from radpred.io.dicom.scans.slices import Slice, named
from radpred.io.dicom.scans.stack import Stack

FLOAT32_ROUNDING = 2.0**-24
OF_A_STEP = 2.0**-6  # how much of the step between stored numbers rounding may take
WHOLE_TYPES = (np.int16, np.int32, np.int64)

Line = tuple[float, float]


def read_voxels(stack: Stack, factors: Sequence[float] | None) -> tuple[Array, tuple[str, ...]]:
    """Return the voxels of a stack, gaps filled from the slices beside them, and notes.

    Parameters
    ----------
    stack : Stack
        Which slices, and where on the grid.
    factors : sequence of float, optional
        What to multiply each slice by after its own rescaling.

    Raises
    ------
    InputError
        ``unreadable_file``, ``compressed_unsupported`` or ``lookup_table``.
    """
    lines, notes = rescaling_of(stack.slices)
    if factors is not None:
        pairs = zip(lines, factors, strict=True)
        lines = [(slope * factor, intercept * factor) for (slope, intercept), factor in pairs]
    is_whole = factors is None and all(s.is_integer() and i.is_integer() for s, i in lines)
    read = _whole if is_whole else _scaled
    voxels, foreign = read(stack, lines)
    _fill_gaps(voxels, stack)
    if foreign:
        notes += (f"cleared bits beyond BitsStored in {len(foreign)} slices ({named(foreign)})",)
    return voxels, notes


def rescaling_of(slices: Sequence[Slice]) -> tuple[list[Line], tuple[str, ...]]:
    """Return the slope and the intercept of each slice, and notes.

    Raises
    ------
    InputError
        ``lookup_table``: values by a table in the place of a slope.
    """
    for piece in slices:
        if piece.value("ModalityLUTSequence") is not None:
            msg = (
                f"{piece.path}: its values go by a table (ModalityLUTSequence), wanted a slope "
                "and an intercept; export the original series"
            )
            raise InputError(msg, code="lookup_table")
    notes = []
    slopes = [piece.number("RescaleSlope") for piece in slices]
    # A slope of 0 is a tag that nobody filled in.
    lines = [
        (slope or 1.0, piece.number("RescaleIntercept") or 0.0)
        for slope, piece in zip(slopes, slices, strict=True)
    ]
    if not any(slopes) and slices[0].text("Modality") in ("CT", "PT"):
        notes.append("no RescaleSlope: stored numbers taken as they are")
    if any(piece.text("PhotometricInterpretation") == "MONOCHROME1" for piece in slices):
        # It says how to show the picture, dark for high; the values mean the same.
        notes.append("MONOCHROME1: values kept as they are, not inverted")
    if any(piece.text("LossyImageCompression") == "01" for piece in slices):
        notes.append("compressed with loss: intensities are not those that were measured")
    return lines, tuple(notes)


def _whole(stack: Stack, lines: Sequence[Line]) -> tuple[Array, list[Slice]]:
    """Return voxels as whole numbers, and the slices that had foreign bits."""
    codings = [Coding.of(piece) for piece in stack.slices]
    stored = np.result_type(*{coding.dtype for coding in codings})
    voxels = _made(stack, stored)
    into = [
        voxels[index] if coding.dtype == stored else None
        for index, coding in zip(stack.indices, codings, strict=True)
    ]
    ends, foreign = [], []
    for number, plane in planes(stack.slices, into):
        if codings[number].cleared(plane):
            foreign.append(stack.slices[number])
        if into[number] is None:
            voxels[stack.indices[number]] = plane
        slope, intercept = lines[number]
        ends += [slope * int(end) + intercept for end in (plane.min(), plane.max())]
    if all(line == (1.0, 0.0) for line in lines):
        return voxels, foreign
    dtype = _fitting(ends)
    # Arithmetic that wraps round ends at the right number where that one fits.
    voxels = voxels.view(dtype) if dtype.itemsize == stored.itemsize else voxels.astype(dtype)
    for index, (slope, intercept) in zip(stack.indices, lines, strict=True):
        if slope != 1:
            voxels[index] *= _wrapped(slope, dtype)
        if intercept:
            voxels[index] += _wrapped(intercept, dtype)
    return voxels, foreign


def _scaled(stack: Stack, lines: Sequence[Line]) -> tuple[Array, list[Slice]]:
    """Return voxels with fractions, and the slices that had foreign bits."""
    codings = [Coding.of(piece) for piece in stack.slices]
    is_coarse = all(
        max(abs(slope * end + intercept) for end in coding.ends) * FLOAT32_ROUNDING
        <= abs(slope) * OF_A_STEP
        for coding, (slope, intercept) in zip(codings, lines, strict=True)
    )
    voxels = _made(stack, np.dtype(np.float32 if is_coarse else np.float64))
    foreign = []
    for number, plane in planes(stack.slices, [None] * len(stack.slices)):
        if codings[number].cleared(plane):
            foreign.append(stack.slices[number])
        slope, intercept = lines[number]
        voxels[stack.indices[number]] = plane * np.float64(slope) + intercept
    return voxels, foreign


def _made(stack: Stack, dtype: np.dtype[Any]) -> Array:
    """Return an array for the voxels, its files being large enough to fill it."""
    check_sizes(stack.slices)
    try:
        return np.empty(stack.grid.shape, dtype=dtype)
    except (MemoryError, ValueError) as error:
        msg = (
            f"{stack.slices[0].path.parent}: {stack.grid} of {dtype} do not fit into memory; crop "
            "the series, or use a machine with more"
        )
        raise InputError(msg, code="volume_too_large") from error


def _fitting(ends: Sequence[float]) -> np.dtype[Any]:
    """Return the smallest type of whole numbers that holds these."""
    low, high = min(ends), max(ends)
    fits = (t for t in WHOLE_TYPES if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
    return np.dtype(next(fits, np.int64))


def _wrapped(number: float, dtype: np.dtype[Any]) -> Any:
    """Return a whole number, wrapped round as arithmetic of this type does."""
    # Wrapped at 64 bits first: a hostile header holds numbers that no type does.
    return np.array((int(number) + 2**63) % 2**64 - 2**63).astype(dtype)[()]


def _fill_gaps(voxels: Array, stack: Stack) -> None:
    """Fill the slices that are missing, in a straight line from the slice before to the next."""
    for index in stack.missing:
        before = max(i for i in stack.indices if i < index)
        after = min(i for i in stack.indices if i > index)
        part = (index - before) / (after - before)
        filled = (1.0 - part) * voxels[before] + part * voxels[after]
        voxels[index] = np.round(filled) if voxels.dtype.kind in "iu" else filled
