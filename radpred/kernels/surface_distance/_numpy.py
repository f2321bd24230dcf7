"""The reference, and the variant for a device: a k-d tree finds the nearest point of a sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radpred.backends import array_namespace, ndimage_of
from radpred.image import Array, Triple
from radpred.kernels.nearest import nearest_points


class Samples(NamedTuple):
    """Where the samples of a lattice lie.

    Parameters
    ----------
    shape : tuple of int
        Number of samples along z, y and x.
    first : tuple of int
        How many samples lie before sample (0, 0, 0), from which points are measured.
    spacing : tuple of float
        Distance between samples, in mm.
    """

    shape: tuple[int, int, int]
    first: tuple[int, int, int]
    spacing: Triple


def surface_distances(
    points: Array,
    normals: Array,
    inside: Array,
    samples: Samples,
    *,
    reach_mm: float,
    sampling_offset: float,
) -> Array:
    """Return the distance of samples outside to the surface, infinite elsewhere."""
    xp = array_namespace(points)
    wanted = ~inside
    places = (xp.argwhere(wanted) - xp.asarray(samples.first)) * xp.asarray(samples.spacing)
    straight, nearest = nearest_points(points, places)
    distance = xp.full(samples.shape, np.inf)
    distance[wanted] = xp.where(
        straight <= reach_mm,
        xp.abs(
            along_normals(
                places, points[nearest], normals[nearest], sampling_offset=sampling_offset
            )
        ),
        np.inf,
    )
    return distance


def distances_to_other(samples: Array, spacing: Triple) -> Array:
    """Return the distance of each sample to the nearest of the other kind, in mm."""
    ndimage = ndimage_of(samples)
    outside = ndimage.distance_transform_edt(~samples, sampling=spacing)
    return outside + ndimage.distance_transform_edt(samples, sampling=spacing)


def distances_at_centres(body: Array, factors: tuple[int, int, int], spacing: Triple) -> Array:
    """Return the signed distance of voxel centres to the faces, as samples around them have it."""
    samples = repeated(body, factors)
    return at_centres(signed(distances_to_other(samples, spacing), samples, spacing), factors)


def signed(other: Array, samples: Array, spacing: Triple) -> Array:
    """Return distances to the faces, negative inside, from those to samples of the other kind."""
    half = min(spacing) / 2
    return array_namespace(samples).where(samples, half - other, other - half)


def repeated(voxels: Array, factors: tuple[int, int, int]) -> Array:
    """Return each voxel's value at all its samples, as many along each axis."""
    xp = array_namespace(voxels)
    for axis, factor in enumerate(factors):
        voxels = xp.repeat(voxels, factor, axis=axis) if factor > 1 else voxels
    return voxels


def at_centres(samples: Array, factors: tuple[int, int, int]) -> Array:
    """Return the samples at the voxels' centres, of two neighbours the mean."""
    xp = array_namespace(samples)
    for axis, factor in enumerate(factors):
        if factor == 1:
            continue
        low, high = (xp.arange(s, samples.shape[axis], factor) for s in middle(factor))
        samples = (samples.take(low, axis=axis) + samples.take(high, axis=axis)) / 2
    return samples


def middle(factor: int) -> tuple[int, int]:
    """Return the one or two middle samples of ``factor``."""
    return (factor - 1) // 2, factor // 2


def along_normals(places: Array, points: Array, normals: Array, *, sampling_offset: float) -> Array:
    """Return the distance of places to the surface, of which the nearest point is known.

    Parameters
    ----------
    places, points, normals : array, shape (n, 3)
        In mm; for each place the nearest point and the normal there.
    sampling_offset : float
        How far a point may lie beside the foot of the perpendicular, in mm.

    Returns
    -------
    array, shape (n,)
        In mm, negative behind the surface.
    """
    xp = array_namespace(points)
    apart = places - points
    straight = (apart**2).sum(axis=1)
    along = (apart * normals).sum(axis=1)
    # The nearest point lies a little beside the foot of the perpendicular, because the surface
    # is sampled; that much of the sideways part is taken out. At an edge it is larger, and real.
    beside = xp.minimum(xp.maximum(straight - along**2, 0.0), sampling_offset**2)
    distance = xp.sqrt(straight - beside)
    return xp.where(along < 0, -distance, distance)
