"""Arrays as images: NumPy's own files, and arrays in memory; they do not say where they lie.

A source is ``file.npz#key[index]``: an array of an archive, and one item along its first axis, as
of a collection of images. Without a key the array is called ``image`` or ``mask``, or is the only
one; ``spacing`` beside it holds the voxel size, (z, y, x) or (y, x) in mm.
"""

from __future__ import annotations

import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from radpred.errors import InputError
from radpred.image import Array, Grid, Image
from radpred.sources import split_source

Channel = int | Literal["luminance"] | None
ENDINGS = (".npz", ".npy")
SPACING = "spacing"
NO_SIZE = "no voxel size is told: 1 mm was taken"
COLOURS = (3, 4)  # red, green, blue, and how opaque
# ITU-R BT.601: what the eye makes of red, green and blue.
_LUMINANCE = np.array([0.299, 0.587, 0.114])
# NumPy reads a header as Python text, and zipfile what stands in its own.
_DAMAGED = (
    *(ValueError, TypeError, OSError, EOFError, NotImplementedError, RuntimeError, SyntaxError),
    *(KeyError, OverflowError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error),
    MemoryError,  # a header that promises more than there is
)
_PART = re.compile(r"(?P<key>[^\[\]]*)(\[(?P<index>\d+)\])?")


def is_array_file(source: str | Path) -> bool:
    """Tell whether a source is called as NumPy's files are."""
    return split_source(source)[0].lower().endswith(ENDINGS)


def read_array_image(source: str | Path, *, name: str, channel: Channel = None) -> Image:
    """Read an array of a NumPy file as an image.

    Raises
    ------
    InputError
        ``missing_file``, ``unreadable_file``, ``array_missing``, ``not_3d``, ``not_scalar``,
        ``colour_image``, ``channel_missing`` or ``bad_spacing``.
    """
    voxels, spacing = _stored(source, "image")
    return image_of_array(voxels, spacing=spacing, name=name, channel=channel, source=str(source))


def read_array_labels(source: str | Path) -> Image:
    """Read an array of a NumPy file as a label image.

    Raises
    ------
    InputError
        As `read_array_image`.
    """
    voxels, spacing = _stored(source, "mask")
    return labels_of_array(voxels, spacing=spacing, source=str(source))


def image_of_array(
    voxels: Array,
    *,
    spacing: Array | None = None,
    name: str = "original",
    channel: Channel = None,
    source: str = "image",
) -> Image:
    """Return an array as an image that does not say where it lies.

    Parameters
    ----------
    voxels : array
        Shape (z, y, x) or (y, x), with colours (3 or 4) along a last axis: of bytes, or where a
        channel is chosen.
    spacing : array, optional
        Voxel size along the same axes, in mm; 1 where it is not told.
    name : str
        What the image is called in names and messages.
    channel : int, "luminance" or None
        Which of the colours.
    source : str
        What error messages call it.

    Raises
    ------
    InputError
        ``colour_image``, ``channel_missing``, ``not_3d``, ``not_scalar`` or ``bad_spacing``.
    """
    voxels = np.asarray(voxels)
    has_colours = voxels.ndim in COLOURS and voxels.shape[-1] in COLOURS
    if has_colours and (voxels.ndim == 4 or channel is not None or voxels.dtype == np.uint8):
        voxels = one_channel(voxels, channel, source=source)
    image = _image(voxels, spacing=spacing, name=name, source=source)
    return replace(image, steps=(NO_SIZE,)) if spacing is None else image


def labels_of_array(voxels: Array, *, spacing: Array | None = None, source: str = "mask") -> Image:
    """Return an array of labels, shape (z, y, x) or (y, x), as a label image.

    Raises
    ------
    InputError
        ``not_3d``, ``not_scalar`` or ``bad_spacing``.
    """
    voxels = np.asarray(voxels)
    if voxels.dtype == bool:
        voxels = voxels.view(np.uint8)
    return _image(voxels, spacing=spacing, name=source, source=source)


def one_channel(
    voxels: Array, channel: Channel, *, source: str, setting: str = "image_channel"
) -> Array:
    """Return one channel of an array whose last axis holds channels, or what they look like.

    Raises
    ------
    InputError
        ``colour_image``: no channel is chosen; ``channel_missing``: not so many.
    """
    n = voxels.shape[-1]
    if channel is None:
        more = " or luminance" if n in COLOURS else ""
        msg = (
            f"{source}: {n} channels, wanted one number a voxel; choose one of them by "
            f"{setting}: 0 to {n - 1}{more}"
        )
        raise InputError(msg, code="colour_image")
    if channel == "luminance":
        if n not in COLOURS:
            msg = f"{source}: {n} channels, wanted 3 or 4 for luminance; correct {setting}"
            raise InputError(msg, code="channel_missing")
        return voxels[..., :3] @ _LUMINANCE
    if channel >= n:
        msg = f"{source}: {n} channels, from 0, wanted number {channel}; correct {setting}"
        raise InputError(msg, code="channel_missing")
    return voxels[..., channel]


