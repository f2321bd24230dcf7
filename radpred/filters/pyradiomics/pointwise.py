"""Filters of one voxel at a time that keep the range of intensities, as PyRadiomics has them.

Each maps the intensity of largest magnitude onto itself, so a response depends on the whole image
through this one number. Voxels that are not finite do not count for it, and have no response.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from radpred.backends import array_namespace
from radpred.filters._box import whole
from radpred.image import Array, Box, Image


def largest_magnitude(image: Image) -> float:
    """Return the largest absolute intensity of an image among voxels that are finite.

    Examples
    --------
    >>> from radpred.image import Grid
    >>> voxels = np.array([[[-3.0, 2.0, np.nan]]])
    >>> largest_magnitude(Image(voxels=voxels, grid=Grid(shape=(1, 1, 3))))
    3.0
    """
    voxels = image.voxels
    xp = array_namespace(voxels)
    ends = [float(xp.min(voxels)), float(xp.max(voxels))]
    if not all(math.isfinite(end) for end in ends):
        finite = voxels[xp.isfinite(voxels)]
        ends = [float(xp.min(finite)), float(xp.max(finite))] if finite.shape[0] else [0.0]
    return max(abs(end) for end in ends)


def square(image: Image, *, largest: float | None = None, box: Box | None = None) -> Image:
    """Return (c x)^2 with c = 1 / sqrt(max |x|) for each intensity x.

    Parameters
    ----------
    image : Image
        Intensities in any real type.
    largest : float, optional
        max |x| of the whole image, where it is known (``largest_magnitude``).
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        Double precision, in the unit of the image; 0 everywhere if the image is.
    """

    def response(x: Array, most: float) -> Array:
        scaled = x * (1 / math.sqrt(most)) if most else x
        return scaled * scaled

    return _applied(image, response, name="square", largest=largest, box=box)


def square_root(image: Image, *, largest: float | None = None, box: Box | None = None) -> Image:
    """Return sqrt(c |x|) with the sign of each intensity x, where c = max |x|.

    Parameters
    ----------
    image : Image
        Intensities in any real type.
    largest : float, optional
        max |x| of the whole image, where it is known (``largest_magnitude``).
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        Double precision, in the unit of the image; 0 everywhere if the image is.
    """

    def response(x: Array, most: float) -> Array:
        xp = array_namespace(x)
        return xp.sign(x) * xp.sqrt(xp.abs(x) * most)

    return _applied(image, response, name="squareroot", largest=largest, box=box)


def logarithm(image: Image, *, largest: float | None = None, box: Box | None = None) -> Image:
    """Return c log(|x| + 1) with the sign of each intensity x, c = max |x| / log(max |x| + 1).

    Parameters
    ----------
    image : Image
        Intensities in any real type.
    largest : float, optional
        max |x| of the whole image, where it is known (``largest_magnitude``).
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        Double precision, in the unit of the image; 0 everywhere if the image is.
    """

    def response(x: Array, most: float) -> Array:
        xp = array_namespace(x)
        scale = most / float(np.log(most + 1.0)) if most else 1.0
        return xp.sign(x) * xp.log(xp.abs(x) + 1.0) * scale

    return _applied(image, response, name="logarithm", largest=largest, box=box)


def exponential(image: Image, *, largest: float | None = None, box: Box | None = None) -> Image:
    """Return exp(c x) with c = log(max |x|) / max |x| for each intensity x.

    Parameters
    ----------
    image : Image
        Intensities in any real type.
    largest : float, optional
        max |x| of the whole image, where it is known (``largest_magnitude``).
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        Double precision, in the unit of the image; 1 everywhere if the image is 0 everywhere.
    """

    def response(x: Array, most: float) -> Array:
        xp = array_namespace(x)
        return xp.exp(x * (float(np.log(most)) / most if most else 0.0))

    return _applied(image, response, name="exponential", largest=largest, box=box)


def _applied(
    image: Image,
    response: Callable[[Array, float], Array],
    *,
    name: str,
    largest: float | None,
    box: Box | None,
) -> Image:
    """Return ``response`` of the voxels in ``box`` and of the largest magnitude."""
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    voxels = xp.asarray(image.voxels[box], dtype=xp.float64)
    is_finite = xp.isfinite(voxels)
    if not bool(xp.all(is_finite)):
        voxels = xp.where(is_finite, voxels, xp.asarray(xp.nan, dtype=xp.float64))
    most = largest_magnitude(image) if largest is None else largest
    return replace(
        image,
        voxels=response(voxels, most),
        grid=image.grid.cropped(box),
        name=name,
        steps=(*image.steps, f"{name}, scaled to a largest magnitude of {most:g}"),
    )
