"""The solids that a region's form is held against: its convex hull, and its ellipsoid."""

from __future__ import annotations

import math

import numpy as np
import scipy

from radpred.image import Array, Triple

# Where IBSI ends the series of an ellipsoid's area (RDD2).
_HIGHEST_DEGREE = 20


def hull_area_and_volume(mask: Array, *, spacing: Triple) -> tuple[float, float]:
    """Return the area in mm2 and the volume in mm3 of the convex hull of a region's mesh.

    Parameters
    ----------
    mask : array of bool, shape (z, y, x)
        The region, not empty.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    """
    hull = scipy.spatial.ConvexHull(_outermost(mask) * (np.asarray(spacing) / 2))
    return float(hull.area), float(hull.volume)


def _outermost(mask: Array) -> Array:
    """Return the first and the last mesh point of each line along x, as twice their index.

    Mesh points are the midpoints of edges between the region and the rest; corners of the hull
    are the ends of the lines that hold them.
    """
    padded = np.pad(mask, 1)
    points = []
    for axis in range(3):
        crossed = np.diff(padded, axis=axis)
        z, y = np.nonzero(crossed.any(axis=2))
        lines = crossed[z, y]
        last = lines.shape[1] - 1 - lines[:, ::-1].argmax(axis=1)
        for x in (lines.argmax(axis=1), last):
            found = 2 * np.stack([z, y, x], axis=1)
            found[:, axis] += 1
            points.append(found)
    return np.concatenate(points)


def ellipsoid_area(a: float, b: float, c: float) -> float:
    """Return the area of an ellipsoid of semi-axes a >= b >= c as IBSI has it (RDD2).

    IBSI's series takes the eccentricities b / a and c / a, and its values are those of this
    series; with c / a and c / b it would give the area, from which it is off by some percent.
    """
    alpha_square, beta_square = 1 - (b / a) ** 2, 1 - (c / a) ** 2
    product, middle = alpha_square * beta_square, (alpha_square + beta_square) / 2
    # Legendre polynomials times (alpha beta) to their degree, by their recurrence: that has no
    # division by alpha or beta, which are 0 where axes are alike.
    before, term = 0.0, 1.0
    total = 0.0
    for degree in range(_HIGHEST_DEGREE + 1):
        total += term / (1 - 4 * degree**2)
        following = ((2 * degree + 1) * middle * term - degree * product * before) / (degree + 1)
        before, term = term, following
    return 4 * math.pi * a * b * total
