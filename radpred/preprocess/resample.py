"""Bring image and mask to another voxel size, on PyRadiomics' grid or on IBSI's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import SimpleITK as sitk

from radpred.backends import array_namespace, beside, is_cupy, to_host
from radpred.errors import GeometryError, InputError, RegionError
from radpred.image import Array, Box, Grid, Image, Mask, Triple
from radpred.preprocess._itk_arithmetic import interpolated
from radpred.preprocess.crop import crop
from radpred.preprocess.non_finite import bridged

Interpolator = Literal["bspline", "linear", "nearest"]
MaskInterpolator = Literal["nearest", "linear"]
Shared = Literal["corner", "centre"]

_SITK: dict[str, int] = {
    "bspline": sitk.sitkBSpline,
    "linear": sitk.sitkLinear,
    "nearest": sitk.sitkNearestNeighbor,
}
# With every voxel a B-spline's coefficients forget 3 parts in 4 of what lies behind:
# 0.268 ** 40 < 1e-22, so that even their last bit is that of the whole image.
_SPLINE_REACH = 40
MAX_VOXELS = 100_000_000
_ROUNDING = 1e-9  # what a number of voxels may exceed a whole one by


@dataclass(frozen=True, kw_only=True)
class Interpolation:
    """How values between voxels are found; the defaults are PyRadiomics'.

    Parameters
    ----------
    image : {"bspline", "linear", "nearest"}
        How the image is interpolated; ``bspline`` is of third order.
    mask : {"nearest", "linear"}
        Whether a new voxel is in the region if its nearest old one is, or if the interpolated
        part of the region at its centre is a half or more.
    integers : {"cut", "rounded"}
        What becomes of the values of an image of whole numbers, such as a CT: where they are stored
        as integers they are cut towards 0, as ITK does; or, however they are stored, they are
        rounded to the nearest integer (IBSI 68QD).
    bridges_gaps : bool
        Whether the nearest finite voxel stands in for one that is not (NaN, infinite) while the
        image is interpolated; new voxels whose nearest old one was such a gap are NaN. Otherwise
        a gap spreads as far as the interpolator reaches: over everything, if that is a spline.
    """

    image: Interpolator = "bspline"
    mask: MaskInterpolator = "nearest"
    integers: Literal["cut", "rounded"] = "cut"
    bridges_gaps: bool = False


OF_PYRADIOMICS = Interpolation()


def resample(
    image: Image,
    mask: Mask,
    *,
    spacing_mm: Triple,
    shared: Shared = "corner",
    padding_voxels: int | None = 5,
    interpolation: Interpolation = OF_PYRADIOMICS,
) -> tuple[Image, Mask]:
    """Return image and mask at another voxel size, around the region.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid, not empty.
    spacing_mm : tuple of float
        Voxel size along z, y and x, in mm; 0 keeps the image's. It is kept, too, along an axis
        on which the region is one voxel thick.
    shared : {"corner", "centre"}
        What old and new grid have in common: the corners of the first voxels (PyRadiomics), or
        the centres of the images (IBSI UMPJ). A grid that shares the centre covers the image; its
        outermost voxels may lie up to half a voxel beyond, and have the nearest voxel's value.
    padding_voxels : int, optional
        Voxels, of the new size, to keep around the region's box on every side, as far as the image
        reaches; all where None.
    interpolation : Interpolation
        How values between voxels are found.

    Returns
    -------
    image : Image
        In the type of the one that came.
    mask : Mask
        On the grid of the new image; it may be empty where the new voxels are large.

    Raises
    ------
    GeometryError
        The mask lies on another grid than the image.
    RegionError
        The mask is empty.
    InputError
        The result would have more than ``MAX_VOXELS`` voxels; nothing is made.
    """
    if mask.grid != image.grid:
        msg = f"{mask.name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    mask = replace(mask, voxels=beside(mask.voxels, image.voxels).astype(bool, copy=False))
    box = mask.box
    if box is None:
        msg = f"{mask.name}: holds no voxel, so that nothing can be resampled; check the mask"
        raise RegionError(msg, code="empty")
    spacing = _wanted_spacing(image.grid, box, spacing_mm)
    if np.allclose(image.grid.spacing, spacing):
        return (image, mask) if padding_voxels is None else crop(image, mask, margin=padding_voxels)
    target, needed = _target(image.grid, box, spacing, padding=padding_voxels, shared=shared)
    _refuse_too_many(image.grid, target)
    step = f"resampled from {_sizes(image.grid.spacing)} to {_sizes(spacing)} mm (z, y, x)"
    source = _source(image, needed, interpolation)
    voxels = _interpolated(source, target, interpolation, extends=shared == "centre")
    inside = _inside(mask, box, target, interpolation.mask)
    return (
        replace(image, voxels=voxels, grid=target, steps=(*image.steps, step)),
        replace(mask, voxels=inside, grid=target, steps=(*mask.steps, step)),
    )


def _target(
    grid: Grid, box: Box, spacing: Triple, *, padding: int | None, shared: Shared
) -> tuple[Grid, Box]:
    """Return the new grid around ``box``, and the old voxels that its values depend on."""
    old, new = np.asarray(grid.spacing), np.asarray(spacing)
    ratio = old / new
    size = np.ceil(np.asarray(grid.shape) * ratio - _ROUNDING * (shared == "centre"))
    # Where the centre of new voxel 0 lies, in old voxels.
    zero = 0.5 * (new - old) / old
    if shared == "centre":
        zero = 0.5 * (np.asarray(grid.shape) - 1) - 0.5 * (size - 1) / ratio
    first, last = np.zeros(3), size - 1
    if padding is not None:
        start = np.array([part.start for part in box], dtype=float)
        stop = np.array([part.stop for part in box], dtype=float)
        # PyRadiomics places the box as if the first centres coincided.
        shift = zero + 0.5 if shared == "centre" else 0.5
        first = np.floor((start - shift) * ratio - padding).clip(min=0)
        last = np.minimum(np.ceil((stop - shift) * ratio + padding), last)
    first_index, last_index = zero + first / ratio, zero + last / ratio
    n_z, n_y, n_x = (int(n) for n in last - first + 1)
    origin = _as_triple(grid.to_world(first_index))
    target = replace(grid, shape=(n_z, n_y, n_x), spacing=spacing, origin=origin)
    low = np.clip(np.floor(first_index) - _SPLINE_REACH, 0, None)
    high = np.minimum(np.ceil(last_index) + 1 + _SPLINE_REACH, grid.shape)
    z, y, x = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return target, (z, y, x)


def _wanted_spacing(grid: Grid, box: Box, spacing_mm: Triple) -> Triple:
    """Return the new spacing, with the old one where it is to be kept."""
    return _as_triple(
        [
            new if new > 0 and part.stop - part.start > 1 else old
            for new, old, part in zip(spacing_mm, grid.spacing, box, strict=True)
        ]
    )


def _refuse_too_many(old: Grid, new: Grid) -> None:
    """Raise if the new grid has more than ``MAX_VOXELS`` voxels."""
    n_voxels = int(np.prod(new.shape, dtype=np.int64))
    if n_voxels > MAX_VOXELS:
        msg = (
            f"resampling from {_sizes(old.spacing)} to {_sizes(new.spacing)} mm (z, y, x) would "
            f"make {n_voxels:.3g} voxels around the region, at most {MAX_VOXELS:.3g} are made; "
            "check the unit of the voxel size"
        )
        raise InputError(msg, code="grid_too_large")


def _source(image: Image, needed: Box, interpolation: Interpolation) -> Image:
    """Return the part of an image to interpolate in.

    ITK cuts integers towards 0, and many values lie within a rounding error of an integer (along
    one axis every value can): which side they fall on depends on distances from the first voxel.
    So an image of integers is cut at its far ends alone, and gives ITK's values of the whole.
    """
    if np.issubdtype(image.voxels.dtype, np.integer) and interpolation.integers == "cut":
        z, y, x = (slice(0, part.stop) for part in needed)
        needed = (z, y, x)
    return replace(image, voxels=image.voxels[needed], grid=image.grid.cropped(needed))


def _interpolated(
    source: Image, target: Grid, interpolation: Interpolation, *, extends: bool
) -> Array:
    """Return the values of ``source`` at the voxels of ``target``."""
    if interpolation.bridges_gaps:
        bridge, gaps = bridged(source.voxels, spacing=source.grid.spacing)
        voxels = _resampled(bridge, source.grid, target, interpolation.image, extends=extends)
        if gaps.any():
            again = _resampled(gaps.astype(np.uint8), source.grid, target, "nearest")
            voxels[again > 0] = np.nan
        return voxels
    rounds = interpolation.integers == "rounded" and _holds_integers(source.voxels)
    known = source.voxels.astype(np.float64) if rounds else source.voxels
    voxels = _resampled(known, source.grid, target, interpolation.image, extends=extends)
    return _rounded(voxels, source.voxels.dtype) if rounds else voxels


def _holds_integers(voxels: Array) -> bool:
    """Tell whether all voxels are whole numbers."""
    if np.issubdtype(voxels.dtype, np.integer):
        return True
    return bool((array_namespace(voxels).rint(voxels) == voxels).all())


def _rounded(voxels: Array, kind: Any) -> Array:
    """Return values rounded to integers, as far as their type reaches."""
    voxels = array_namespace(voxels).rint(voxels)
    if np.issubdtype(kind, np.integer):
        voxels = voxels.clip(np.iinfo(kind).min, np.iinfo(kind).max)
    return voxels.astype(kind)


def _inside(mask: Mask, box: Box, target: Grid, interpolator: MaskInterpolator) -> Array:
    """Return which voxels of ``target`` lie in a region, whose bounding box is ``box``."""
    if interpolator == "nearest":
        return _resampled(mask.voxels.astype(np.uint8), mask.grid, target, "nearest") > 0
    z, y, x = (
        slice(max(part.start - 1, 0), min(part.stop + 1, size))
        for part, size in zip(box, mask.grid.shape, strict=True)
    )
    part, grid = mask.voxels[z, y, x].astype(np.float64), mask.grid.cropped((z, y, x))
    # A half may come as a half less a rounding error.
    return _resampled(part, grid, target, "linear") >= 0.5 - 1e-9


def _resampled(
    voxels: Array, grid: Grid, target: Grid, interpolator: Interpolator, *, extends: bool = False
) -> Array:
    """Return the values of ``voxels``, which lie on ``grid``, at the voxels of ``target``.

    More than half a voxel beyond its outermost centres: 0, or the nearest voxel's value.
    """
    if is_cupy(voxels):
        return interpolated(voxels, grid, target, interpolator, extends=extends)
    made = sitk.GetImageFromArray(to_host(voxels))
    made.SetSpacing(grid.spacing[::-1])
    made.SetOrigin(grid.origin)
    made.SetDirection(grid.direction)
    resampler = sitk.ResampleImageFilter()
    # Cases run side by side. The number of threads alone would not hold ITK back.
    resampler.SetNumberOfWorkUnits(1)
    resampler.SetSize(target.shape[::-1])
    resampler.SetOutputSpacing(target.spacing[::-1])
    resampler.SetOutputOrigin(target.origin)
    resampler.SetOutputDirection(target.direction)
    resampler.SetInterpolator(_SITK[interpolator])
    resampler.SetUseNearestNeighborExtrapolator(extends)
    return sitk.GetArrayFromImage(resampler.Execute(made))


def _as_triple(numbers: Any) -> Triple:
    """Return three numbers as plain floats."""
    first, second, third = (float(number) for number in numbers)
    return first, second, third


def _sizes(spacing: Triple) -> str:
    """Return a voxel size as a person writes it."""
    return " x ".join(f"{length:g}" for length in spacing)
