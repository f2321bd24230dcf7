"""The Laplacian of Gaussian as ITK's recursive filter computes it, by matrix products.

ITK smooths and differentiates along each axis with a recursion whose impulse response is a sum
of two damped waves (Deriche 1993; constants of Farnebäck and Westin, J Math Imaging Vis 26,
2006). The response is not quite a Gaussian, so a sampled kernel gives other values. Here the
same response fills a matrix for each axis, and the filter is one product an axis: no recursion
that runs voxel by voxel, the same code on a CPU and a GPU, and each axis is cut to the box before
the next one is filtered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radpred.backends import array_namespace
from radpred.filters._box import Box, along, whole
from radpred.filters._convolve import multiply_along
from radpred.image import Array, Image

Vector = np.ndarray[Any, np.dtype[np.float64]]

# Farnebäck and Westin's two waves: (cosine, sine) amplitudes, frequency, damping. The first pair
# of amplitudes is the Gaussian's, the second its second derivative's.
_WAVES = (
    ((1.3530, 1.8151), (-1.3563, 5.2318), 0.6681, -1.3932),
    ((-0.3531, 0.0902), (0.3446, -2.2355), 2.0787, -1.3732),
)
# exp(-1.3732 * 12) < 1e-7: beyond this many sigma a voxel no longer counts. Where sums run to
# infinity, they run to exp(-1.3732 * 40) < 1e-23.
_REACH, _INFINITY = 12.0, 40.0
_ROWS = 32


def laplacian_of_gaussian_name(sigma_mm: float) -> str:
    """Return the name of a response map, spelt as PyRadiomics spells it.

    Examples
    --------
    >>> laplacian_of_gaussian_name(1.5), laplacian_of_gaussian_name(3)
    ('log-sigma-1-5-mm-3D', 'log-sigma-3-mm-3D')
    """
    return f"log-sigma-{str(sigma_mm).replace('.', '-')}-mm-3D"


def laplacian_of_gaussian(image: Image, *, sigma_mm: float, box: Box | None = None) -> Image:
    """Return the scale-normalised Laplacian of Gaussian of an image.

    Equals ITK's ``LaplacianRecursiveGaussianImageFilter`` with ``NormalizeAcrossScale``, to its
    single precision. Beyond its border the image goes on with the border's voxels, as in ITK;
    so there is no smallest image.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are filtered in double precision.
    sigma_mm : float
        Width of the Gaussian in mm, the same along each axis whatever the spacing.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The response inside ``box``, in the unit of the image; float32, as ITK gives it.
    """
    box = box or whole(image)
    axes = [
        _Axis.of(part, size, sigma_mm / spacing)
        for part, size, spacing in zip(box, image.grid.shape, image.grid.spacing, strict=True)
    ]
    xp = array_namespace(image.voxels)
    smooth = xp.asarray(image.voxels[tuple(axis.read for axis in axes)], dtype=xp.float64)
    with np.errstate(invalid="ignore"):  # infinite voxels may meet; what they make is NaN
        response = _sum_of_curvatures(smooth, axes)
    return replace(
        image,
        voxels=xp.asarray(response, dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=laplacian_of_gaussian_name(sigma_mm),
        steps=(*image.steps, f"Laplacian of Gaussian, sigma {sigma_mm:g} mm"),
    )


def _sum_of_curvatures(smooth: Array, axes: list[_Axis]) -> Array:
    """Return the sum over axes of the second derivative along one, smoothed along the others."""
    response: Array | None = None
    for number, axis in enumerate(axes):
        curved = axis.second_derivative(smooth, number)
        response = curved if response is None else curved + axis.gaussian(response, number)
        if number < 2:
            smooth = axis.gaussian(smooth, number)
    return response


@dataclass(frozen=True, kw_only=True)
class _Axis:
    """One axis of the filter: what is wanted, what is read for it, and the width in voxels."""

    wanted: slice
    read: slice
    sigma: float

    @classmethod
    def of(cls, wanted: slice, size: int, sigma: float) -> _Axis:
        """Return the axis of a filter of width ``sigma`` (voxels) on ``size`` voxels."""
        reach = math.ceil(_REACH * sigma)
        read = slice(max(wanted.start - reach, 0), min(wanted.stop + reach, size))
        return cls(wanted=wanted, read=read, sigma=sigma)

    def gaussian(self, array: Array, number: int) -> Array:
        """Return ``array`` smoothed along axis ``number`` and cut to what is wanted."""
        return self._apply(_gaussian(self.sigma, self._n_taps), array, number)

    def second_derivative(self, array: Array, number: int) -> Array:
        """Return the second derivative along axis ``number``, cut to what is wanted."""
        return self._apply(_second_derivative(self.sigma, self._n_taps), array, number)

    @property
    def _n_taps(self) -> int:
        """Return how long a response is followed, in voxels."""
        return self.read.stop - self.read.start + math.ceil(_INFINITY * self.sigma) + 4

    def _apply(self, taps: Vector, array: Array, number: int) -> Array:
        """Return ``array`` filtered by symmetric ``taps`` (from the centre) along one axis."""
        xp = array_namespace(array)
        shape = list(array.shape)
        shape[number] = self.wanted.stop - self.wanted.start
        filtered = xp.empty(tuple(shape), dtype=xp.float64)
        reach = math.ceil(_REACH * self.sigma)
        # In blocks of rows, since far from the diagonal the matrix is 0.
        for start in range(self.wanted.start, self.wanted.stop, _ROWS):
            stop = min(start + _ROWS, self.wanted.stop)
            first = max(start - reach, self.read.start)
            last = min(stop + reach, self.read.stop)
            matrix = xp.asarray(_matrix(taps, range(start, stop), range(first, last)))
            source = array[along(number, first - self.read.start, last - self.read.start)]
            target = along(number, start - self.wanted.start, stop - self.wanted.start)
            multiply_along(matrix, source, number, into=filtered[target])
        return filtered


def _matrix(taps: Vector, rows: range, columns: range) -> Vector:
    """Return the weight of each read voxel (column) in each wanted voxel (row).

    The first and last column stand for everything beyond them too.
    """
    distance = np.abs(np.subtract.outer(np.asarray(rows), np.asarray(columns)))
    weights = taps[distance]
    beyond = np.flip(np.cumsum(np.flip(taps)))  # beyond[n]: the sum of taps n, n + 1, ...
    weights[:, 0] += beyond[distance[:, 0] + 1]
    weights[:, -1] += beyond[distance[:, -1] + 1]
    return weights


def _gaussian(sigma: float, n: int) -> Vector:
    """Return the smoothing response from its centre outwards; both sides sum to one."""
    taps = _waves(0, sigma, n)
    return taps / _both_sides(taps)


def _second_derivative(sigma: float, n: int) -> Vector:
    """Return the second derivative's response, normalised across scales.

    It gives 0 for a constant and, for half a square, sigma^2 (voxels), which makes scales
    comparable (Lindeberg 1998).
    """
    gaussian, taps = _waves(0, sigma, n), _waves(1, sigma, n)
    taps = taps - gaussian * (_both_sides(taps) / _both_sides(gaussian))
    return taps * (2.0 * sigma**2 / _both_sides(taps * np.arange(n) ** 2.0))


def _waves(which: int, sigma: float, n: int) -> Vector:
    """Return the sum of the damped waves at 0, 1, ... ``n`` - 1 voxels from the centre."""
    x = np.arange(n) / sigma
    total = np.zeros(n)
    for *amplitudes, frequency, damping in _WAVES:
        cosine, sine = amplitudes[which]
        wave = cosine * np.cos(frequency * x) + sine * np.sin(frequency * x)
        total += wave * np.exp(damping * x)
    return total


def _both_sides(taps: Vector) -> float:
    """Return the sum of a symmetric response given from its centre outwards."""
    return float(2.0 * taps.sum() - taps[0])
