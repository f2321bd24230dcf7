"""Headers of the series that a new DICOM object is about, fit for the writer of such objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from radpred.errors import InputError
from radpred.io.dicom.drawings.drawn import PLACE_TAGS, first_picture, reading
from radpred.io.dicom.files import files_under, header_if_any
from radpred.io.dicom.values import text_of
from radpred.sources import split_source
from radpred.version import __version__

SERIES_NUMBER = 900  # of objects that are made: far from those of scanners
MAKER: dict[str, Any] = {
    "manufacturer": "radpred",
    "manufacturer_model_name": "radpred",
    "software_versions": __version__,
    "device_serial_number": __version__,
}
# What the standard wants to be there, if empty.
EMPTY_IF_UNKNOWN = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber"),
    *("StudyID", "StudyDate", "StudyTime", "ReferringPhysicianName"),
)
SEXES = ("M", "F", "O")


def series_headers(image_source: str | Path) -> list[Any]:
    """Return the headers of an image's files, without pixels, what must be there filled in.

    Parameters
    ----------
    image_source : path
        As of `radpred.io.dicom.scans.series.read_series`.

    Raises
    ------
    InputError
        ``dicom_no_image``: the image is not DICOM.
    """
    found = first_picture(image_source)
    if found is None:
        msg = f"{image_source}: no DICOM series, wanted one to refer to; give the original images"
        raise InputError(msg, code="dicom_no_image")
    first, header = found
    complete = _complete(first)
    if "PerFrameFunctionalGroupsSequence" in complete:
        return [complete]
    path = Path(split_source(image_source)[0])
    beside = files_under(path) if path.is_dir() else sorted(first.parent.iterdir())
    same = (text_of(header, "SeriesInstanceUID"), text_of(header, "SOPClassUID"))
    others = [_complete(file) for file in beside if file != first and _series_of(file) == same]
    return [complete, *others]


def _series_of(file: Path) -> tuple[str, str] | None:
    """Return which series a file is of, and what kind it is."""
    header = header_if_any(file, PLACE_TAGS) if file.is_file() else None
    if header is None or isinstance(header, InputError):
        return None
    return text_of(header, "SeriesInstanceUID"), text_of(header, "SOPClassUID")


def _complete(file: Path) -> Any:
    """Return the header of a file with what the standard wants to be there."""
    from pydicom import dcmread

    with reading(file):
        header = dcmread(file, stop_before_pixels=True, force=True)
        for keyword in EMPTY_IF_UNKNOWN:
            if keyword not in header:
                setattr(header, keyword, "")
        if header.PatientSex not in SEXES:
            header.PatientSex = ""
    return header
