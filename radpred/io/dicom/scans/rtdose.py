"""A radiotherapy dose grid as an Image in Gy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from radpred.errors import InputError
from radpred.image import Grid, Image
from radpred.io.dicom.files import check_whole, read_header
from radpred.io.dicom.scans.alike import axes_of
from radpred.io.dicom.scans.slices import SLICE_TAGS, Slice
from radpred.io.dicom.scans.stack import EVEN, Stack
from radpred.io.dicom.scans.voxels import read_voxels
from radpred.io.dicom.values import number_of, quietly, text_of, value_of

DOSE_TAGS = (
    *SLICE_TAGS,
    *("DoseUnits", "DoseType", "DoseSummationType", "DoseGridScaling", "GridFrameOffsetVector"),
)
SAME_PLACE_MM = 0.01


def read_dose(path: str | Path, *, name: str = "original") -> Image:
    """Read a dose grid (RTDOSE), in Gy.

    Parameters
    ----------
    path : path
        The file.
    name : str
        What the image is called in names and messages.

    Raises
    ------
    InputError
        ``not_a_dose``, ``dose_not_in_gy``, ``slices_uneven``, ``position_missing``,
        ``spacing_missing``, ``sheared_axes``, ``unreadable_file`` or ``compressed_unsupported``.
    """
    path = Path(path)
    with quietly():
        header = read_header(path, DOSE_TAGS)
        check_whole(path, header)
        if text_of(header, "Modality") != "RTDOSE":
            came = text_of(header, "Modality") or "a file without a modality"
            msg = f"{path}: {came}, wanted RTDOSE; give the file of the dose grid"
            raise InputError(msg, code="not_a_dose")
        scaling, steps = _scaling(path, header)
        stack = _stack(path, header)
        voxels, notes = read_voxels(stack, [scaling] * len(stack.slices))
    return Image(voxels=voxels, grid=stack.grid, name=name, steps=(*stack.steps, *notes, *steps))


def _scaling(path: Path, header: Any) -> tuple[float, tuple[str, ...]]:
    """Return the Gy of a stored unit, and a note where the dose is not a plan's physical one."""
    unit = text_of(header, "DoseUnits").upper()
    if unit != "GY":
        msg = f"{path}: DoseUnits is {unit or 'missing'}, wanted GY; export the dose in Gy"
        raise InputError(msg, code="dose_not_in_gy")
    scaling = number_of(header, "DoseGridScaling")
    if not scaling or scaling < 0:
        came = text_of(header, "DoseGridScaling") or "missing"
        msg = f"{path}: DoseGridScaling is {came}, wanted Gy a unit; export the dose again"
        raise InputError(msg, code="dose_not_in_gy")
    usual = {"DoseType": "PHYSICAL", "DoseSummationType": "PLAN"}
    told = {keyword: text_of(header, keyword).upper() for keyword in usual}
    if told["DoseType"] == "ERROR":
        msg = f"{path}: DoseType is ERROR: a difference of doses, wanted a dose; give the dose"
        raise InputError(msg, code="not_a_dose")
    notes = (f"{k} is {told[k]}" for k, word in usual.items() if told[k] not in ("", word))
    return scaling, tuple(notes)


def _stack(path: Path, header: Any) -> Stack:
    """Return the planes of a dose grid in order, with their grid."""
    n_frames = int(number_of(header, "NumberOfFrames") or 1)
    first = Slice(path=path, frame=0, header=header)
    spacing, is_reversed, steps = _plane_spacing(first, n_frames)
    frames = range(n_frames - 1, -1, -1) if is_reversed else range(n_frames)
    try:
        row, column, normal = axes_of(first.orientation)
    except ValueError as error:
        msg = f"{path}: ImageOrientationPatient is {error}; export the dose again"
        raise InputError(msg, code="sheared_axes") from error
    start = first.position - (n_frames - 1) * spacing * normal * is_reversed
    left, posterior, superior = (float(p) for p in start)
    grid = Grid(
        shape=(n_frames, *first.size),
        spacing=(spacing, *first.pixel_spacing),
        origin=(left, posterior, superior),
        direction=tuple(float(c) for c in np.array([row, column, normal]).T.ravel()),
    )
    slices = tuple(Slice(path=path, frame=frame, header=header) for frame in frames)
    return Stack(slices=slices, indices=tuple(range(n_frames)), grid=grid, steps=steps)


def _plane_spacing(first: Slice, n_frames: int) -> tuple[float, bool, tuple[str, ...]]:
    """Return the distance between planes, whether they run against the normal, and notes."""
    offsets = _offsets(first, n_frames)
    if n_frames == 1:
        thickness = first.number("SliceThickness")
        if not thickness or thickness < 0:
            msg = f"{first.path}: one plane without SliceThickness; export the whole dose grid"
            raise InputError(msg, code="spacing_missing")
        return thickness, False, (f"one plane: SliceThickness, {thickness:g} mm, taken",)
    step = (offsets[-1] - offsets[0]) / (n_frames - 1)
    even = offsets[0] + step * np.arange(n_frames)
    if step == 0 or np.abs(offsets - even).max() > EVEN * abs(step):
        gaps = ", ".join(f"{gap:.4g}" for gap in np.unique(np.round(np.diff(offsets), 3))[:6])
        msg = (
            f"{first.path}: planes of the dose lie {gaps} mm apart (GridFrameOffsetVector), wanted "
            "even distances; export the dose on an even grid"
        )
        raise InputError(msg, code="slices_uneven")
    return abs(float(step)), bool(step < 0), ()


def _offsets(first: Slice, n_frames: int) -> np.ndarray:
    """Return where the planes lie along the normal, from the first on.

    The vector starts with 0 and counts along the normal, or it starts with the first plane's
    position along the patient's z, in upright grids only, and counts along z.
    """
    told = value_of(first.header, "GridFrameOffsetVector")
    numbers = first.numbers("GridFrameOffsetVector", n=n_frames) if n_frames > 1 else (0.0,)
    if numbers is None:
        n_told = len(told) if hasattr(told, "__len__") else int(told is not None)
        msg = (
            f"{first.path}: GridFrameOffsetVector holds {n_told} numbers, wanted one for each of "
            f"{n_frames} planes; export the dose again"
        )
        raise InputError(msg, code="position_missing")
    offsets = np.array(numbers)
    normal_z = float(np.cross(*first.orientation)[2])
    if abs(offsets[0]) < SAME_PLACE_MM:
        return offsets
    if abs(offsets[0] - first.position[2]) < SAME_PLACE_MM and abs(abs(normal_z) - 1) < 1e-6:
        return (offsets - offsets[0]) * np.sign(normal_z)
    msg = (
        f"{first.path}: GridFrameOffsetVector starts with {offsets[0]:g}, wanted 0 or the first "
        f"plane's z ({first.position[2]:g}); export the dose again"
    )
    raise InputError(msg, code="position_missing")
