"""Noise as strong as the image's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pywt

from radpred.backends import beside, to_host
from radpred.errors import RegionError
from radpred.image import Array, AxisOrder, Grid, Image, Mask, common_box

AROUND_MM = 25.0  # how far around the region the noise is looked at
ENDS = 2  # coefficients of this wavelet at either end that reach beyond the voxels
TO_DEVIATION = 0.6745  # the median size of a standard normal number


def noise_level(image: Image, mask: Mask) -> float:
    """Return the standard deviation of the noise in and around a region.

    The median size of the finest diagonal wavelet coefficients of each slice (coiflet of order 1)
    over 0.6745: Chang, Yu and Vetterli, IEEE Trans Image Process 2000;9:1532-1546, after Donoho
    and Johnstone. Slices lie across the axis of the largest spacing.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid; looked at are its box and 25 mm around it.

    Returns
    -------
    float
        In the image's unit; 0 where most of the coefficients are.

    Raises
    ------
    RegionError
        ``non_finite_voxels``: none of the coefficients is finite.
    """
    box = common_box([mask], reach_mm=AROUND_MM)
    order = AxisOrder.patient(image.grid)
    near = to_host(image.voxels if box is None else image.voxels[box])
    voxels = order.applied(near).astype(np.float64)
    within = [axis for axis in range(3) if axis != _across(order.grid(image.grid))]
    with np.errstate(invalid="ignore"):
        diagonal = pywt.dwtn(voxels, "coif1", mode="symmetric", axes=within)["dd"]
    for axis in within:
        diagonal = _without_ends(diagonal, axis)
    finite = diagonal[np.isfinite(diagonal)]
    if not finite.size:
        msg = f"{image.name}: NaN or infinite voxels all around {mask.name}; mend the image"
        raise RegionError(msg, code="non_finite_voxels")
    return float(np.median(np.abs(finite)) / TO_DEVIATION)


def noisy(image: Image, mask: Mask, times: float, *, rng: np.random.Generator) -> Image:
    """Return an image with normal noise added, as strong as its own times a factor.

    Parameters
    ----------
    image : Image
        The scan. Whole numbers stay whole, and in their type.
    mask : Mask
        Where the noise level is looked at.
    times : float
        Standard deviation of what is added, in that of the noise found.
    rng : numpy.random.Generator
        Draws the noise, in the patient's axis order: files that store the axes otherwise get the
        same.

    Raises
    ------
    RegionError
        As `noise_level`.
    """
    deviation = times * noise_level(image, mask)
    voxels = to_host(image.voxels)
    order = AxisOrder.patient(image.grid)
    drawn = rng.standard_normal(order.applied(voxels).shape, dtype=np.float32)
    noise = order.undone(np.multiply(drawn, np.float32(deviation), out=drawn))
    step = f"noise of standard deviation {deviation:.4g} added, {times:g} times its own"
    return replace(
        image,
        voxels=beside(_sum(voxels, noise), image.voxels),
        steps=(*image.steps, step),
    )


def _across(grid: Grid) -> int:
    """Return the axis across the slices: of the largest spacing, the first of equals."""
    return int(np.argmax(grid.spacing))


def _without_ends(coefficients: Array, axis: int) -> Array:
    """Return coefficients without those that reach beyond the voxels, unless all do."""
    n = coefficients.shape[axis]
    inner = np.arange(ENDS, n - ENDS)
    return coefficients.take(inner, axis=axis) if inner.size else coefficients


def _sum(voxels: Array, noise: Array) -> Array:
    """Return voxels and noise in the type of the voxels."""
    kind = voxels.dtype
    if not np.issubdtype(kind, np.integer):
        return (voxels + noise).astype(kind, copy=False)
    ends = np.iinfo(kind)
    exact = np.float32 if kind.itemsize <= 2 else np.float64
    summed = np.add(voxels, noise, dtype=exact)
    np.rint(summed, out=summed)
    return np.clip(summed, ends.min, ends.max, out=summed).astype(kind)
