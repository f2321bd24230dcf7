"""The Laplacian of Gaussian of IBSI 2 (L6PA): its formula sampled at voxels, and cut off.

ITK's recursive filter, which PyRadiomics uses, is another approximation of the same formula:
see ``laplacian_of_gaussian``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from radpred.backends import array_namespace
from radpred.filters._box import Beyond, whole
from radpred.filters._convolve import responses
from radpred.filters._rotations import NOTHING, Kernel, Separable
from radpred.filters.ibsi._names import spelt
from radpred.image import Box, Image, Triple

Vector = np.ndarray[Any, np.dtype[np.float64]]


def sampled_laplacian_of_gaussian_name(sigma_mm: float, *, flat_axis: int | None = None) -> str:
    """Return the name of a response map.

    Examples
    --------
    >>> sampled_laplacian_of_gaussian_name(1.5), sampled_laplacian_of_gaussian_name(3, flat_axis=0)
    ('sampled-log-sigma-1-5-mm-3D', 'sampled-log-sigma-3-mm-2D')
    """
    return f"sampled-log-sigma-{spelt(sigma_mm)}-mm-{'3D' if flat_axis is None else '2D'}"


def sampled_laplacian_of_gaussian(
    image: Image,
    *,
    sigma_mm: float,
    truncate_sigmas: float = 4.0,
    beyond: Beyond = "mirror",
    flat_axis: int | None = None,
    box: Box | None = None,
) -> Image:
    """Return the Laplacian of Gaussian of an image, by a sampled kernel.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are filtered in double precision.
    sigma_mm : float
        Width of the Gaussian in mm, the same along each axis whatever the spacing.
    truncate_sigmas : float
        How many widths the kernel reaches along each axis, rounded to voxels.
    beyond : {"zero", "edge", "periodic", "mirror"}
        What lies beyond the image.
    flat_axis : int, optional
        The axis across slices, which are filtered one by one; else the filter is in space.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The response inside ``box``, in the unit of the image per voxel squared (of the voxels'
        mean width, where they are not cubes); float32.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    axes = tuple(axis for axis in range(3) if axis != flat_axis)
    filters = _filters(image.grid.spacing, axes, sigma_mm, truncate_sigmas)
    terms = responses(image.voxels, dict.fromkeys(filters, (1,)), box=box, beyond=beyond)
    with np.errstate(invalid="ignore"):  # infinite voxels may meet; what they make is NaN
        total = sum(term for term, _ in terms)
    return replace(
        image,
        voxels=xp.asarray(total, dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=sampled_laplacian_of_gaussian_name(sigma_mm, flat_axis=flat_axis),
        steps=(*image.steps, f"sampled Laplacian of Gaussian, sigma {sigma_mm:g} mm"),
    )


def _filters(
    spacing: Triple, axes: tuple[int, ...], sigma_mm: float, truncate_sigmas: float
) -> list[Separable]:
    """Return the separable filters whose responses add up to that of the Laplacian.

    A truncated kernel's weights do not quite sum to 0; as in the published statistics (IBSI 2,
    3.A), their mean is taken off each, which the last filter does.
    """
    unit = math.prod(spacing[axis] for axis in axes) ** (2 / len(axes))
    gaussians, curvatures = {}, {}
    for axis in axes:
        reach = math.floor(truncate_sigmas * sigma_mm / spacing[axis] + 0.5)
        squares = (np.arange(-reach, reach + 1) * spacing[axis] / sigma_mm) ** 2
        gaussians[axis] = np.exp(-squares / 2) * spacing[axis] / math.sqrt(2 * np.pi) / sigma_mm
        curvatures[axis] = gaussians[axis] * (squares - 1) * unit / sigma_mm**2
    terms = [gaussians | {axis: curvatures[axis]} for axis in axes]
    sums = [math.prod(float(taps.sum()) for taps in term.values()) for term in terms]
    n_weights = math.prod(len(taps) for taps in gaussians.values())
    off = {axis: np.ones_like(taps) for axis, taps in gaussians.items()}
    off[axes[0]] = off[axes[0]] * (-math.fsum(sums) / n_weights)
    return [_along_axes(term) for term in (*terms, off)]


def _along_axes(taps: dict[int, Vector]) -> Separable:
    """Return a separable filter of the taps along some axes."""
    z, y, x = (Kernel.centred(taps[axis]) if axis in taps else NOTHING for axis in range(3))
    return z, y, x
