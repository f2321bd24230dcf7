"""Find how far the samples of a lattice lie from a surface that crosses the lattice's edges."""

from __future__ import annotations

from radpred.backends import is_cupy
from radpred.image import Array, Triple
from radpred.kernels.surface_distance import _numba, _numpy
from radpred.kernels.surface_distance._numpy import (
    Samples,
    along_normals,
    at_centres,
    repeated,
    signed,
)

__all__ = [
    "Samples",
    "along_normals",
    "at_centres",
    "distances_at_centres",
    "distances_to_other",
    "repeated",
    "signed",
    "surface_distances",
]


def surface_distances(
    points: Array,
    normals: Array,
    inside: Array,
    samples: Samples,
    *,
    reach_mm: float,
    sampling_offset: float,
) -> Array:
    """Return the distance of samples outside a surface to it, in mm.

    Parameters
    ----------
    points : array, shape (n, 3)
        Where the surface crosses edges of the lattice, in mm from sample (0, 0, 0): first all on
        edges along z, then along y, then along x. At least one.
    normals : array, shape (n, 3)
        The outward unit normals there.
    inside : array of bool
        The samples that need no distance, shape ``samples.shape``.
    samples : Samples
        Where the samples lie.
    reach_mm : float
        How far out distances are wanted.
    sampling_offset : float
        How far a point may lie beside the foot of the perpendicular, in mm; see `along_normals`.

    Returns
    -------
    array
        Shape ``samples.shape``; infinite inside and beyond the reach.
    """
    found = _numpy if is_cupy(points) else _numba
    return found.surface_distances(
        points, normals, inside, samples, reach_mm=reach_mm, sampling_offset=sampling_offset
    )


def distances_to_other(samples: Array, spacing: Triple) -> Array:
    """Return the distance of each sample to the nearest one of the other kind, in mm.

    Parameters
    ----------
    samples : array of bool, shape (z, y, x)
        Of both kinds.
    spacing : tuple of float
        Distance between samples along z, y and x, in mm.
    """
    found = _numpy if is_cupy(samples) else _numba
    return found.distances_to_other(samples, spacing)


def distances_at_centres(body: Array, factors: tuple[int, int, int], spacing: Triple) -> Array:
    """Return the distance of voxel centres to the faces of a body, in mm, negative inside.

    Parameters
    ----------
    body : array of bool, shape (z, y, x)
        With background on every side.
    factors : tuple of int
        Samples in a voxel along z, y and x: the middle one counts, or the mean of two.
    spacing : tuple of float
        Distance between samples along z, y and x, in mm.
    """
    found = _numpy if is_cupy(body) else _numba
    return found.distances_at_centres(body, factors, spacing)
