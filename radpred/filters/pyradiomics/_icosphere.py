"""Points spread evenly on a sphere: an icosahedron whose edges are halved again and again."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from radpred.image import Array


def icosphere(*, radius: float = 1.0, subdivision: int = 1) -> Array:
    """Return the corners of an icosphere, shape (n, 3).

    They come in trimesh's order, so that sums over them round as PyRadiomics' do.

    Parameters
    ----------
    radius : float
        Distance of each corner from the centre.
    subdivision : int
        How often each triangle is cut into four, its new corners moved out to the sphere.

    Examples
    --------
    >>> [len(icosphere(subdivision=n)) for n in range(4)]
    [12, 42, 162, 642]
    """
    golden = (1 + 5**0.5) / 2
    short, long = (np.array([1.0, golden]) / np.sqrt(1 + golden**2)).tolist()
    corners = [(a, b, 0.0) for b in (long, -long) for a in (-short, short)]
    points = np.concatenate([np.roll(corners, shift, axis=1) for shift in range(3)])
    faces = _faces(points)
    for _ in range(subdivision):
        points, faces = _cut(points, faces)
        points = _moved_out(points, radius)
    return points if subdivision else _moved_out(points, radius)


def _moved_out(points: Array, radius: float) -> Array:
    """Return points moved along their direction to ``radius``."""
    length = np.sqrt((points**2).sum(axis=1))[:, None]
    return points + points / length * (radius - length)


def _faces(points: Array) -> list[tuple[int, int, int]]:
    """Return the triangles of an icosahedron: three corners, each nearest to the others."""
    distance = np.linalg.norm(points[:, None] - points, axis=-1)
    is_edge = distance < 1.5 * distance[distance > 0].min()
    return [
        (a, b, c)
        for a, b, c in combinations(range(len(points)), 3)
        if is_edge[a, b] and is_edge[b, c] and is_edge[a, c]
    ]


def _cut(
    points: Array, faces: list[tuple[int, int, int]]
) -> tuple[Array, list[tuple[int, int, int]]]:
    """Return the points with the middles of all edges, and four triangles for each one."""
    pairs = {pair for face in faces for pair in combinations(sorted(face), 2)}
    edges = sorted(pairs, key=lambda pair: pair[::-1])
    middle = {edge: len(points) + number for number, edge in enumerate(edges)}
    smaller = []
    for face in faces:
        a, b, c = sorted(face)
        ab, bc, ac = middle[a, b], middle[b, c], middle[a, c]
        smaller += [(a, ab, ac), (b, ab, bc), (c, ac, bc), (ab, bc, ac)]
    first, second = np.array(edges).T
    return np.concatenate([points, (points[first] + points[second]) / 2]), smaller
