"""Local binary patterns on spheres that do not change when turned (Banerjee et al. 2013).

Which points of a sphere around a voxel are at least as bright as the voxel makes a function of 0
and 1 on the sphere. Its size in each degree of spherical harmonics is a response, and so is the
kurtosis of the intensities themselves.

As PyRadiomics has it: the sphere counts voxels, whatever the spacing, and its axes are those of
the array; the harmonics take their two angles in exchanged roles; and their products are not
conjugated, which leaves the responses real.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import scipy

from radpred.backends import array_namespace, to_host
from radpred.filters._box import whole
from radpred.filters.pyradiomics._icosphere import icosphere
from radpred.image import Array, Box, Image
from radpred.kernels.shifted_samples import samples_window, shifted_samples
from radpred.preprocess.non_finite import bridged

Matrix = np.ndarray[Any, np.dtype[np.float64]]

_WHOLE = "iu"  # kinds of whole numbers
# Patterns that are alike but turned have one response; rounding errors shall not part them.
_ROUNDING = 2.0**-33


def local_binary_pattern_3d_names(*, levels: int = 2) -> tuple[str, ...]:
    """Return the names of the responses, as PyRadiomics has them.

    Examples
    --------
    >>> local_binary_pattern_3d_names()
    ('lbp-3D-m1', 'lbp-3D-m2', 'lbp-3D-k')
    """
    return (*(f"lbp-3D-m{level}" for level in range(1, levels + 1)), "lbp-3D-k")


def local_binary_pattern_3d(
    image: Image,
    *,
    levels: int = 2,
    icosphere_radius: float = 1.0,
    icosphere_subdivision: int = 1,
    box: Box | None = None,
) -> Iterator[Image]:
    """Yield the local binary patterns of every voxel, one degree after the other, then kurtosis.

    Points between voxels are interpolated by cubic splines and rounded to the image's type; beyond
    the centres of its border voxels the image is 0.

    Parameters
    ----------
    image : Image
        Intensities in any real type.
    levels : int
        Number of degrees of spherical harmonics, from 0 on.
    icosphere_radius : float
        Of the sphere, in voxels.
    icosphere_subdivision : int
        How often each triangle of an icosahedron is cut into four: 12 points, then 42, 162, ...
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Yields
    ------
    Image
        The response inside ``box``, named as in ``local_binary_pattern_3d_names``; NaN where a
        voxel that is not finite counts, and for kurtosis where all points are alike.
    """
    box = box or whole(image)
    shifts = icosphere(radius=icosphere_radius, subdivision=icosphere_subdivision)
    voxels, spoilt = _without_gaps(image, shifts, box)
    parts = zip(*_in_runs(voxels, shifts, box, levels), strict=True)
    xp = array_namespace(voxels)
    for name, runs in zip(local_binary_pattern_3d_names(levels=levels), parts, strict=True):
        response = xp.concatenate(runs, axis=0)
        if spoilt is not None:
            response = xp.where(xp.asarray(spoilt), xp.asarray(xp.nan), response)
        yield replace(
            image,
            voxels=response,
            grid=image.grid.cropped(box),
            name=name,
            steps=(*image.steps, f"local binary pattern, radius {icosphere_radius:g} voxels"),
        )


def _without_gaps(image: Image, shifts: Array, box: Box) -> tuple[Array, Array | None]:
    """Return finite voxels, and where in ``box`` a response depends on one that was not."""
    voxels = image.voxels
    xp = array_namespace(voxels)
    window = samples_window(voxels, shifts, box=box)
    if bool(xp.all(xp.isfinite(voxels[window]))):
        return voxels, None
    part = to_host(voxels[window])
    filled, gaps = np.zeros_like(part), np.ones(part.shape, dtype=bool)
    if np.isfinite(part).any():
        filled, gaps = bridged(part, spacing=image.grid.spacing)
    voxels = voxels.copy()
    voxels[window] = xp.asarray(filled)
    reach = math.floor(np.abs(shifts).max()) + 2  # of a spline of order 3 around a point
    spoilt = scipy.ndimage.maximum_filter(gaps, size=2 * reach + 1, mode="constant")
    inside = tuple(
        slice(part.start - read.start, part.stop - read.start)
        for part, read in zip(box, window, strict=True)
    )
    return voxels, spoilt[inside]


def _in_runs(voxels: Array, shifts: Array, box: Box, levels: int) -> Iterator[list[Array]]:
    """Yield every response for one run of slices after the other."""
    xp = array_namespace(voxels)
    by_count = xp.asarray(_of_degree_0(len(shifts)))
    projections = [xp.asarray(part) for part in _projections(shifts, levels)]
    for run, samples in shifted_samples(voxels, shifts, box=box):
        slices = slice(box[0].start + run.start, box[0].start + run.stop)
        samples = _as_type(samples, voxels.dtype)
        is_bright = samples >= voxels[slices, box[1], box[2]][..., None]
        bits = xp.asarray(is_bright, dtype=xp.float64)
        count = xp.sum(xp.asarray(is_bright, dtype=xp.int64), axis=-1)
        responses = [xp.reshape(xp.take(by_count, xp.reshape(count, (-1,))), count.shape)]
        for projection in projections:
            part = xp.matmul(bits, projection)
            length = xp.sqrt(xp.sum(part * part, axis=-1))
            responses.append(xp.round(length / _ROUNDING) * _ROUNDING)
        yield [*responses, xp.asarray(_kurtosis(samples), dtype=xp.float64)]


def _of_degree_0(n_points: int) -> Matrix:
    """Return the response of degree 0 for each number of bright points, from none to all.

    Sums run one after the other, as in PyRadiomics: so few values lie on the edges of bins.
    """
    harmonic = float(scipy.special.sph_harm_y(0, 0, 0.0, 0.0).real)
    coefficient = np.cumsum([0.0] + [harmonic] * n_points)
    squares = np.repeat((coefficient * harmonic)[:, None] ** 2, n_points, axis=1)
    total = np.cumsum(squares, axis=1)[:, -1]
    return np.sqrt(total.astype(complex)).real


def _projections(shifts: Matrix, levels: int) -> Iterator[Matrix]:
    """Yield for each degree from 1 on the matrix whose product with bits has the response's length.

    The response is the length of A f, f the bits on the n points and A the products of the
    harmonics of one degree, summed over its orders: symmetric, and of rank 2 degree + 1.
    """
    first, second, third = (shifts / np.linalg.norm(shifts, axis=1)[:, None]).T
    polar, azimuth = np.arctan2(second, first), np.arccos(np.clip(third, -1.0, 1.0))
    for degree in range(1, levels):
        orders = range(-degree, degree + 1)
        harmonics = np.stack(
            [scipy.special.sph_harm_y(degree, m, polar, azimuth) for m in orders], axis=1
        )
        values, vectors = np.linalg.eigh((harmonics @ harmonics.T).real)
        largest = np.argsort(np.abs(values))[-len(orders) :]
        yield vectors[:, largest] * values[largest]


def _as_type(samples: Array, dtype: Any) -> Array:
    """Return samples as an image of this type holds them: whole numbers rounded, halves away."""
    xp = array_namespace(samples)
    if dtype.kind not in _WHOLE:
        return xp.asarray(samples, dtype=dtype)
    limits = xp.iinfo(dtype)
    rounded = xp.trunc(samples + xp.where(samples > 0, 0.5, -0.5))
    return xp.asarray(xp.clip(rounded, limits.min, limits.max), dtype=dtype)


def _kurtosis(samples: Array) -> Array:
    """Return the excess kurtosis along the last axis, NaN where rounding is all that varies."""
    xp = array_namespace(samples)
    if samples.dtype.kind in _WHOLE:
        samples = xp.asarray(samples, dtype=xp.float64)
    mean = xp.mean(samples, axis=-1, keepdims=True)
    squares = (samples - mean) ** 2
    second, fourth = xp.mean(squares, axis=-1), xp.mean(squares**2, axis=-1)
    varies = second > (xp.finfo(samples.dtype).eps * mean[..., 0]) ** 2
    ratio = fourth / xp.where(varies, second, xp.ones_like(second)) ** 2
    return xp.where(varies, ratio - 3, xp.full_like(ratio, xp.nan))
