"""The fast variant: one walk over the voxels, dense matrices."""

from __future__ import annotations

import numpy as np
from numba import njit

from radpred.image import Array
from radpred.kernels.texture_sweep._numpy import EVERYWHERE, TextureCounts, Walk, has_shared_line


def sweep(levels: Array, grey_levels: Array, walk: Walk = EVERYWHERE) -> TextureCounts:
    """Count in one pass over the voxels."""
    padded = np.pad(levels, walk.reach)
    n_levels = len(grey_levels)
    steps, pair_of, run_of = _plan(walk, padded.shape)
    pairs = np.zeros((max(pair_of.max() + 1, 1), n_levels, n_levels), dtype=np.int32)
    runs = np.zeros((max(run_of.max() + 1, 1), n_levels, max(levels.shape)), dtype=np.int32)
    dependence = np.zeros((n_levels, 2 * len(walk.offsets) + 1), dtype=np.int64)
    difference = np.zeros(n_levels)
    flat = padded.ravel()
    for d, line in zip(np.flatnonzero(run_of >= 0), walk.lines, strict=True):
        if not _touches(flat, steps[d]) and not has_shared_line(levels, line):
            run_of[d] = -1
    value = np.concatenate([[0.0], grey_levels])
    of_pairs = (steps, pair_of, pairs)
    _count(flat, value, walk.cutoff, *of_pairs, run_of, runs, dependence, difference)
    run_rows = _rows(runs)
    run_rows[:, 2] += 1
    return TextureCounts(
        pairs=_rows(pairs if walk.is_ordered else _folded(pairs)),
        runs=run_rows,
        dependence=dependence,
        difference=difference,
    )


def _plan(walk: Walk, shape: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """Return the steps of offsets and lines together, and the matrix each fills, or -1."""
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    offsets, lines = walk.offsets @ strides, walk.lines @ strides
    steps = np.concatenate([lines, offsets[~np.isin(offsets, lines)]])
    place = {step: number for number, step in enumerate(offsets.tolist())}
    pair_of = np.array([place.get(step, -1) for step in steps.tolist()])
    run_of = np.where(np.arange(steps.size) < lines.size, np.arange(steps.size), -1)
    if walk.is_merged:
        pair_of, run_of = np.minimum(pair_of, 0), np.minimum(run_of, 0)
    return steps, pair_of, run_of


def _folded(pairs: Array) -> Array:
    """Return each pair with its lower level first."""
    n_levels = pairs.shape[1]
    both = pairs + pairs.transpose(0, 2, 1)
    both[:, np.arange(n_levels), np.arange(n_levels)] //= 2
    return np.triu(both)


def _rows(dense: Array) -> Array:
    """Return rows (direction, row, column, count) of a stack of matrices, where not zero."""
    flat = dense.ravel()
    found = np.flatnonzero(flat)
    rows = np.empty((found.size, 4), dtype=np.int64)
    rest, rows[:, 2] = np.divmod(found, dense.shape[2])
    rows[:, 0], rows[:, 1] = np.divmod(rest, dense.shape[1])
    rows[:, 3] = flat[found]
    return rows


@njit(cache=True, nogil=True)
def _touches(flat, step):  # type: ignore[no-untyped-def]
    """Tell whether any two voxels of the region lie one step apart."""
    for i in range(step, flat.size):  # noqa: SIM110 - compiled
        if flat[i] > 0 and flat[i - step] > 0:
            return True
    return False


@njit(cache=True, nogil=True)
def _count(flat, value, cutoff, steps, pair_of, pairs, run_of, runs, dependence, difference):  # type: ignore[no-untyped-def]
    """Fill the matrices from the padded levels; each unordered pair of neighbours counts once."""
    reach = steps.max()
    is_same_only = cutoff == 0.0
    for i in range(reach, flat.size - reach):
        here = flat[i]
        if here == 0:
            continue
        level = value[here]
        total = 0.0
        near = 0
        same = 0
        for d in range(steps.size):
            step = steps[d]
            behind = flat[i - step]
            ahead = flat[i + step]
            if pair_of[d] >= 0:
                total += value[behind] + value[ahead]
                near += (behind > 0) + (ahead > 0)
                if is_same_only:
                    same += (behind == here) + (ahead == here)
                else:
                    same += behind > 0 and abs(value[behind] - level) <= cutoff
                    same += ahead > 0 and abs(value[ahead] - level) <= cutoff
                if ahead > 0:
                    pairs[pair_of[d], here - 1, ahead - 1] += 1
            if run_of[d] >= 0 and behind != here:  # a run starts here: walk to its end
                length = 0
                j = i + step
                while flat[j] == here:
                    length += 1
                    j += step
                runs[run_of[d], here - 1, length] += 1
        dependence[here - 1, same] += 1
        if near > 0:
            difference[here - 1] += abs(level - total / near)