def _image(voxels: Array, *, spacing: Array | None, name: str, source: str) -> Image:
    """Return numbers along two or three axes as an image without a place."""
    if voxels.dtype.kind not in "iuf":
        msg = f"{source}: values of type {voxels.dtype}, wanted one number a voxel; convert them"
        raise InputError(msg, code="not_scalar")
    if voxels.ndim not in (2, 3):
        shape = " x ".join(map(str, voxels.shape))
        msg = (
            f"{source}: {voxels.ndim} axes ({shape}), wanted (z, y, x) or (y, x); name one "
            "volume, as in file.npz#images[0]"
        )
        raise InputError(msg, code="not_3d")
    if not voxels.size:
        msg = f"{source}: an array without voxels; name the array that holds the volume"
        raise InputError(msg, code="not_3d")
    steps = _steps(spacing, voxels.ndim, source=source)
    if voxels.dtype == np.float16:
        voxels = voxels.astype(np.float32)
    voxels = voxels[None] if voxels.ndim == 2 else voxels
    nz, ny, nx = voxels.shape
    grid = Grid(shape=(nz, ny, nx), spacing=steps, is_placed=False)
    return Image(voxels=np.ascontiguousarray(voxels), grid=grid, name=name)


def _steps(spacing: Array | None, n_axes: int, *, source: str) -> tuple[float, float, float]:
    """Return the voxel size along three axes; a slice is 1 mm thick where nothing is told."""
    told = np.ones(3) if spacing is None else np.asarray(spacing).ravel()
    steps = told.astype(float) if told.dtype.kind in "iuf" else np.full(0, np.nan)
    if steps.size not in (3, n_axes) or not (np.isfinite(steps) & (steps > 0)).all():
        msg = f"{source}: spacing is {steps}, wanted mm along (z, y, x) or (y, x); correct it"
        raise InputError(msg, code="bad_spacing")
    *first, y, x = (float(step) for step in steps)
    return (first[0] if first else 1.0, y, x)


def _stored(source: str | Path, usual: str) -> tuple[Array, Array | None]:
    """Return a copy of the array that a source names, and the spacing beside it."""
    path, part = split_source(source)
    if not Path(path).is_file():
        msg = f"{path}: missing, wanted a NumPy file (.npz or .npy); correct the path"
        raise InputError(msg, code="missing_file")
    named = _PART.fullmatch(part)
    changed = Path(path).stat().st_mtime_ns
    keys = _keys(path, changed)
    key = _usual(keys, usual) if named is None else named["key"] or _usual(keys, usual)
    if named is None or key not in keys:
        there = ", ".join(keys) or "one array without a name"
        msg = f"{source}: wanted #key or #key[index] of {there}; name one that is there"
        raise InputError(msg, code="array_missing")
    voxels = _array(path, changed, key)
    if named["index"] is not None:
        index = int(named["index"])
        if index >= len(voxels):
            msg = f"{source}: holds {len(voxels)} items, from 0, wanted {index}; correct the index"
            raise InputError(msg, code="array_missing")
        voxels = voxels[index]
    spacing = _array(path, changed, SPACING) if SPACING in keys else None
    return np.array(voxels), spacing


def _usual(keys: tuple[str, ...], usual: str) -> str:
    """Return the array to take where none is named: the usual one, or the only one."""
    others = [key for key in keys if key != SPACING]
    return others[0] if len(others) == 1 else usual


@lru_cache(maxsize=8)
def _keys(path: str, changed: int) -> tuple[str, ...]:
    """Return the names of the arrays in a file that changed at a time; a .npy file's is ""."""
    with _opened(path) as content:
        return ("",) if isinstance(content, np.ndarray) else tuple(content.files)


@lru_cache(maxsize=2)  # items of a collection are asked for one after the other
def _array(path: str, changed: int, key: str) -> Array:
    """Return an array of a file that changed at a time."""
    with _opened(path) as content:
        return content if isinstance(content, np.ndarray) else content[key]


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    """Open a NumPy file; one that is damaged, or holds objects of Python, is unreadable."""
    try:
        # NumPy leaves a file open that it opened itself and that is no archive.
        with Path(path).open("rb") as file:
            content = np.load(file, allow_pickle=False)
            with nullcontext() if isinstance(content, np.ndarray) else content:
                yield content
    except _DAMAGED as error:
        msg = f"{path}: not readable ({error}); save plain arrays by numpy.savez"
        raise InputError(msg, code="unreadable_file") from error
