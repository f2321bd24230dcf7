"""The triangles of the 256 kinds of cells, derived instead of listed.

Corner ``4 z + 2 y + x`` of a cell is bit ``4 z + 2 y + x`` of its kind, set where the corner lies
in the region. Three rules give the surface that PyRadiomics measures:

1. A kind and its complement share one surface. The one without corner (1, 1, 0) decides: on a
   face with two opposite corners in the region, each of the two is cut off on its own.
2. The crossed edges of a cell form closed polygons through the edge midpoints; each polygon is a
   fan of triangles.
3. Polygons of 3, 4 or 6 coplanar points need no choice of apex. The others fan from a point that
   faces its antipode across the cell's centre, and a heptagon, which holds two such pairs, from
   its only point on an edge of that direction.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from radpred.image import Array, Triple

Edge = tuple[int, int]

_DECIDING_CORNER = 6  # (z, y, x) = (1, 1, 0)
_CORNERS = np.array([(corner >> 2 & 1, corner >> 1 & 1, corner & 1) for corner in range(8)])


def cell_measures(spacing: Triple) -> tuple[Array, Array, Array]:
    """Return area (256,), volume (256,) and summed normal (256, 3) of each kind of cell.

    A triangle's normal points out of the region and is as long as the triangle's area; volumes
    are signed tetrahedra towards the cell's first corner.
    """
    kind, half, volume, normal = _unit_measures()
    z, y, x = spacing
    across = np.array([y * x, z * x, z * y])
    area = np.bincount(kind, np.linalg.norm(half * across, axis=1), 256)
    return area, volume * (z * y * x), normal * across


@cache
def _unit_measures() -> tuple[Array, Array, Array, Array]:
    """Return kind and normal of each triangle, and volume and normal of each kind, in cells."""
    kind, points = _triangles()
    a, b, c = np.moveaxis(points, 1, 0)
    half = np.cross(b - a, c - a) / 2
    volume = np.bincount(kind, np.einsum("ij,ij->i", np.cross(a, b), c) / 6, 256)
    normal = np.stack([np.bincount(kind, half[:, axis], 256) for axis in range(3)], axis=1)
    return kind, half, volume, normal


@cache
def _triangles() -> tuple[Array, Array]:
    """Return the kind (n,) and the points (n, 3, 3), in cell units, of all triangles."""
    kinds, points = [], []
    for kind in range(256):
        flipped = bool(kind >> _DECIDING_CORNER & 1)
        for polygon in _polygons(kind ^ 255 if flipped else kind):
            for triangle in _fan(polygon[::-1] if flipped else polygon):
                kinds.append(kind)
                points.append([_CORNERS[list(edge)].mean(axis=0) for edge in triangle])
    return np.array(kinds), np.array(points)


def _polygons(kind: int) -> list[list[Edge]]:
    """Return the closed chains of crossed edges of one kind of cell."""
    following: dict[Edge, Edge] = {}
    for face in _faces():
        inside = [bool(kind >> corner & 1) for corner in face]
        if all(inside):
            continue
        for k in range(4):
            if inside[k] and not inside[k - 1]:
                last = k
                while inside[(last + 1) % 4]:
                    last += 1
                entering = _edge(face[k - 1], face[k])
                following[entering] = _edge(face[last % 4], face[(last + 1) % 4])
    chains = []
    while following:
        chain = [min(following)]
        while (edge := following.pop(chain[-1])) != chain[0]:
            chain.append(edge)
        chains.append(chain)
    return chains


def _faces() -> list[list[int]]:
    """Return the six faces' corners, counter-clockwise seen from outside."""
    faces = []
    for across, first, second in ((4, 2, 1), (2, 1, 4), (1, 4, 2)):
        around = [0, first, first + second, second]
        faces.append(around[::-1])
        faces.append([across + corner for corner in around])
    return faces


def _edge(corner: int, other: int) -> Edge:
    """Return the edge between two corners."""
    return min(corner, other), max(corner, other)


def _fan(polygon: list[Edge]) -> list[tuple[Edge, Edge, Edge]]:
    """Return the triangles of a polygon, all from one apex."""
    start = polygon.index(_apex(polygon))
    turned = polygon[start:] + polygon[:start]
    return [(turned[0], turned[k], turned[k + 1]) for k in range(1, len(turned) - 1)]


def _apex(polygon: list[Edge]) -> Edge:
    """Return the point from which a polygon's triangles fan (rule 3)."""
    if len(polygon) == 7:
        directions = [a ^ b for a, b in polygon]
        return next(e for e, d in zip(polygon, directions, strict=True) if directions.count(d) == 1)
    facing = [edge for edge in polygon if _edge(7 - edge[0], 7 - edge[1]) in polygon]
    return min(facing, default=polygon[0])
