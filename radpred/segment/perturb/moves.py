"""A region moved, turned, grown or shrunk: its surface moves, between voxels too."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from radpred.image import Array, Grid, Triple
from radpred.surface import (
    Lattice,
    distance_to_faces,
    distances_to,
    filled_fraction,
    level_of,
    surface_points,
)

NEAR = 2.0  # samples on either side in which distances are looked at closely
_LEAST = 1e-6  # of a voxel: how far a centre lies from the surface at least
_ROUNDING = 1e-9  # of a voxel: a move by whole voxels lands on voxels


def signed_distance(voxels: Array, spacing: Triple) -> Array:
    """Return the distance of voxel centres to the region's smooth surface, negative inside.

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region, with `MARGIN` voxels of background on every side.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.

    Returns
    -------
    array
        In mm, exact near the surface; below zero in the region and above zero outside, also
        where the smooth surface cuts a corner.
    """
    lattice = Lattice.within(spacing)
    level = lattice.at_centres(level_of(voxels, lattice))
    least = _LEAST * min(spacing)
    return np.where(voxels, np.minimum(level, -least), np.maximum(level, least))


def moved(voxels: Array, grid: Grid, *, turn: Array, offset_mm: Array) -> Array:
    """Return a region turned about its centre of mass and moved; the number of voxels stays.

    The signed distance to its surface is moved, linearly interpolated (shape-based interpolation:
    Raya and Udupa, IEEE Trans Med Imaging 1990;9:32-42), and cut where it holds as many voxels.

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region, with `MARGIN` voxels and room to move on every side.
    grid : Grid
        Where the voxels lie.
    turn : array, shape (3, 3)
        A rotation, of (x, y, z) in LPS.
    offset_mm : array, shape (3,)
        Where to, (x, y, z) in LPS.
    """
    level = signed_distance(voxels, grid.spacing)
    # From an index (z, y, x) to a place (x, y, z) in mm, and back to where that came from.
    axes = np.reshape(grid.direction, (3, 3))[:, ::-1] * np.asarray(grid.spacing)
    back = np.linalg.inv(axes) @ np.asarray(turn).T
    centre = np.argwhere(voxels).mean(axis=0)
    matrix = back @ axes
    source = centre - matrix @ centre - back @ np.asarray(offset_mm)
    if np.abs(matrix - np.eye(3)).max() < _ROUNDING:
        matrix, source = np.eye(3), _settled(source)
    there = ndimage.affine_transform(level, matrix, source, order=1, mode="nearest")
    return _lowest(there, int(voxels.sum()))


def grown(voxels: Array, spacing: Triple, *, growth_mm: float) -> Array:
    """Return a region whose smooth surface moved outwards by a distance in mm.

    The surface is found between the voxels (`radpred.surface`). As many voxels are taken as fill
    the volume within the distance of it, the nearest first. All of a region stay where it grows,
    and none join where it shrinks.

    Parameters
    ----------
    voxels : array of bool, shape (z, y, x)
        The region, with `MARGIN` voxels and the growth of background on every side.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    growth_mm : float
        Below zero inwards; then nothing may be left.
    """
    if growth_mm == 0:
        return voxels
    lattice = Lattice.within(spacing)
    distance = _distance(level_of(voxels, lattice), lattice.spacing, exact_at_mm=growth_mm)
    filled = filled_fraction(distance, below_mm=growth_mm, step=min(lattice.spacing))
    n_voxels, n_before = round(float(filled.sum()) / lattice.n_samples), int(voxels.sum())
    centres = lattice.at_centres(distance)
    if growth_mm > 0:
        return _lowest(np.where(voxels, -np.inf, centres), max(n_voxels, n_before))
    return _lowest(np.where(voxels, centres, np.inf), min(n_voxels, n_before))


def _distance(level: Array, spacing: Triple, *, exact_at_mm: float) -> Array:
    """Return the distance of samples to the surface of level zero, exact near one distance."""
    distance = distance_to_faces(level <= 0, spacing)
    near = np.abs(distance - exact_at_mm) <= NEAR * max(spacing)
    points, normals = surface_points(level, spacing)
    if near.any() and len(points):
        places = np.argwhere(near) * np.asarray(spacing)
        distance[near] = distances_to(places, points, normals, spacing=spacing)
    return distance


def _lowest(level: Array, n_voxels: int) -> Array:
    """Return the voxels of the lowest level, of equals the first; none of none."""
    if n_voxels == 0:
        return np.zeros(level.shape, dtype=bool)
    flat = level.ravel()
    limit = np.partition(flat, n_voxels - 1)[n_voxels - 1]
    chosen = flat < limit
    equals = np.flatnonzero(flat == limit)
    chosen[equals[: n_voxels - int(chosen.sum())]] = True
    return chosen.reshape(level.shape)


def _settled(index: Array) -> Array:
    """Return an offset in voxels without the rounding errors of whole ones."""
    whole = np.rint(index)
    return np.where(np.abs(index - whole) < _ROUNDING, whole, index)
