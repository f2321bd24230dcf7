"""The variant for a device: every voxel of the region at once, one direction after the other.

Voxels are positions in the flattened level array after a border was put around it, so that a step
is a number that is added to a position, and what it leads to is at worst outside the region. The
counts, which are small, come to the host; the voxels do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.backends import array_namespace, to_host
from radpred.image import Array
from radpred.kernels.texture_sweep import _numpy
from radpred.kernels.texture_sweep._numpy import EVERYWHERE, TextureCounts, Walk, together

# Up to so many cells a matrix is counted as a whole; beyond, what occurs is sorted.
_MOST_CELLS = 1 << 22


@dataclass(frozen=True, kw_only=True, eq=False)
class _Voxels:
    """The voxels of a region.

    Parameters
    ----------
    flat : array of int, shape (n_positions,)
        Level at each position; 0 outside the region.
    places : array of int, shape (n,)
        The positions in the region, ascending.
    levels : array of int, shape (n,)
        Their levels.
    """

    flat: Array
    places: Array
    levels: Array

    def ahead(self, step: int) -> Array:
        """Return the level one step ahead of each voxel, 0 where that is outside."""
        return self.flat[self.places + step]


def sweep(levels: Array, grey_levels: Array, walk: Walk = EVERYWHERE) -> TextureCounts:
    """Count by comparing each voxel with those one step away."""
    xp = array_namespace(levels)
    padded = xp.pad(levels, walk.reach)
    strides = np.array([padded.shape[1] * padded.shape[2], padded.shape[2], 1])
    flat = xp.reshape(padded, (-1,))
    places = xp.flatnonzero(flat)
    if not places.size:
        return _numpy.sweep(to_host(levels), grey_levels, walk)
    voxels = _Voxels(flat=flat, places=places, levels=flat[places])
    n_levels, longest = len(grey_levels), max(levels.shape)
    pairs, runs = [], []
    for direction, step in enumerate((walk.offsets @ strides).tolist()):
        found = _pairs(voxels, step, n_levels, is_ordered=walk.is_ordered)
        pairs.append(_rows(found, 0 if walk.is_merged else direction))
    for direction, line in enumerate(walk.lines):
        step = int(line @ strides)
        if _touches(voxels, step) or _has_shared_line(levels, line):
            found = _runs(voxels, step, n_levels, longest)
            runs.append(_rows(found, 0 if walk.is_merged else direction))
    steps = (np.concatenate([walk.offsets, -walk.offsets]) @ strides).tolist()
    dependence, difference, isolated = _neighbourhood(voxels, steps, grey_levels, walk.cutoff)
    return TextureCounts(
        pairs=together(pairs, is_merged=walk.is_merged),
        runs=together(runs, is_merged=walk.is_merged),
        dependence=dependence,
        difference=difference,
        isolated=isolated,
    )


def _pairs(voxels: _Voxels, step: int, n_levels: int, *, is_ordered: bool) -> tuple[Array, int]:
    """Return which pairs of levels occur and how often, shape (2, n), and the row's width."""
    xp = array_namespace(voxels.flat)
    ahead = voxels.ahead(step)
    is_pair = ahead > 0
    here, there = (level[is_pair].astype(xp.int64) - 1 for level in (voxels.levels, ahead))
    if not is_ordered:
        here, there = xp.minimum(here, there), xp.maximum(here, there)
    return _tally(here * n_levels + there, n_levels * n_levels), n_levels


def _touches(voxels: _Voxels, step: int) -> bool:
    """Tell whether any two voxels lie one step apart."""
    return bool((voxels.ahead(step) > 0).any())


def _has_shared_line(levels: Array, line: Array) -> bool:
    """Tell whether any line along a step holds two voxels of the region, near or far."""
    xp = array_namespace(levels)
    places = xp.nonzero(levels)
    axis = int(np.flatnonzero(line)[0])
    n_steps = places[axis] * int(line[axis])
    width = 2 * max(levels.shape) + 1
    key = xp.zeros_like(n_steps)
    for place, step in zip(places, line.tolist(), strict=True):
        key = key * (2 * width) + place - n_steps * step + width
    return int(xp.unique(key).size) < int(key.size)


def _runs(voxels: _Voxels, step: int, n_levels: int, longest: int) -> tuple[Array, int]:
    """Return which levels and lengths of runs occur and how often, and the row's width.

    On a line runs begin and end by turns, so that beginnings and ends, each sorted along their
    lines, belong together. The remainder of a position by the step is that of its line.
    """
    xp = array_namespace(voxels.flat)
    is_first = voxels.ahead(-step) != voxels.levels
    is_last = voxels.ahead(step) != voxels.levels
    n_steps = int(voxels.flat.size) // step + 1
    first, last = (
        places[xp.argsort(places % step * n_steps + places // step)]
        for places in (voxels.places[is_first], voxels.places[is_last])
    )
    length = (last - first) // step + 1
    level = voxels.flat[first].astype(xp.int64) - 1
    return _tally(level * (longest + 1) + length, n_levels * (longest + 1)), longest + 1


def _tally(cells: Array, n_cells: int) -> Array:
    """Return which cells occur and how often, shape (2, n), ascending."""
    xp = array_namespace(cells)
    if not cells.size:
        return xp.zeros((2, 0), dtype=xp.int64)
    if n_cells > _MOST_CELLS:
        return xp.stack(xp.unique(cells, return_counts=True))
    count = xp.bincount(cells, minlength=n_cells)
    found = xp.flatnonzero(count)
    return xp.stack([found, count[found]])


def _rows(found: tuple[Array, int], direction: int) -> Array:
    """Return rows (direction, first, second, count) on the host."""
    cells, count = to_host(found[0])
    first, second = np.divmod(cells, found[1])
    return np.column_stack([np.full_like(cells, direction), first, second, count])


def _neighbourhood(
    voxels: _Voxels, steps: list[int], grey_levels: Array, cutoff: float
) -> tuple[Array, Array, Array]:
    """Return dependence counts, summed differences, and counts of voxels without neighbours."""
    xp = array_namespace(voxels.flat)
    values = xp.asarray(np.concatenate([[0.0], grey_levels]))
    value = values[voxels.levels]
    near, same = xp.zeros(value.shape, dtype=xp.int32), xp.zeros(value.shape, dtype=xp.int32)
    total = xp.zeros_like(value)
    for step in steps:
        ahead = voxels.ahead(step)
        is_near, other = ahead > 0, values[ahead]
        near += is_near
        same += is_near & (xp.abs(other - value) <= cutoff)
        total += other
    n_levels, width = len(grey_levels), len(steps) + 1
    level = voxels.levels.astype(xp.int64) - 1
    dependence = xp.bincount(level * width + same, minlength=n_levels * width)
    away = xp.where(near > 0, xp.abs(value - total / xp.maximum(near, 1)), 0.0)
    difference = xp.bincount(level, weights=away, minlength=n_levels)
    alone = (near == 0).astype(xp.float64)
    isolated = xp.bincount(level, weights=alone, minlength=n_levels)
    return (
        to_host(dependence).reshape(n_levels, width),
        to_host(difference),
        to_host(isolated).astype(np.int64),
    )
