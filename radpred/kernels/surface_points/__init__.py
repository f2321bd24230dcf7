"""Find where a surface of level zero crosses the edges of a lattice, and its normals there."""

from __future__ import annotations

from radpred.backends import is_cupy
from radpred.image import Array, Triple
from radpred.kernels.surface_points import _numba, _numpy

__all__ = ["surface_points"]


def surface_points(level: Array, spacing: Triple) -> tuple[Array, Array]:
    """Return points of the surface of level zero and the outward unit normals there.

    Parameters
    ----------
    level : array
        Shape (z, y, x); below or at zero inside.
    spacing : tuple of float
        Distance between samples along z, y and x, in mm.

    Returns
    -------
    points : array
        Where edges of the lattice cross the surface, (n, 3) in mm from the first sample: first
        all on edges along z, then along y, then along x.
    normals : array
        Of length 1, (n, 3).
    """
    found = _numpy if is_cupy(level) else _numba
    return found.surface_points(level, spacing)
