"""Which voxels are neighbours: half of them, since the other half are their opposites."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np

from radpred.image import Array


def neighbour_offsets(distances: Sequence[int] = (1,), *, flat_axis: int | None = None) -> Array:
    """Return the steps (z, y, x) to half of the neighbours of a voxel.

    Parameters
    ----------
    distances : sequence of int
        How far neighbours lie, in voxels, along the axis where they lie farthest (Chebyshev).
    flat_axis : int, optional
        The axis along which none lies.

    Returns
    -------
    array of int, shape (n, 3)
        Those whose first step that is not 0 goes ahead; the nearest come first.

    Examples
    --------
    >>> neighbour_offsets(flat_axis=0).tolist()
    [[0, 0, 1], [0, 1, -1], [0, 1, 0], [0, 1, 1]]
    """
    return _offsets(tuple(sorted(set(distances))), flat_axis)


@cache
def _offsets(distances: tuple[int, ...], flat_axis: int | None) -> Array:
    """Return the steps as an array that nobody can change."""
    offsets = []
    for distance in distances:
        reach = [range(-distance, distance + 1)] * 3
        if flat_axis is not None:
            reach[flat_axis] = range(1)
        offsets += [
            step
            for step in product(*reach)
            if step > (0, 0, 0) and max(abs(s) for s in step) == distance
        ]
    steps = np.array(offsets, dtype=np.int64).reshape(-1, 3)
    steps.flags.writeable = False
    return steps


# The 13 directions of the 26-neighbourhood.
DIRECTIONS = neighbour_offsets()
