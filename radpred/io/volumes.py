"""NIfTI, NRRD, MetaImage and picture files as Image and Mask, and back.

SimpleITK reads and writes; here its x, y, z become array order (z, y, x), and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from radpred.backends import to_host
from radpred.errors import InputError
from radpred.image import Grid, Image, Mask
from radpred.io.arrays import (
    NO_SIZE,
    Channel,
    is_array_file,
    one_channel,
    read_array_image,
    read_array_labels,
)
from radpred.io.axes import slice_first, upright
from radpred.io.dicom.drawings.masks import drawing_labels, is_drawing, read_drawing
from radpred.io.dicom.scans.series import DicomReading, is_dicom_source, read_series
from radpred.io.headers import (
    grid_of_sitk,
    reading_error,
    refuse_complex,
    refuse_missing,
    settled,
)
from radpred.io.labels import labels_of, mask_of_label
from radpred.io.nifti import is_nifti, with_gaps, without_forms
from radpred.io.promises import refuse_swollen, refuse_unended
from radpred.writing import write_whole

WRITTEN = (".nii", ".nii.gz", ".nrrd", ".mha")


def read_image(
    path: str | Path,
    *,
    name: str = "original",
    channel: Channel = None,
    wanted: DicomReading | None = None,
) -> Image:
    """Read a scalar volume, or a flat image as one slice; its intensities keep their type.

    Parameters
    ----------
    path : path
        A NIfTI, NRRD or MetaImage file, a picture (PNG, JPEG, TIFF, BMP), or an array of a NumPy
        file as ``file.npz#key[index]``. Of DICOM a folder, ``folder#SeriesInstanceUID``, or any
        file of a series; PET comes as SUV, dose in Gy.
    name : str
        What the image is called in names and messages.
    channel : int, "luminance" or None
        Which channel of an image that has several, from 0, or what its colours look like.
    wanted : DicomReading, optional
        What to do where a DICOM series leaves a choice.

    Raises
    ------
    InputError
        ``missing_file``, ``unreadable_file``, ``sheared_axes``, ``colour_image``,
        ``channel_missing``, ``not_scalar`` (complex numbers), ``not_3d`` or ``array_missing``; of
        DICOM as `read_series`.
    """
    if is_array_file(path):
        return slice_first(read_array_image(path, name=name, channel=channel))
    if is_dicom_source(path):
        return read_series(path, name=name, wanted=wanted)
    path = Path(path)
    refuse_missing(path)
    volume = _channel(_read(path), channel, source=str(path))
    image = with_gaps(_from_sitk(volume, name=name, source=str(path)), path)
    if not image.grid.is_placed and image.grid.spacing == (1, 1, 1):
        image = replace(image, steps=(*image.steps, NO_SIZE))
    return settled(image, path)


def read_mask(
    path: str | Path,
    *,
    label: int | str = "auto",
    channel: int = 0,
    name: str = "tumour",
    on: Grid | None = None,
    image_source: str | Path | None = None,
) -> Mask:
    """Read the voxels of a label image that carry ``label``, or a structure or segment.

    Parameters
    ----------
    path : path
        Any file that `read_image` reads; zero is background. Or an RTSTRUCT or DICOM SEG file.
    label : int, str, "auto" or "all"
        The value to take; "auto" takes the only one there is, be it 1, 2, 255 or 1/255, and "all"
        every one. Of structures and segments the name or number.
    channel : int
        Which channel of a mask that has several, from 0.
    name : str
        What the region is called in names and messages.
    on : Grid, optional
        The image's: what structures are drawn on. Other masks stay on their own grid.
    image_source : path, optional
        The image of a structure or segment: where both are DICOM, frames of reference are compared.

    Raises
    ------
    RegionError
        ``empty_mask``: no foreground; ``label_missing``: not this label.
    InputError
        ``several_labels``, ``mask_is_image``, ``non_finite_mask``, ``channel_missing``, or as
        `read_image`.
    """
    if is_drawing(path):
        return read_drawing(path, label=label, on=on, image_source=image_source, name=name)
    return mask_of_label(read_labels(path, channel=channel), label=label, name=name)


def mask_labels(path: str | Path, *, channel: int = 0) -> tuple[int, ...]:
    """Return the labels that a mask holds, ascending.

    Parameters
    ----------
    path, channel
        As of `read_mask`.

    Raises
    ------
    InputError
        As of `read_mask`.
    """
    if is_drawing(path):
        return drawing_labels(path)
    return labels_of(read_labels(path, channel=channel))


def read_labels(path: str | Path, *, channel: int = 0) -> Image:
    """Read a label image as it is, every label in it.

    Parameters
    ----------
    path : path
        As of `read_mask`, but no RTSTRUCT and no DICOM SEG.
    channel : int
        Which channel of a mask that has several.

    Raises
    ------
    InputError
        As of `read_image`.
    """
    if is_array_file(path):
        return slice_first(read_array_labels(path))
    if is_dicom_source(path):
        return read_series(path, name=str(path), wanted=DicomReading(pet="stored"))
    path = Path(path)
    refuse_missing(path)
    volume = _channel(_read(path), channel, source=str(path), setting="mask_channel")
    image = _from_sitk(volume, name=str(path), source=str(path))
    return settled(image, path)


def write_image(image: Image, path: str | Path) -> None:
    """Write an image; a killed run leaves the old file or the new one, never half of it.

    Raises
    ------
    InputError
        ``unknown_file_type``: none of .nii, .nii.gz, .nrrd and .mha.
    """
    path = _checked_name(path)
    volume = to_sitk(image)
    write_whole(path, lambda unfinished: sitk.WriteImage(volume, str(unfinished), True))


def write_mask(mask: Mask, path: str | Path) -> None:
    """Write a mask as 0 and 1 in bytes, whole or not at all.

    Raises
    ------
    InputError
        ``unknown_file_type``: none of .nii, .nii.gz, .nrrd and .mha.
    """
    path = _checked_name(path)
    volume = to_sitk(mask)
    write_whole(path, lambda unfinished: sitk.WriteImage(volume, str(unfinished), True))


def to_sitk(volume: Image | Mask) -> Any:
    """Return an image or a mask (as bytes 0 and 1) as a SimpleITK image."""
    voxels = to_host(volume.voxels)
    if voxels.dtype == bool:
        voxels = voxels.astype(np.uint8)
    converted = sitk.GetImageFromArray(np.ascontiguousarray(voxels))
    converted.SetSpacing(tuple(float(s) for s in volume.grid.spacing[::-1]))
    converted.SetOrigin(tuple(float(o) for o in volume.grid.origin))
    converted.SetDirection(tuple(float(d) for d in volume.grid.direction))
    return converted


def from_sitk(
    sitk_image: Any, *, name: str, channel: Channel = None, is_lent: bool = False
) -> Image:
    """Return a SimpleITK image as an Image, its voxels copied unless they are lent.

    Parameters
    ----------
    sitk_image : SimpleITK image
        With three axes, or with two: one slice.
    name : str
        What the image is called in names and messages.
    channel : int, "luminance" or None
        Which channel of an image that has several, or what its colours look like.
    is_lent : bool
        Whether the Image shall share the voxels, and live no longer than ``sitk_image``.

    Raises
    ------
    InputError
        ``colour_image``, ``channel_missing``; ``not_scalar``: complex numbers; ``not_3d``: other
        than two or three axes; ``sheared_axes``.
    """
    chosen = _channel(sitk_image, channel, source=name)
    is_lent = is_lent and chosen is sitk_image
    image = _from_sitk(chosen, name=name, source=name, is_lent=is_lent)
    return upright(image, source=name)


def _channel(volume: Any, channel: Channel, *, source: str, setting: str = "image_channel") -> Any:
    """Return one channel of a SimpleITK image; one that has a single channel is returned as it is.

    Raises
    ------
    InputError
        ``colour_image`` or ``channel_missing``.
    """
    n_channels = volume.GetNumberOfComponentsPerPixel()
    if n_channels == 1 or "complex" in volume.GetPixelIDTypeAsString():
        return volume
    voxels = sitk.GetArrayViewFromImage(volume)
    chosen = one_channel(voxels, channel, source=source, setting=setting)
    converted = sitk.GetImageFromArray(np.ascontiguousarray(chosen), isVector=False)
    converted.CopyInformation(volume)
    return converted


def _from_sitk(volume: Any, *, name: str, source: str, is_lent: bool = False) -> Image:
    """Return a SimpleITK image as an Image; ``source`` is what messages call it."""
    refuse_complex(volume.GetPixelIDTypeAsString(), source=source)
    grid, steps = grid_of_sitk(volume, source=source)
    voxels = sitk.GetArrayViewFromImage if is_lent else sitk.GetArrayFromImage
    return Image(voxels=voxels(volume).reshape(grid.shape), grid=grid, name=name, steps=steps)


def _read(path: Path) -> Any:
    """Read a file with SimpleITK, its error said in one line."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        refuse_swollen(reader, path)
        refuse_unended(path)
        return reader.Execute()
    except RuntimeError as error:
        if "orthonormal" in str(error) and is_nifti(path):
            with without_forms(path) as copy:
                return sitk.ReadImage(str(copy))
        raise reading_error(path, error) from error


def _checked_name(path: str | Path) -> Path:
    """Return ``path`` when its ending names a format that keeps everything in one file."""
    path = Path(path)
    if not path.name.lower().endswith(WRITTEN):
        msg = f"{path}: not a known ending, wanted {', '.join(WRITTEN)}; rename the file"
        raise InputError(msg, code="unknown_file_type")
    return path
