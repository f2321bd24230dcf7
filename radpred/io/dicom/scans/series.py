"""A DICOM series as an Image: CT, MR and PET, one file a slice or all in one.

Slices are ordered by their positions along the normal; what is missing, doubled, tilted or of
several time points is refused by name unless asked for. PET becomes SUV by body weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from radpred.errors import InputError
from radpred.image import Grid, Image
from radpred.io.dicom.files import (
    ENDINGS,
    check_whole,
    files_under,
    header_if_any,
    is_dicom,
    read_header,
)
from radpred.io.dicom.scans.alike import refuse_pictures, volume_slices
from radpred.io.dicom.scans.dynamic import DYNAMIC_TAGS, at_timepoint
from radpred.io.dicom.scans.rtdose import read_dose
from radpred.io.dicom.scans.slices import FRAME_GROUPS, SLICE_TAGS, Slice, slices_of
from radpred.io.dicom.scans.stack import Stack, flat_stack, places_of, stacked
from radpred.io.dicom.scans.suv import SUV_TAGS, suv_of
from radpred.io.dicom.scans.voxels import read_voxels
from radpred.io.dicom.values import quietly, text_of, value_of
from radpred.sources import split_source

NOT_IMAGES = ("RTSTRUCT", "RTPLAN", "RTDOSE", "RTIMAGE", "SEG", "SR", "PR", "KO", "REG", "RTRECORD")
PET = "PT"
DOSE = "RTDOSE"
READ_TAGS: tuple[str | int, ...] = (*SLICE_TAGS, "SeriesDescription", *DYNAMIC_TAGS, *SUV_TAGS)
MOST_LISTED = 12
_NO_STEPS: tuple[str, ...] = ()

File = tuple[Path, Any]


@dataclass(frozen=True, kw_only=True)
class DicomReading:
    """What shall be done where a series leaves a choice.

    Parameters
    ----------
    missing_slices : "refuse" or "interpolate"
        Whether gaps between slices end the reading, or are filled in straight lines.
    timepoint : int, optional
        Which picture to take, from 0, where there are several at each position.
    pet : "suv" or "stored"
        Whether PET becomes SUV by body weight, or stays in the unit of the file.
    """

    missing_slices: Literal["refuse", "interpolate"] = "refuse"
    timepoint: int | None = None
    pet: Literal["suv", "stored"] = "suv"


def read_series(
    source: str | Path, *, name: str = "original", wanted: DicomReading | None = None
) -> Image:
    """Read a series of slices as one volume; CT and MR in their own unit, PET as SUV.

    Parameters
    ----------
    source : path
        A folder (with its subfolders) that holds one series of images, ``folder#UID`` where it
        holds several, a file of many frames, or any one file of a series: the others beside it
        are read too.
    name : str
        What the image is called in names and messages.
    wanted : DicomReading, optional
        What to do where the series leaves a choice; by default what is ambiguous is refused.

    Returns
    -------
    Image
        Whole numbers where every slope and intercept is one, otherwise float32 or float64. What
        was mended, chosen or noticed is in its steps.

    Raises
    ------
    InputError
        ``missing_file``, ``dicom_no_image``, ``dicom_several_series``, ``not_a_dicom_image``,
        ``unreadable_file``, ``compressed_unsupported``, ``colour_image``, ``mosaic_image``,
        ``position_missing``, ``spacing_missing``, ``slices_not_parallel``, ``slices_differ``,
        ``slices_uneven``, ``slice_missing``, ``slice_doubled``, ``sheared_axes``,
        ``rescale_differs_units``, ``lookup_table``, ``dynamic_series``, ``timepoint_missing``,
        ``suv_not_computable``, ``pet_time_backwards`` or ``volume_too_large``.
    """
    wanted = wanted or DicomReading()
    with quietly():
        files, beside = _files(source)
        if _modality(files[0][1]) == DOSE:
            return _dose(files, name=name, source=source)
        stack, factors, units = _planned(files, wanted, source=str(source))
        voxels, notes = read_voxels(stack, factors)
    steps = (*beside, *stack.steps, *notes, *units)
    return Image(voxels=voxels, grid=stack.grid, name=name, steps=steps)


def series_grid(
    source: str | Path, *, wanted: DicomReading | None = None
) -> tuple[Grid, tuple[str, ...]]:
    """Return where the voxels of a series lie, and what is to be known of it; no pixel is read.

    Parameters
    ----------
    source, wanted
        As of `read_series`.

    Raises
    ------
    InputError
        What `read_series` finds wrong before it reads a pixel.
    """
    with quietly():
        files, beside = _files(source)
        if _modality(files[0][1]) == DOSE:
            dose = _dose(files, name="dose", source=source)
            return dose.grid, dose.steps
        stack, _, units = _planned(files, wanted or DicomReading(), source=str(source))
    return stack.grid, (*beside, *stack.steps, *units)


def _planned(
    files: Sequence[File], wanted: DicomReading, *, source: str
) -> tuple[Stack, tuple[float, ...] | None, tuple[str, ...]]:
    """Return the slices of a series in their places, what makes each of them SUV, and notes."""
    for path, header in files:
        check_whole(path, header)
    slices = [piece for path, header in files for piece in slices_of(path, header)]
    refuse_pictures(slices)
    stack, series = _stack(slices, wanted, source=source)
    if series[0].text("Modality") != PET:
        return stack, None, _NO_STEPS
    return stack, *_pet(stack, series, wanted.pet, source=source)


def is_dicom_source(source: str | Path) -> bool:
    """Tell whether a source is a folder, a series in one, or a file that is DICOM."""
    path = Path(split_source(source)[0])
    return path.is_dir() or is_dicom(path) or (path.is_file() and _is_called_dicom(path))


def _is_called_dicom(path: Path) -> bool:
    """Tell whether a file has the ending of DICOM."""
    return path.name.lower().endswith(ENDINGS)


def _files(source: str | Path) -> tuple[list[File], tuple[str, ...]]:
    """Return the files of the series that is meant with their headers, and notes."""
    place, uid = split_source(source)
    path = Path(place)
    if path.is_dir():
        return _files_among(files_under(path), uid, source=source)
    if not path.is_file():
        msg = f"{path}: missing, wanted a DICOM file or a folder of them; correct the path"
        raise InputError(msg, code="missing_file")
    if not is_dicom(path):
        msg = (
            f"{path}: not readable as DICOM (its first bytes are not DICOM); copy the file again, "
            "or give another"
        )
        raise InputError(msg, code="unreadable_file")
    header = read_header(path, READ_TAGS)
    _refuse_no_image(path, header)
    uid = text_of(header, "SeriesInstanceUID")
    is_whole = value_of(header, FRAME_GROUPS[0]) is not None or _modality(header) == DOSE
    if is_whole or not uid or Slice(path=path, frame=0, header=header).is_flat:
        return [(path, header)], ()
    beside = (other for other in sorted(path.parent.iterdir()) if other.is_file())
    return _files_among(beside, uid, source=source)


def _files_among(
    paths: Iterable[Path], uid: str, *, source: str | Path
) -> tuple[list[File], tuple[str, ...]]:
    """Return the files of one series among others, the only one or the one named."""
    found: dict[str, list[File]] = {}
    damaged: list[InputError] = []
    for path in paths:
        header = header_if_any(path, READ_TAGS)
        if isinstance(header, InputError):
            damaged.append(header)
        elif header is not None:
            found.setdefault(text_of(header, "SeriesInstanceUID") or str(path), []).append(
                (path, header)
            )
    if damaged and not uid:
        raise damaged[0]
    note = f"passed over {len(damaged)} damaged files beside it: {damaged[0]}" if damaged else ""
    wanted = _wanted(found, uid, source=source)
    for path, header in found[wanted]:
        _refuse_no_image(path, header)
    return found[wanted], (note,) if note else ()


def _wanted(found: Mapping[str, Sequence[File]], uid: str, *, source: str | Path) -> str:
    """Return the UID of the series that is meant.

    Raises
    ------
    InputError
        ``dicom_no_image`` or ``dicom_several_series``.
    """
    if uid in found:
        return uid
    images = [key for key, files in found.items() if _is_image(files[0][1])]
    doses = [key for key, files in found.items() if _modality(files[0][1]) == DOSE]
    if not uid and len(images or doses) == 1:
        return (images or doses)[0]
    listed = "; ".join(
        f"{key} ({_modality(files[0][1])} {text_of(files[0][1], 'SeriesDescription')!r}, "
        f"{len(files)} files)"
        for key, files in list(found.items())[:MOST_LISTED]
    )
    if uid:
        msg = (
            f"{source}: no series of this UID, found {listed or 'no DICOM file'}; correct the path"
        )
        raise InputError(msg, code="dicom_no_image")
    if not images and not doses:
        msg = (
            f"{source}: a folder without DICOM images, found {listed or 'no DICOM file'}; give the "
            "folder of a series, or a NIfTI, NRRD or MetaImage file"
        )
        raise InputError(msg, code="dicom_no_image")
    msg = f"{source}: {len(images or doses)} series, wanted one: {listed}; write folder#UID"
    raise InputError(msg, code="dicom_several_series")


def _modality(header: Any) -> str:
    """Return the modality of a file."""
    return text_of(header, "Modality")


def _is_image(header: Any) -> bool:
    """Tell whether a file holds pictures of a scan."""
    return value_of(header, "Rows") is not None and _modality(header) not in NOT_IMAGES


def _refuse_no_image(path: Path, header: Any) -> None:
    """Refuse a file that is DICOM, and something else than a scan or a dose grid."""
    if _is_image(header) or _modality(header) == DOSE:
        return
    what = _modality(header) or "a file without pictures"
    todo = "give it as mask" if what in ("RTSTRUCT", "SEG") else "give the folder of the series"
    msg = f"{path}: {what}, wanted a scan (CT, MR, PET) or a dose grid; {todo}"
    raise InputError(msg, code="not_a_dicom_image")


def _stack(
    slices: Sequence[Slice], wanted: DicomReading, *, source: str
) -> tuple[Stack, Sequence[Slice]]:
    """Return the volume that slices make, and all slices that are of its kind."""
    if len(slices) == 1 and slices[0].is_flat:
        return flat_stack(slices[0]), slices
    kept, aside = volume_slices(slices, source=source)
    chosen, dynamic = at_timepoint(places_of(kept), wanted.timepoint, source=source)
    stack = stacked(chosen, missing=wanted.missing_slices, source=source)
    return replace(stack, steps=(*aside, *dynamic, *stack.steps)), kept


def _pet(
    stack: Stack, series: Sequence[Slice], wanted: str, *, source: str
) -> tuple[tuple[float, ...] | None, tuple[str, ...]]:
    """Return what makes each slice of a PET series SUV, and a note on the unit."""
    if wanted == "stored":
        unit = series[0].text("Units") or "an unknown unit"
        return None, (f"PET in {unit} as stored, no SUV",)
    suv = suv_of(stack.slices, series=series, source=source)
    return suv.factors, suv.steps


def _dose(files: Sequence[File], *, name: str, source: str | Path) -> Image:
    """Return the only dose grid of a series."""
    if len(files) > 1:
        msg = f"{source}: {len(files)} dose grids, wanted one; give the file"
        raise InputError(msg, code="dicom_several_series")
    return read_dose(files[0][0], name=name)
