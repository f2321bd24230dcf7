"""The reference: the plain sweep of a region, cube by cube."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from radpred.image import Array
from radpred.kernels.size_zone import _numpy as size_zone
from radpred.kernels.texture_sweep import Walk
from radpred.kernels.texture_sweep import _numpy as texture_sweep

WHAT = ("levels", "pairs", "runs", "zones", "around")


@dataclass(frozen=True, kw_only=True, eq=False)
class NeighbourhoodCounts:
    """What was counted around each of n centres; levels are positions in the list of levels.

    Parameters
    ----------
    pairs, runs, zones, dependences : array of int, shape (n_cells, 4)
        Rows (matrix, first, second, count) sorted by matrix. Pairs and runs have a matrix for
        each direction, ``centre * n_directions + direction``, zones and dependences one for each
        centre. First is a level, second a level, a length, a size or a dependence (from 1 on).
    level_voxels : array of int, shape (n, n_levels)
        Voxels of each level.
    level_differences : array of float, shape (n, n_levels)
        Summed differences of each level from its neighbourhood.
    """

    pairs: Array
    runs: Array
    zones: Array
    dependences: Array
    level_voxels: Array
    level_differences: Array


def cube(levels: Array, centre: Array, radius: int, flat_axis: int | None) -> Array:
    """Return the part of the cube around a voxel that lies in the array."""
    reach = [0 if axis == flat_axis else radius for axis in range(3)]
    return levels[
        tuple(slice(max(c - r, 0), c + r + 1) for c, r in zip(centre, reach, strict=True))
    ]


def count_neighbourhoods(
    levels: Array,
    grey_levels: Array,
    centres: Array,
    *,
    radius: int,
    walk: Walk,
    flat_axis: int | None = None,
    what: Collection[str] = WHAT,
) -> NeighbourhoodCounts:
    """Count in one cube after the other."""
    pairs, runs, zones, dependences = ([np.zeros((0, 4), dtype=np.int64)] for _ in range(4))
    n_pairs, n_runs = (1, 1) if walk.is_merged else (len(walk.offsets), len(walk.lines))
    voxels = np.zeros((len(centres), grey_levels.size), dtype=np.int64)
    differences = np.zeros((len(centres), grey_levels.size))
    for number, centre in enumerate(centres):
        part = cube(levels, centre, radius, flat_axis)
        if "levels" in what:
            voxels[number] = np.bincount(part[part > 0] - 1, minlength=grey_levels.size)
        found = texture_sweep.sweep(part, grey_levels, walk)
        if "pairs" in what:
            pairs.append(found.pairs + np.array([number * n_pairs, 0, 0, 0]))
        if "runs" in what:
            runs.append(found.runs + np.array([number * n_runs, 0, 0, 0]))
        if "zones" in what:
            sizes = size_zone.find_zones(part, flat_axis)
            cells, count = np.unique(sizes - [1, 0], axis=0, return_counts=True)
            zones.append(np.column_stack([np.full(len(cells), number), cells, count]))
        if "around" in what:
            level, near = np.nonzero(found.dependence)
            count = found.dependence[level, near]
            dependences.append(
                np.column_stack([np.full(level.size, number), level, near + 1, count])
            )
            differences[number] = found.difference
    return NeighbourhoodCounts(
        pairs=np.concatenate(pairs),
        runs=np.concatenate(runs),
        zones=np.concatenate(zones),
        dependences=np.concatenate(dependences),
        level_voxels=voxels,
        level_differences=differences,
    )
