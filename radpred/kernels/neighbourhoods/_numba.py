"""The fast variant: each cube is copied with a rim of 0, and only what occurs is touched.

A cube holds few levels, numbered as they are met, so its matrices are small; a list of the cells
that were touched gives the rows and clears the matrix again, whatever its size.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled
from radpred.kernels.neighbourhoods._numpy import WHAT, NeighbourhoodCounts
from radpred.kernels.texture_sweep import Walk

_NO_ROWS = np.zeros((0, 4), dtype=np.int64)


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
    """Count in one cube after the other, compiled."""
    n, n_levels = len(centres), grey_levels.size
    sides = np.array([1 if axis == flat_axis else 2 * radius + 1 for axis in range(3)])
    cubes = _Cubes(sides, walk, n_levels)
    # Cubes at the array's edge reach into its own rim of 0.
    padded = np.pad(levels, radius)
    starts = np.ascontiguousarray(centres + radius - sides // 2, dtype=np.int64)
    to_cube = padded, starts, sides, walk.reach, *cubes.room
    found = {"pairs": _NO_ROWS, "runs": _NO_ROWS, "zones": _NO_ROWS, "dependences": _NO_ROWS}
    voxels = np.zeros((n, n_levels), dtype=np.int64)
    differences = np.zeros((n, n_levels))
    most = n * int(sides.prod())
    steps = walk.offsets @ cubes.strides
    if "levels" in what:
        _count_levels(*to_cube, voxels)
    if "pairs" in what:
        rows = np.empty((4, most * len(walk.offsets)), dtype=np.int64)
        kind = int(walk.is_merged), int(walk.is_ordered)
        found["pairs"] = rows[:, : _count_pairs(*to_cube, steps, *kind, rows)].T
    if "runs" in what:
        rows = np.empty((4, most * len(walk.lines)), dtype=np.int64)
        along = walk.lines @ cubes.strides
        n_rows = _count_runs(*to_cube, walk.lines, along, int(walk.is_merged), rows)
        found["runs"] = rows[:, :n_rows].T
    if "zones" in what:
        rows = np.empty((4, most), dtype=np.int64)
        stack = np.empty(int(sides.prod()), dtype=np.int64)
        n_rows = _count_zones(*to_cube, cubes.touching(flat_axis), stack, rows)
        found["zones"] = rows[:, :n_rows].T
    if "around" in what:
        rows = np.empty((4, most), dtype=np.int64)
        value = np.concatenate([[0.0], grey_levels])
        n_rows = _count_around(*to_cube, steps, value, float(walk.cutoff), rows, differences)
        found["dependences"] = rows[:, :n_rows].T
    return NeighbourhoodCounts(**found, level_voxels=voxels, level_differences=differences)


class _Cubes:
    """Room for one cube at a time.

    Parameters
    ----------
    sides : array of int, shape (3,)
        Of a cube, in voxels.
    walk : Walk
        Where neighbours lie, so how many voxels of 0 lie on every side of it.
    n_levels : int
        How many grey levels there are.
    """

    def __init__(self, sides: Array, walk: Walk, n_levels: int) -> None:
        shape = sides + 2 * walk.reach
        most = int(sides.prod())
        most_levels = min(most, n_levels)
        self.strides = np.array([shape[1] * shape[2], shape[2], 1])
        # A row for each level; columns for the others, or for as many sizes or dependences.
        widest = max(most, 2 * len(walk.offsets)) + 2
        counts = np.zeros((most_levels + 1) * widest, dtype=np.int32)
        # Where directions are merged, each of their pairs may be a cell of its own.
        most_touched = min(most * max(len(walk.offsets), len(walk.lines)), counts.size) + 1
        self.room = (
            np.zeros(int(shape.prod()), dtype=np.int16),
            np.empty(most, dtype=np.int64),
            np.zeros(n_levels + 1, dtype=np.int64),
            np.empty(most + 1, dtype=np.int64),
            counts,
            np.empty(most_touched, dtype=np.int64),
        )

    def touching(self, flat_axis: int | None) -> Array:
        """Return the steps to all voxels that touch one."""
        around = np.argwhere(np.ones((3, 3, 3))) - 1
        around = around[around.any(axis=1)]
        if flat_axis is not None:
            around = around[around[:, flat_axis] == 0]
        return around @ self.strides


@compiled
def _fill(padded, starts, sides, rim, number, cube, inside, place, local):  # type: ignore[no-untyped-def]
    """Copy the cube of one centre inside the rim of 0, its levels numbered from 1 as they are met.

    Write where it holds voxels to ``inside`` and its levels to ``local``, and return how many
    there are of each. ``place`` is 0 before and after.
    """
    height, width = sides[1] + 2 * rim, sides[2] + 2 * rim
    n_inside, n = 0, 0
    for z in range(sides[0]):
        for y in range(sides[1]):
            to = ((z + rim) * height + y + rim) * width + rim
            for x in range(sides[2]):
                level = padded[starts[number, 0] + z, starts[number, 1] + y, starts[number, 2] + x]
                if level > 0:
                    if place[level] == 0:
                        local[n] = level
                        n += 1
                        place[level] = n
                    inside[n_inside] = to + x
                    n_inside += 1
                cube[to + x] = place[level]
    for k in range(n):
        place[local[k]] = 0
    return n_inside, n


@compiled
def _count_levels(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, inside, place, local, counts, touched, voxels
):  # fmt: skip
    """Count the voxels of each level."""
    for number in range(starts.shape[0]):
        n_inside, _ = _fill(padded, starts, sides, rim, number, cube, inside, place, local)
        for k in range(n_inside):
            voxels[number, local[cube[inside[k]] - 1] - 1] += 1


@compiled
def _emit(counts, touched, n_touched, width, local, matrix, rows, n_rows):  # type: ignore[no-untyped-def]
    """Write the touched cells as rows, clear them, and return how many rows there are.

    A cell's column is a size; its row is a level of the cube.
    """
    for k in range(n_touched):
        cell = touched[k]
        rows[0, n_rows] = matrix
        rows[1, n_rows] = local[cell // width] - 1
        rows[2, n_rows] = cell % width
        rows[3, n_rows] = counts[cell]
        counts[cell] = 0
        n_rows += 1
    return n_rows


@compiled
def _emit_pairs(counts, touched, n_touched, width, local, is_ordered, matrix, rows, n_rows):  # type: ignore[no-untyped-def]
    """Write the touched pairs of levels as rows, clear them, and return how many rows there are.

    A pair with 0 leaves the cube.
    """
    for k in range(n_touched):
        cell = touched[k]
        here, ahead = cell // width, cell % width
        if here > 0 and ahead > 0:
            here, ahead = local[here - 1], local[ahead - 1]
            if is_ordered == 0 and ahead < here:
                here, ahead = ahead, here
            rows[0, n_rows] = matrix
            rows[1, n_rows] = here - 1
            rows[2, n_rows] = ahead - 1
            rows[3, n_rows] = counts[cell]
            n_rows += 1
        counts[cell] = 0
    return n_rows


@compiled
def _count_pairs(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, inside, place, local, counts, touched, steps, is_merged,
    is_ordered, rows
):  # fmt: skip
    """Write pairs of neighbours' levels, and return how many rows there are.

    Nothing in the innermost loop depends on what is found, so that the processor need not guess.
    """
    n_rows = 0
    n_matrices = 1 if is_merged else steps.size
    for number in range(starts.shape[0]):
        n_inside, n = _fill(padded, starts, sides, rim, number, cube, inside, place, local)
        n_touched = 0
        for d in range(steps.size):
            step = steps[d]
            for k in range(n_inside):
                here, ahead = np.int64(cube[inside[k]]), np.int64(cube[inside[k] + step])
                first = here if is_ordered else min(here, ahead)
                cell = first * (n + 1) + here + ahead - first
                touched[n_touched] = cell
                n_touched += 1 if counts[cell] == 0 else 0
                counts[cell] += 1
            if is_merged == 0 or d == steps.size - 1:
                matrix = number * n_matrices + (0 if is_merged else d)
                n_rows = _emit_pairs(
                    counts, touched, n_touched, n + 1, local, is_ordered, matrix, rows, n_rows
                )
                n_touched = 0
    return n_rows


@compiled
def _is_shared(cube, sides, rim, line):  # type: ignore[no-untyped-def]
    """Tell whether any line along ``line`` (z, y, x) holds two voxels of the cube, near or far."""
    height, width = sides[1] + 2 * rim, sides[2] + 2 * rim
    for z in range(sides[0]):
        for y in range(sides[1]):
            for x in range(sides[2]):
                if cube[((z + rim) * height + y + rim) * width + x + rim] == 0:
                    continue
                i, j, k = z + line[0], y + line[1], x + line[2]
                while i < sides[0] and 0 <= j < sides[1] and 0 <= k < sides[2]:
                    if cube[((i + rim) * height + j + rim) * width + k + rim] > 0:
                        return 1
                    i += line[0]
                    j += line[1]
                    k += line[2]
    return 0


@compiled
def _count_runs(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, inside, place, local, counts, touched, lines, steps,
    is_merged, rows
):  # fmt: skip
    """Write runs of one level by their length, and return how many rows there are."""
    n_rows = 0
    width = max(sides[0], sides[1], sides[2]) + 1
    n_matrices = 1 if is_merged else lines.shape[0]
    for number in range(starts.shape[0]):
        n_inside, _ = _fill(padded, starts, sides, rim, number, cube, inside, place, local)
        n_touched = 0
        for d in range(steps.size):
            step = steps[d]
            touches = 0
            for k in range(n_inside):
                touches += cube[inside[k] + step]
            if touches > 0 or _is_shared(cube, sides, rim, lines[d]) == 1:
                for k in range(n_inside):
                    here = cube[inside[k]]
                    if cube[inside[k] - step] == here:
                        continue
                    length = 1
                    while cube[inside[k] + length * step] == here:
                        length += 1
                    cell = (here - 1) * width + length
                    if counts[cell] == 0:
                        touched[n_touched] = cell
                        n_touched += 1
                    counts[cell] += 1
            if is_merged == 0 or d == steps.size - 1:
                matrix = number * n_matrices + (0 if is_merged else d)
                n_rows = _emit(counts, touched, n_touched, width, local, matrix, rows, n_rows)
                n_touched = 0
    return n_rows


@compiled
def _count_zones(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, inside, place, local, counts, touched, steps, stack, rows
):  # fmt: skip
    """Write connected voxels of one level by their number, and return how many rows there are."""
    n_rows = 0
    width = sides[0] * sides[1] * sides[2] + 1
    for number in range(starts.shape[0]):
        n_inside, _ = _fill(padded, starts, sides, rim, number, cube, inside, place, local)
        n_touched = 0
        for k in range(n_inside):
            level = cube[inside[k]]
            if level == 0:
                continue
            cube[inside[k]] = 0
            stack[0] = inside[k]
            top = 1
            size = 0
            while top > 0:
                top -= 1
                i = stack[top]
                size += 1
                for step in steps:
                    if cube[i + step] == level:
                        cube[i + step] = 0
                        stack[top] = i + step
                        top += 1
            cell = (level - 1) * width + size
            if counts[cell] == 0:
                touched[n_touched] = cell
                n_touched += 1
            counts[cell] += 1
        n_rows = _emit(counts, touched, n_touched, width, local, number, rows, n_rows)
    return n_rows


@compiled
def _count_around(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, inside, place, local, counts, touched, steps, value, cutoff,
    rows, differences
):  # fmt: skip
    """Write voxels by level and dependence, add differences, and return how many rows there are."""
    n_rows = 0
    width = 2 * steps.size + 2
    for number in range(starts.shape[0]):
        n_inside, _ = _fill(padded, starts, sides, rim, number, cube, inside, place, local)
        n_touched = 0
        for k in range(n_inside):
            i = inside[k]
            here = cube[i]
            level = value[local[here - 1]]
            total = 0.0
            near = 0
            same = 1
            for step in steps:
                for other in (cube[i - step], cube[i + step]):
                    if other > 0:
                        its = value[local[other - 1]]
                        total += its
                        near += 1
                        if abs(its - level) <= cutoff:
                            same += 1
            if near > 0:
                differences[number, local[here - 1] - 1] += abs(level - total / near)
            cell = (here - 1) * width + same
            if counts[cell] == 0:
                touched[n_touched] = cell
                n_touched += 1
            counts[cell] += 1
        n_rows = _emit(counts, touched, n_touched, width, local, number, rows, n_rows)
    return n_rows
