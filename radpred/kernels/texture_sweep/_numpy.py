"""The reference: shifted copies of the level array, and only what occurs is stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.image import Array

# Half of the 26 neighbours, (z, y, x); the other half are their opposites.
DIRECTIONS = np.array(
    [
        (dz, dy, dx)
        for dz in (0, 1)
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
        if (dz, dy, dx) > (0, 0, 0)
    ]
)


@dataclass(frozen=True, kw_only=True, eq=False)
class TextureCounts:
    """What one sweep found; levels are positions in the list of grey levels.

    Parameters
    ----------
    pairs : array of int, shape (n_pairs, 4)
        Rows (direction, lower level, higher level, count), sorted by direction; a pair of
        neighbours counts once.
    runs : array of int, shape (n_runs, 4)
        Rows (direction, level, run length, count), sorted by direction. A direction in which no
        line holds two voxels of the region is left out, as PyRadiomics does.
    dependence : array of int, shape (n_levels, 27)
        Voxels by level and by number of neighbours (0 to 26) of the same level.
    difference : array of float, shape (n_levels,)
        Sum over a level's voxels of |grey level - mean grey level of the neighbours|; a voxel
        without neighbours adds 0.
    """

    pairs: Array
    runs: Array
    dependence: Array
    difference: Array

    @property
    def voxels(self) -> Array:
        """Return the number of voxels of each level."""
        return self.dependence.sum(axis=1)


def sweep(levels: Array, grey_levels: Array) -> TextureCounts:
    """Count by comparing the level array with itself, shifted."""
    padded = np.pad(levels, 1)
    pairs = [_pairs(padded, d) for d in range(len(DIRECTIONS))]
    runs = [
        _runs(padded, d)
        for d, offset in enumerate(DIRECTIONS)
        if len(pairs[d]) or has_shared_line(levels, offset)
    ]
    dependence, difference = _neighbourhood(padded, grey_levels)
    return TextureCounts(
        pairs=np.concatenate(pairs),
        runs=np.concatenate(runs or [np.zeros((0, 4), dtype=np.int64)]),
        dependence=dependence,
        difference=difference,
    )


def has_shared_line(levels: Array, offset: Array) -> bool:
    """Tell whether any line along ``offset`` holds two voxels of the region, near or far."""
    position = np.argwhere(levels > 0)
    axis = int(np.flatnonzero(offset)[0])
    steps = position[:, axis, None] * offset[axis]
    return len(np.unique(position - steps * offset, axis=0)) < len(position)


def _ahead(padded: Array, offset: Array) -> Array:
    """Return, at each voxel, the level one step ahead; the padding keeps the wrap harmless."""
    return np.roll(padded, tuple(-offset), axis=(0, 1, 2))


def _pairs(padded: Array, direction: int) -> Array:
    """Return rows (direction, lower level, higher level, count) of one direction."""
    ahead = _ahead(padded, DIRECTIONS[direction])
    both = (padded > 0) & (ahead > 0)
    here, there = padded[both] - 1, ahead[both] - 1
    return _tally(direction, np.minimum(here, there), np.maximum(here, there))


def _runs(padded: Array, direction: int) -> Array:
    """Return rows (direction, level, run length, count) of one direction."""
    offset = DIRECTIONS[direction]
    behind = _ahead(padded, -offset)
    flat = padded.ravel()
    start = np.flatnonzero((padded > 0) & (behind != padded))
    step = int(offset @ (padded.shape[1] * padded.shape[2], padded.shape[2], 1))
    length = np.ones(len(start), dtype=np.int64)
    alive = np.arange(len(start))
    while len(alive):
        ahead = flat[start[alive] + length[alive] * step]
        alive = alive[ahead == flat[start[alive]]]
        length[alive] += 1
    return _tally(direction, flat[start] - 1, length)


def _tally(direction: int, first: Array, second: Array) -> Array:
    """Return rows (direction, first, second, count) of what occurs, sorted."""
    width = int(second.max(initial=0)) + 1
    found, count = np.unique(first.astype(np.int64) * width + second, return_counts=True)
    return np.column_stack([np.full_like(found, direction), found // width, found % width, count])


def _neighbourhood(padded: Array, grey_levels: Array) -> tuple[Array, Array]:
    """Return dependence counts and summed differences over the 26 neighbours."""
    inside = padded > 0
    value = np.concatenate([[0.0], grey_levels])[padded]
    same = np.zeros(padded.shape, dtype=np.int64)
    total = np.zeros(padded.shape)
    near = np.zeros(padded.shape, dtype=np.int64)
    for offset in np.concatenate([DIRECTIONS, -DIRECTIONS]):
        ahead = _ahead(padded, offset)
        same += inside & (ahead == padded)
        near += ahead > 0
        total += _ahead(value, offset)
    level = padded[inside] - 1
    n_levels = len(grey_levels)
    dependence = np.bincount(level * 27 + same[inside], minlength=n_levels * 27)
    mean = total[inside] / np.maximum(near[inside], 1)
    away = np.where(near[inside] > 0, np.abs(value[inside] - mean), 0.0)
    difference = np.bincount(level, weights=away, minlength=n_levels)
    return dependence.reshape(n_levels, 27), difference
