"""The fast variant: dense matrices, one pass around each voxel and one along each direction.

Around a voxel, neighbours are compared row by row, which the processor does for many voxels at
once. Along a direction, a run is one longer than the one it continues, so that nothing is walked
twice; only the lengths of the last slice are kept. Neither pass branches on what it finds.
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled
from radpred.kernels.texture_sweep._numpy import EVERYWHERE, TextureCounts, Walk, has_shared_line

_LONGEST_IN_BYTES = 254
_AT_ONCE = 512  # voxels


def sweep(levels: Array, grey_levels: Array, walk: Walk = EVERYWHERE) -> TextureCounts:
    """Count in two passes over the voxels."""
    reach = walk.reach
    padded = np.zeros(np.add(levels.shape, 2 * reach), dtype=np.int16)
    padded[reach:-reach, reach:-reach, reach:-reach] = levels
    flat = padded.ravel()
    strides = np.array([padded.shape[1] * padded.shape[2], padded.shape[2], 1])
    offsets, lines = walk.offsets @ strides, walk.lines @ strides
    is_both = walk.lines is walk.offsets
    steps = lines if is_both else np.concatenate([lines, offsets[~np.isin(offsets, lines)]])
    pairs, runs = _along(flat, steps, len(lines), len(grey_levels), max(levels.shape))
    touches = pairs[: len(lines), 1:, 1:].any(axis=(1, 2))
    for d in np.flatnonzero(~touches):
        if not has_shared_line(levels, walk.lines[d]):
            runs[d] = 0
    # The nearest offsets come first, so that they are lines, or none is.
    pairs = pairs if is_both else pairs[np.isin(steps, offsets)]
    if walk.is_merged:
        pairs, runs = pairs.sum(axis=0, keepdims=True), runs.sum(axis=0, keepdims=True)
    dependence, difference, isolated = _around(flat, offsets, grey_levels, walk.cutoff)
    return TextureCounts(
        pairs=_rows(pairs[:, 1:, 1:]) if walk.is_ordered else _folded(pairs),
        runs=_rows(runs),
        dependence=dependence,
        difference=difference,
        isolated=isolated,
    )


def _along(
    flat: Array, steps: Array, n_lines: int, n_levels: int, longest: int
) -> tuple[Array, Array]:
    """Return pairs (level, level ahead) of each step, and runs (level, length) of each line.

    Level 0, in the first row and column, is outside the region.
    """
    reach = int(np.abs(steps).max())
    kept = 1 << reach.bit_length()
    kind = np.uint8 if longest <= _LONGEST_IN_BYTES else np.uint16
    pairs = np.zeros((steps.size, n_levels + 1, n_levels + 1), dtype=np.int32)
    runs = np.zeros((n_lines, n_levels + 1, longest + 1), dtype=np.int32)
    lengths = np.zeros((kept, n_lines), dtype=kind)
    flat_pairs = pairs.reshape(steps.size, -1)
    _count_along(flat, reach, steps, flat_pairs, n_levels + 1, runs.reshape(n_lines, -1), lengths)
    return pairs, runs[:, 1:]


def _around(
    flat: Array, offsets: Array, grey_levels: Array, cutoff: float
) -> tuple[Array, Array, Array]:
    """Return dependence counts, summed differences, and counts of voxels without neighbours."""
    n_levels = grey_levels.size
    dependence = np.zeros((n_levels, 2 * offsets.size + 1), dtype=np.int64)
    difference = np.zeros(n_levels)
    values = grey_levels.astype(np.int16)
    # Where every level occurs, a level is its position and a constant.
    shift = int(values[0]) - 1
    is_gapless = int(values[-1]) - shift == n_levels
    if not is_gapless:
        values, shift = np.concatenate([values[:1] * 0, values])[flat], 0
    values = flat if is_gapless else values
    room = np.empty((3, _AT_ONCE), dtype=np.int32)
    reach = int(np.abs(offsets).max())
    out = dependence, difference, np.zeros(n_levels, dtype=np.int64)
    _count_around(flat, values, shift, reach, offsets, float(cutoff), room, *out)
    return out


def _folded(pairs: Array) -> Array:
    """Return rows (direction, lower level, higher level, count) of ordered pairs."""
    n, width = pairs.shape[:2]
    rows = np.empty((min(n * width * (width - 1) // 2, int(np.count_nonzero(pairs))), 4), np.int64)
    return rows[: _fold(pairs, rows)]


def _rows(dense: Array) -> Array:
    """Return rows (direction, row, column, count) of a stack of matrices, where not zero."""
    direction, row, column = np.nonzero(dense)
    return np.column_stack([direction, row, column, dense[direction, row, column]])


@compiled
def _count_along(flat, reach, steps, pairs, width, runs, lengths):  # type: ignore[no-untyped-def]
    """Count pairs of each step, and runs of the first steps; a run counts where it ends."""
    n_lines = runs.shape[0]
    longest = runs.shape[1] // width
    last_kept = np.uint64(lengths.shape[0] - 1)
    one = np.uint64(1)
    for i in range(reach, flat.size - reach):
        here = np.uint64(flat[i])
        if here == 0:
            continue
        pair_row = here * np.uint64(width)
        run_row = here * np.uint64(longest)
        slot = np.uint64(i) & last_kept
        for d in range(n_lines):
            step = steps[d]
            behind = np.uint64(flat[i - step])
            ahead = np.uint64(flat[i + step])
            pairs[d, pair_row + ahead] += 1
            goes_on = np.uint64(0) - np.uint64(behind == here)  # all bits, or none
            before = np.uint64(lengths[np.uint64(i - step) & last_kept, d])
            length = (before & goes_on) + one
            lengths[slot, d] = length
            runs[d, run_row + length] += np.int32(ahead != here)
        for d in range(n_lines, steps.size):
            pairs[d, pair_row + np.uint64(flat[i + steps[d]])] += 1


@compiled
def _count_around(flat, values, shift, reach, steps, cutoff, room, dependence, difference, alone):  # type: ignore[no-untyped-def]
    """Count dependent neighbours, and add differences from the neighbours' mean level."""
    size = room.shape[1]
    near, same, total = room[0], room[1], room[2]
    for start in range(reach, flat.size - reach, size):
        stop = min(start + size, flat.size - reach)
        here, value = flat[start:stop], values[start:stop]
        n = stop - start
        is_empty = True
        for i in range(n):
            is_empty &= here[i] == 0
            near[i] = 0
            same[i] = 0
            total[i] = 0
        if is_empty:
            continue
        for k in range(2 * steps.size):
            step = steps[k // 2] if k % 2 else -steps[k // 2]
            level, other = flat[start + step : stop + step], values[start + step : stop + step]
            for i in range(n):
                total[i] += other[i]
                near[i] += np.int32(level[i] > 0)
            if cutoff == 0:
                for i in range(n):
                    same[i] += np.int32(level[i] == here[i])
            else:
                for i in range(n):
                    apart = abs(np.int32(other[i]) - np.int32(value[i]))
                    same[i] += np.int32((level[i] > 0) & (apart <= cutoff))
        for i in range(n):
            if here[i] > 0:
                dependence[here[i] - 1, same[i]] += 1
                if near[i] > 0:
                    mean = (total[i] + shift * near[i]) / near[i]
                    difference[here[i] - 1] += abs(value[i] + shift - mean)
                else:
                    alone[here[i] - 1] += 1


@compiled
def _fold(pairs, rows):  # type: ignore[no-untyped-def]
    """Write each pair with its lower level first, and return how many rows that makes."""
    n = 0
    for d in range(pairs.shape[0]):
        for low in range(1, pairs.shape[1]):
            for high in range(low, pairs.shape[1]):
                count = pairs[d, low, high]
                if high != low:
                    count += pairs[d, high, low]
                if count > 0:
                    rows[n, 0] = d
                    rows[n, 1] = low - 1
                    rows[n, 2] = high - 1
                    rows[n, 3] = count
                    n += 1
    return n
