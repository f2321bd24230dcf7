"""NIfTI, NRRD and MetaImage files as Image and Mask, and back.

SimpleITK reads and writes; here its x, y, z become array order (z, y, x), and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy as np
import SimpleITK as sitk

from radpred.backends import to_host
from radpred.errors import InputError
from radpred.image import Grid, Image, Mask
from radpred.io.gaps import with_gaps
from radpred.io.labels import mask_of_label
from radpred.io.whole import check_whole

WRITTEN = (".nii", ".nii.gz", ".nrrd", ".mha")


def read_image(path: str | Path, *, name: str = "original") -> Image:
    """Read a scalar volume; its intensities keep their type.

    Parameters
    ----------
    path : path
        A NIfTI, NRRD or MetaImage file.
    name : str
        What the image is called in names and messages.

    Raises
    ------
    InputError
        ``missing_file``, ``unreadable_file``, ``sheared_axes``, ``not_scalar`` (colours or
        complex numbers) or ``not_3d``.
    """
    path = Path(path)
    _refuse_missing(path)
    return with_gaps(_from_sitk(_read(path), name=name, source=str(path)), path)


def read_mask(
    path: str | Path,
    *,
    label: int | Literal["auto"] = "auto",
    channel: int = 0,
    name: str = "tumour",
) -> Mask:
    """Read the voxels of a label image that carry ``label``.

    Parameters
    ----------
    path : path
        A NIfTI, NRRD or MetaImage file; zero is background.
    label : int or "auto"
        The value to take; "auto" takes the only one there is, be it 1, 2, 255 or 1/255.
    channel : int
        Which channel of a mask that has several, from 0.
    name : str
        What the region is called in names and messages.

    Raises
    ------
    RegionError
        ``empty_mask``: no foreground; ``label_missing``: not this label.
    InputError
        ``several_labels``, ``mask_is_image``, ``non_finite_mask``, ``channel_missing``, or as
        `read_image`.
    """
    path = Path(path)
    _refuse_missing(path)
    volume = _channel(_read(path), channel, source=str(path))
    image = _from_sitk(volume, name=str(path), source=str(path), is_lent=True)
    return mask_of_label(image, label=label, name=name)


def write_image(image: Image, path: str | Path) -> None:
    """Write an image; a killed run leaves the old file or the new one, never half of it.

    Raises
    ------
    InputError
        ``unknown_file_type``: none of .nii, .nii.gz, .nrrd and .mha.
    """
    path = _checked_name(path)
    volume = to_sitk(image)
    _write_whole(path, lambda unfinished: sitk.WriteImage(volume, str(unfinished), True))


def write_mask(mask: Mask, path: str | Path) -> None:
    """Write a mask as 0 and 1 in bytes, whole or not at all.

    Raises
    ------
    InputError
        ``unknown_file_type``: none of .nii, .nii.gz, .nrrd and .mha.
    """
    path = _checked_name(path)
    volume = to_sitk(mask)
    _write_whole(path, lambda unfinished: sitk.WriteImage(volume, str(unfinished), True))


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
    sitk_image: Any, *, name: str, channel: int | None = None, is_lent: bool = False
) -> Image:
    """Return a SimpleITK image as an Image, its voxels copied unless they are lent.

    Parameters
    ----------
    sitk_image : SimpleITK image
        With three axes.
    name : str
        What the image is called in names and messages.
    channel : int, optional
        Which channel of an image that has several.
    is_lent : bool
        Whether the Image shall share the voxels, and live no longer than ``sitk_image``.

    Raises
    ------
    InputError
        ``not_scalar``: colours or complex numbers; ``not_3d``: other than three axes;
        ``channel_missing``.
    """
    if channel is not None:
        chosen = _channel(sitk_image, channel, source=name)
        is_lent = is_lent and chosen is sitk_image
        sitk_image = chosen
    return _from_sitk(sitk_image, name=name, source=name, is_lent=is_lent)


def _refuse_missing(path: Path) -> None:
    """Raise unless a path is a file, and a whole one."""
    if not path.is_file():
        what = "a folder" if path.is_dir() else "missing"
        msg = f"{path}: {what}, wanted a NIfTI, NRRD or MetaImage file; correct the path"
        raise InputError(msg, code="missing_file")
    check_whole(path)


def _channel(volume: Any, channel: int, *, source: str) -> Any:
    """Return one channel of a SimpleITK image; one that has a single channel is returned as it is.

    Raises
    ------
    InputError
        ``channel_missing``.
    """
    n_channels = volume.GetNumberOfComponentsPerPixel()
    if n_channels == 1 or "complex" in volume.GetPixelIDTypeAsString():
        return volume
    if channel >= n_channels:
        msg = (
            f"{source}: {n_channels} channels, from 0, wanted number {channel}; correct "
            "mask_channel"
        )
        raise InputError(msg, code="channel_missing")
    return sitk.VectorIndexSelectionCast(volume, channel)


def _from_sitk(volume: Any, *, name: str, source: str, is_lent: bool = False) -> Image:
    """Return a SimpleITK image as an Image; ``source`` is what messages call it."""
    kind = volume.GetPixelIDTypeAsString()
    n_channels = volume.GetNumberOfComponentsPerPixel()
    if n_channels != 1 or "complex" in kind:
        came = f"{n_channels} channels" if n_channels != 1 else "complex numbers"
        msg = f"{source}: {came}, wanted one number a voxel; extract one channel first"
        raise InputError(msg, code="not_scalar")
    if volume.GetDimension() == 4 and volume.GetSize()[3] == 1:
        volume, is_lent = volume[:, :, :, 0], False
    if volume.GetDimension() != 3:
        size = " x ".join(map(str, volume.GetSize()))
        msg = (
            f"{source}: {volume.GetDimension()} axes ({size}), wanted 3; save one volume, a flat "
            "image as a volume of one slice"
        )
        raise InputError(msg, code="not_3d")
    nx, ny, nz = volume.GetSize()
    sx, sy, sz = volume.GetSpacing()
    grid = Grid(
        shape=(nz, ny, nx),
        spacing=(sz, sy, sx),
        origin=volume.GetOrigin(),
        direction=volume.GetDirection(),
    )
    voxels = sitk.GetArrayViewFromImage if is_lent else sitk.GetArrayFromImage
    return Image(voxels=voxels(volume), grid=grid, name=name)


def _read(path: Path) -> Any:
    """Read a file with SimpleITK, its error said in one line."""
    try:
        return sitk.ReadImage(str(path))
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        if "orthonormal" in reason:
            msg = (
                f"{path}: its axes are not at right angles; resample it to an upright grid "
                "or correct its header"
            )
            raise InputError(msg, code="sheared_axes") from error
        msg = f"{path}: not readable ({reason}); save it as NIfTI, NRRD or MetaImage"
        raise InputError(msg, code="unreadable_file") from error


def _checked_name(path: str | Path) -> Path:
    """Return ``path`` when its ending names a format that keeps everything in one file."""
    path = Path(path)
    if not path.name.lower().endswith(WRITTEN):
        msg = f"{path}: not a known ending, wanted {', '.join(WRITTEN)}; rename the file"
        raise InputError(msg, code="unknown_file_type")
    return path


def _write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write to a temporary name beside ``path``, reach the disk, then rename."""
    # The name is put in front: the ending tells the writer which format to use.
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid4().hex[:12]}-{path.name}")
    try:
        write(unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring a rename to the disk, where the system can open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
