"""What a file says before its voxels: where they would lie, read in a moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from radpred.errors import InputError
from radpred.image import Grid, Image
from radpred.io.arrays import (
    Channel,
    is_array_file,
    one_channel,
    read_array_image,
    read_array_labels,
)
from radpred.io.axes import slice_first, upright
from radpred.io.dicom.scans.series import DicomReading, is_dicom_source, series_grid
from radpred.io.nifti import check_whole, is_nifti, placed, without_forms
from radpred.io.promises import refuse_broken_header, refuse_swollen

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff")
_ONE_SLICE = "a flat image of two axes: taken as one slice, 1 mm thick"


@dataclass(frozen=True, kw_only=True)
class Header:
    """A volume without its voxels.

    Parameters
    ----------
    grid : Grid
        Where they would lie.
    steps : tuple of str
        What is done to read it so.
    """

    grid: Grid
    steps: tuple[str, ...] = ()


def read_image_header(
    path: str | Path, *, channel: Channel = None, wanted: DicomReading | None = None
) -> Header:
    """Read what a scan's file says of its grid, as `read_image` would place its voxels.

    An array of a NumPy file is read whole.

    Parameters
    ----------
    path : path
        As of `read_image`.
    channel : int, "luminance" or None
        Which channel of an image that has several.
    wanted : DicomReading, optional
        What to do where a DICOM series leaves a choice.

    Raises
    ------
    InputError
        What `read_image` finds wrong before it reads a voxel.
    """
    if is_array_file(path):
        return _of(slice_first(read_array_image(path, name="image", channel=channel)))
    if is_dicom_source(path):
        grid, steps = series_grid(path, wanted=wanted)
        return Header(grid=grid, steps=steps)
    return _header(Path(path), channel, setting="image_channel")


def read_mask_header(path: str | Path, *, channel: int = 0) -> Header:
    """Read what a label image says of its grid, as `read_mask` would place its voxels.

    Parameters
    ----------
    path : path
        As of `read_mask`, but no RTSTRUCT and no DICOM SEG.
    channel : int
        Which channel of a mask that has several.

    Raises
    ------
    InputError
        What `read_mask` finds wrong before it reads a voxel.
    """
    if is_array_file(path):
        return _of(slice_first(read_array_labels(path)))
    return _header(Path(path), channel, setting="mask_channel")


def refuse_missing(path: Path) -> None:
    """Raise unless a path is a file, and a whole one.

    Raises
    ------
    InputError
        ``missing_file`` or ``unreadable_file``.
    """
    if not path.is_file():
        what = "a folder" if path.is_dir() else "missing"
        msg = f"{path}: {what}, wanted an image file or a DICOM folder; correct the path"
        raise InputError(msg, code="missing_file")
    check_whole(path)
    refuse_broken_header(path)


def grid_of_sitk(volume: Any, *, source: str) -> tuple[Grid, tuple[str, ...]]:
    """Return the grid of a SimpleITK image, or of a reader that knows a file's header, and notes.

    Raises
    ------
    InputError
        ``not_3d``: neither two nor three axes longer than one.
    """
    n_axes, size = volume.GetDimension(), list(volume.GetSize())
    if n_axes not in (2, 3) and (n_axes != 4 or size[3] != 1):
        by = " x ".join(map(str, size))
        msg = f"{source}: {n_axes} axes ({by}), wanted 2 or 3; save one volume"
        raise InputError(msg, code="not_3d")
    direction = np.eye(3)
    n = min(n_axes, 3)
    direction[:n, :n] = np.reshape(volume.GetDirection(), (n_axes, n_axes))[:n, :n]
    nx, ny, nz = [*size, 1][:3]
    sx, sy, sz = [*volume.GetSpacing(), 1.0][:3]
    left, posterior, superior = [*volume.GetOrigin(), 0.0][:3]
    grid = Grid(
        shape=(nz, ny, nx),
        spacing=(sz, sy, sx),
        origin=(left, posterior, superior),
        direction=tuple(direction.ravel().tolist()),
        is_placed=not source.lower().endswith(PICTURES),
    )
    return grid, (_ONE_SLICE,) if n_axes == 2 else ()


def settled(image: Image, path: Path) -> Image:
    """Return an image that ITK read with its axes in their place, at right angles and in order.

    Raises
    ------
    GeometryError
        ``sheared_axes``.
    """
    moved = placed(image, path) if is_nifti(path) else upright(image, source=str(path))
    return slice_first(moved)


def refuse_complex(kind: str, *, source: str) -> None:
    """Raise for pixels of a kind, as ITK calls it, that are complex numbers.

    Raises
    ------
    InputError
        ``not_scalar``.
    """
    if "complex" in kind:
        msg = f"{source}: complex numbers, wanted one number a voxel; save their magnitude"
        raise InputError(msg, code="not_scalar")


def reading_error(path: Path, error: RuntimeError) -> InputError:
    """Return what ITK says of a file that it cannot read, in one line."""
    reason = str(error).strip().splitlines()[-1]
    msg = f"{path}: not readable ({reason}); save it as NIfTI, NRRD or MetaImage"
    return InputError(msg, code="unreadable_file")


def _header(path: Path, channel: Channel, *, setting: str) -> Header:
    """Return the header of a file that ITK reads."""
    refuse_missing(path)
    reader = _information(path)
    source = str(path)
    refuse_complex(sitk.GetPixelIDValueAsString(reader.GetPixelID()), source=source)
    n_channels = reader.GetNumberOfComponents()
    if n_channels > 1:
        one_channel(np.empty((0, n_channels)), channel, source=source, setting=setting)
    grid, steps = grid_of_sitk(reader, source=source)
    hollow = np.broadcast_to(np.uint8(0), grid.shape)  # as many voxels, and the memory of one
    return _of(settled(Image(voxels=hollow, grid=grid, steps=steps), path))


def _information(path: Path) -> Any:
    """Return a reader that knows a file's header."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        if "orthonormal" not in str(error) or not is_nifti(path):
            raise reading_error(path, error) from error
        with without_forms(path) as copy:
            reader.SetFileName(str(copy))
            reader.ReadImageInformation()
    refuse_swollen(reader, path)
    return reader


def _of(image: Image) -> Header:
    """Return an image without its voxels."""
    return Header(grid=image.grid, steps=image.steps)
