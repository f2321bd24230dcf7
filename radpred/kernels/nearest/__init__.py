"""Find for each of many places the nearest of many points: a k-d tree, on the host or a device."""

from __future__ import annotations

from typing import Any

import scipy

from radpred.backends import array_namespace, is_cupy
from radpred.image import Array

__all__ = ["nearest_points"]


def nearest_points(points: Array, places: Array) -> tuple[Array, Array]:
    """Return the distance of each place to the nearest point, and which point that is.

    Parameters
    ----------
    points : array of float, shape (n, 3)
        At least one. Of several that are as near, a device may take another than the host.
    places : array of float, shape (m, 3)
        Where distances are wanted.
    """
    xp = array_namespace(points)
    distance, index = _tree(xp.ascontiguousarray(points)).query(xp.ascontiguousarray(places))
    return distance, index


def _tree(points: Array) -> Any:
    """Return the tree of some points."""
    if is_cupy(points):
        from cupyx.scipy.spatial import KDTree

        return KDTree(points)
    # Measured on spheres: the unbalanced tree answers twice as fast.
    return scipy.spatial.cKDTree(points, balanced_tree=False, compact_nodes=False)
