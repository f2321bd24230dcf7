"""The reference: shifted copies of the level array, and only what occurs is stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.image import Array
from radpred.kernels.texture_sweep._offsets import DIRECTIONS


@dataclass(frozen=True, kw_only=True, eq=False)
class Walk:
    """Where a sweep looks, and what it takes for the same.

    Parameters
    ----------
    offsets : array of int, shape (n, 3)
        Steps (z, y, x) to half of the neighbours.
    lines : array of int, shape (m, 3)
        Steps along which runs lie.
    is_merged : bool
        Whether all offsets fill one matrix of pairs, and all lines one of runs.
    is_ordered : bool
        Whether a pair's first level is that of the voxel, its second that of the voxel ahead;
        else the lower is first.
    cutoff : float
        How far the levels of two neighbours may differ that depend on each other.
    """

    offsets: Array
    lines: Array
    is_merged: bool = False
    is_ordered: bool = False
    cutoff: float = 0.0

    @property
    def reach(self) -> int:
        """Return how far the farthest neighbour lies, in voxels along an axis."""
        return int(np.abs(np.concatenate([self.offsets, self.lines])).max(initial=1))


EVERYWHERE = Walk(offsets=DIRECTIONS, lines=DIRECTIONS)


@dataclass(frozen=True, kw_only=True, eq=False)
class TextureCounts:
    """What one sweep found; levels are positions in the list of grey levels.

    Parameters
    ----------
    pairs : array of int, shape (n_pairs, 4)
        Rows (direction, first level, second level, count), sorted; a pair of neighbours counts
        once.
    runs : array of int, shape (n_runs, 4)
        Rows (direction, level, run length, count), sorted by direction. A direction in which no
        line holds two voxels of the region is left out, as PyRadiomics does.
    dependence : array of int, shape (n_levels, 2 n + 1)
        Voxels by level and by number of neighbours (0 to 2 n) of the same level.
    difference : array of float, shape (n_levels,)
        Sum over a level's voxels of |grey level - mean grey level of the neighbours|; a voxel
        without neighbours adds 0.
    isolated : array of int, shape (n_levels,)
        Voxels of each level without neighbours.
    """

    pairs: Array
    runs: Array
    dependence: Array
    difference: Array
    isolated: Array

    @property
    def voxels(self) -> Array:
        """Return the number of voxels of each level."""
        return self.dependence.sum(axis=1)


def sweep(levels: Array, grey_levels: Array, walk: Walk = EVERYWHERE) -> TextureCounts:
    """Count by comparing the level array with itself, shifted."""
    padded = np.pad(levels, walk.reach)
    pairs = [
        _pairs(padded, 0 if walk.is_merged else d, offset, is_ordered=walk.is_ordered)
        for d, offset in enumerate(walk.offsets)
    ]
    runs = [
        _runs(padded, 0 if walk.is_merged else d, line)
        for d, line in enumerate(walk.lines)
        if _touches(padded, line) or has_shared_line(levels, line)
    ]
    dependence, difference, isolated = _neighbourhood(padded, grey_levels, walk)
    return TextureCounts(
        pairs=together(pairs, is_merged=walk.is_merged),
        runs=together(runs, is_merged=walk.is_merged),
        dependence=dependence,
        difference=difference,
        isolated=isolated,
    )


def has_shared_line(levels: Array, offset: Array) -> bool:
    """Tell whether any line along ``offset`` holds two voxels of the region, near or far."""
    position = np.argwhere(levels > 0)
    axis = int(np.flatnonzero(offset)[0])
    steps = position[:, axis, None] * offset[axis]
    return len(np.unique(position - steps * offset, axis=0)) < len(position)


def _touches(padded: Array, offset: Array) -> bool:
    """Tell whether any two voxels of the region lie one step apart."""
    return bool(np.any((padded > 0) & (_ahead(padded, offset) > 0)))


def _ahead(padded: Array, offset: Array) -> Array:
    """Return, at each voxel, the level one step ahead; the padding keeps the wrap harmless."""
    return np.roll(padded, tuple(-offset), axis=(0, 1, 2))


def _pairs(padded: Array, direction: int, offset: Array, *, is_ordered: bool) -> Array:
    """Return rows (direction, first level, second level, count) of one direction."""
    ahead = _ahead(padded, offset)
    both = (padded > 0) & (ahead > 0)
    here, there = padded[both] - 1, ahead[both] - 1
    if is_ordered:
        return _tally(direction, here, there)
    return _tally(direction, np.minimum(here, there), np.maximum(here, there))


def _runs(padded: Array, direction: int, offset: Array) -> Array:
    """Return rows (direction, level, run length, count) of one direction."""
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


def together(parts: list[Array], *, is_merged: bool) -> Array:
    """Return the rows of all directions; the counts of equal rows are added."""
    rows = np.concatenate([np.zeros((0, 4), dtype=np.int64), *parts])
    if not is_merged:
        return rows
    width = int(rows[:, 2].max(initial=0)) + 1
    key, place = np.unique(rows[:, 1] * width + rows[:, 2], return_inverse=True)
    count = np.bincount(place, rows[:, 3], minlength=key.size).astype(np.int64)
    return np.column_stack([np.zeros_like(key), key // width, key % width, count])


def _neighbourhood(padded: Array, grey_levels: Array, walk: Walk) -> tuple[Array, Array, Array]:
    """Return dependence counts, summed differences, and counts of voxels without neighbours."""
    inside = padded > 0
    value = np.concatenate([[0.0], grey_levels])[padded]
    same = np.zeros(padded.shape, dtype=np.int64)
    total = np.zeros(padded.shape)
    near = np.zeros(padded.shape, dtype=np.int64)
    for offset in np.concatenate([walk.offsets, -walk.offsets]):
        ahead = _ahead(value, offset)
        is_near = _ahead(inside, offset)
        same += is_near & (np.abs(ahead - value) <= walk.cutoff)
        near += is_near
        total += ahead
    level = padded[inside].astype(np.int64) - 1
    n_levels, width = len(grey_levels), 2 * len(walk.offsets) + 1
    dependence = np.bincount(level * width + same[inside], minlength=n_levels * width)
    mean = total[inside] / np.maximum(near[inside], 1)
    away = np.where(near[inside] > 0, np.abs(value[inside] - mean), 0.0)
    difference = np.bincount(level, weights=away, minlength=n_levels)
    isolated = np.bincount(level[near[inside] == 0], minlength=n_levels)
    return dependence.reshape(n_levels, width), difference, isolated
