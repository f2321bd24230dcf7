"""Slices: the pictures that DICOM files hold, one a file or many, and what is said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from radpred.errors import InputError
from radpred.image import Array
from radpred.io.dicom.values import number_of, numbers_of, text_of, value_of

# Where enhanced files keep what others say at the top: in the item of a functional group.
GROUPS = {
    "ImagePositionPatient": "PlanePositionSequence",
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "PixelSpacing": "PixelMeasuresSequence",
    "SliceThickness": "PixelMeasuresSequence",
    "SpacingBetweenSlices": "PixelMeasuresSequence",
    "RescaleSlope": "PixelValueTransformationSequence",
    "RescaleIntercept": "PixelValueTransformationSequence",
    "RescaleType": "PixelValueTransformationSequence",
    "TemporalPositionIndex": "FrameContentSequence",
    "FrameAcquisitionDateTime": "FrameContentSequence",
    "FrameReferenceDateTime": "FrameContentSequence",
    "TemporalPositionTimeOffset": "TemporalPositionSequence",
    "NominalCardiacTriggerDelayTime": "CardiacSynchronizationSequence",
    "EffectiveEchoTime": "MREchoSequence",
    "DiffusionBValue": "MRDiffusionSequence",
    "FlipAngle": "MRTimingAndRelatedParametersSequence",
    "ComplexImageComponent": "MRImageFrameTypeSequence",
}
FRAME_GROUPS = ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence")

# Distances between pixels: in the patient, at the detector, on the film.
FLAT_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")

# What a header must be read for, so that a slice can be placed, scaled and read.
SLICE_TAGS = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality", "ImageType"),
    *("ImagePositionPatient", "ImageOrientationPatient", *FLAT_SPACINGS),
    *("SliceThickness", "SpacingBetweenSlices", "NumberOfFrames", *FRAME_GROUPS),
    *("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated"),
    *("BitsStored", "HighBit", "PixelRepresentation", "RescaleSlope", "RescaleIntercept"),
    *("RescaleType", "Units", "ModalityLUTSequence", "LossyImageCompression", "PixelData"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """One picture of a series.

    Parameters
    ----------
    path : Path
        The file.
    frame : int
        Which picture of the file, from 0.
    header : pydicom Dataset
        The file's header.
    groups : tuple of pydicom Dataset
        The functional groups of the frame, then those that all frames share; none in files
        that hold one picture.
    """

    path: Path
    frame: int
    header: Any
    groups: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """Return what a message calls it."""
        return f"{self.path.name} frame {self.frame}" if self.groups else self.path.name

    def value(self, keyword: str) -> Any:
        """Return what is said of this picture, None where nothing is, or nothing readable."""
        return value_of(self._home(keyword), keyword)

    def text(self, keyword: str) -> str:
        """Return what is said of this picture as text, "" where nothing is."""
        return text_of(self._home(keyword), keyword)

    def number(self, keyword: str) -> float | None:
        """Return the number that is said of this picture, None where none is."""
        return number_of(self._home(keyword), keyword)

    def numbers(self, keyword: str, *, n: int) -> tuple[float, ...] | None:
        """Return the ``n`` numbers that are said of this picture, None where these are not."""
        return numbers_of(self._home(keyword), keyword, n=n)

    def _home(self, keyword: str) -> Any:
        """Return the dataset that holds a tag for this picture."""
        for group in self.groups if keyword in GROUPS else ():
            items = value_of(group, GROUPS[keyword])
            if items is not None and value_of(items[0], keyword) is not None:
                return items[0]
        return self.header

    @cached_property
    def position(self) -> Array:
        """Return where the centre of the first pixel lies, in mm.

        Raises
        ------
        InputError
            ``position_missing``.
        """
        return np.array(self._placed("ImagePositionPatient", n=3))

    @cached_property
    def orientation(self) -> Array:
        """Return the direction of a row and that of a column, shape (2, 3), as told.

        Raises
        ------
        InputError
            ``position_missing``.
        """
        return np.reshape(self._placed("ImageOrientationPatient", n=6), (2, 3))

    @property
    def is_flat(self) -> bool:
        """Tell whether it is a picture that lies nowhere in the patient, as X-rays do."""
        places = ("ImagePositionPatient", "ImageOrientationPatient")
        is_sliced = self.text("Modality") in ("CT", "MR", "PT")
        return not is_sliced and not any(self.text(keyword) for keyword in places)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Return the numbers of rows and of columns.

        Raises
        ------
        InputError
            ``unreadable_file``.
        """
        rows, columns = self.number("Rows"), self.number("Columns")
        if not rows or not columns:
            msg = f"{self.path}: Rows or Columns is missing or 0; export the series again"
            raise InputError(msg, code="unreadable_file")
        return int(rows), int(columns)

    @cached_property
    def pixel_spacing(self) -> tuple[float, float]:
        """Return the distances between rows and between columns, in mm.

        Raises
        ------
        InputError
            ``spacing_missing``.
        """
        spacing = self.numbers("PixelSpacing", n=2)
        if spacing is None or min(spacing) <= 0:
            msg = (
                f"{self.path}: PixelSpacing is {self.text('PixelSpacing') or 'missing'!r}, wanted "
                "two lengths in mm; export the series again with its geometry"
            )
            raise InputError(msg, code="spacing_missing")
        return spacing[0], spacing[1]

    def _placed(self, keyword: str, *, n: int) -> tuple[float, ...]:
        """Return the numbers that place the slice, or say that it cannot be placed."""
        numbers = self.numbers(keyword, n=n)
        if numbers is None:
            msg = (
                f"{self.path}: {keyword} is {self.text(keyword) or 'missing'!r}, wanted {n} "
                "numbers: the picture cannot be placed in the patient; export the original "
                "series, or convert it to NIfTI"
            )
            raise InputError(msg, code="position_missing")
        return numbers


def slices_of(path: Path, header: Any) -> list[Slice]:
    """Return the pictures of one file.

    Raises
    ------
    InputError
        ``unreadable_file``: the file has other frames than it describes;
        ``position_missing``: several frames, and nothing on where each lies.
    """
    frames = value_of(header, FRAME_GROUPS[0])
    n_frames = number_of(header, "NumberOfFrames")
    if frames is None and (n_frames is None or n_frames <= 1):
        return [Slice(path=path, frame=0, header=header)]
    if frames is None:
        msg = (
            f"{path}: {n_frames:.0f} frames and no word on where each lies, wanted "
            f"{FRAME_GROUPS[0]}; export the original series"
        )
        raise InputError(msg, code="position_missing")
    if n_frames is not None and int(n_frames) != len(frames):
        msg = (
            f"{path}: NumberOfFrames is {n_frames:.0f}, and {len(frames)} frames are described; "
            "copy the file again"
        )
        raise InputError(msg, code="unreadable_file")
    shared = tuple(value_of(header, FRAME_GROUPS[1]) or ())[:1]
    return [
        Slice(path=path, frame=number, header=header, groups=(frame, *shared))
        for number, frame in enumerate(frames)
    ]


def named(slices: Sequence[Slice], *, most: int = 4) -> str:
    """Return slices as a message lists them."""
    text = ", ".join(str(piece) for piece in slices[:most])
    return f"{text} and {len(slices) - most} more" if len(slices) > most else text
