"""The fast variant: each cube is copied with a rim of 0, and only what occurs is touched.

A cube holds few levels, so its matrices are small; a list of the cells that were touched gives
the rows and clears the matrix again, whatever its size.
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
    rim = walk.reach
    # Cubes at the array's edge reach into its own rim of 0.
    padded = np.pad(levels, radius)
    cubes = _Cubes(sides, walk, n_levels)
    starts = centres + radius - sides // 2
    to_cube = padded, np.ascontiguousarray(starts, dtype=np.int64), sides, rim
    found = {"pairs": _NO_ROWS, "runs": _NO_ROWS, "zones": _NO_ROWS, "dependences": _NO_ROWS}
    voxels = np.zeros((n, n_levels), dtype=np.int64)
    differences = np.zeros((n, n_levels))
    most = int(sides.prod())
    _count_levels(*to_cube, cubes.cube, voxels)
    if "pairs" in what:
        rows = np.empty((n * most * len(walk.offsets), 4), dtype=np.int64)
        steps = walk.offsets @ cubes.strides
        kind = int(walk.is_merged), int(walk.is_ordered)
        n_rows = _count_pairs(*to_cube, *cubes.room, steps, *kind, rows)
        found["pairs"] = rows[:n_rows]
    if "runs" in what:
        rows = np.empty((n * most * len(walk.lines), 4), dtype=np.int64)
        n_rows = _count_runs(*to_cube, *cubes.room, walk.lines, int(walk.is_merged), rows)
        found["runs"] = rows[:n_rows]
    if "zones" in what:
        rows = np.empty((n * most, 4), dtype=np.int64)
        steps = cubes.touching(flat_axis)
        stack = np.empty(most, dtype=np.int64)
        n_rows = _count_zones(*to_cube, *cubes.room, steps, stack, rows)
        found["zones"] = rows[:n_rows]
    if "around" in what:
        rows = np.empty((n * most, 4), dtype=np.int64)
        steps = walk.offsets @ cubes.strides
        value = np.concatenate([[0.0], grey_levels])
        cutoff = float(walk.cutoff)
        n_rows = _count_around(*to_cube, *cubes.room, steps, value, cutoff, rows, differences)
        found["dependences"] = rows[:n_rows]
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
        self.cube = np.zeros(int(shape.prod()), dtype=np.int16)
        place = np.zeros(n_levels + 1, dtype=np.int64)
        local = np.empty(most + 1, dtype=np.int64)
        # A row for each level; columns for the others, or for as many sizes or dependences.
        widest = max(most, 2 * len(walk.offsets)) + 2
        counts = np.zeros((most_levels + 1) * widest, dtype=np.int32)
        # Where directions are merged, each of their pairs may be a cell of its own.
        most_touched = min(most * max(len(walk.offsets), len(walk.lines)), counts.size)
        touched = np.empty(most_touched, dtype=np.int64)
        self.room = self.cube, self.strides, place, local, counts, touched

    def touching(self, flat_axis: int | None) -> Array:
        """Return the steps to all voxels that touch one."""
        around = np.argwhere(np.ones((3, 3, 3))) - 1
        around = around[around.any(axis=1)]
        if flat_axis is not None:
            around = around[around[:, flat_axis] == 0]
        return around @ self.strides


@compiled
def _fill(padded, starts, sides, rim, number, cube):  # type: ignore[no-untyped-def]
    """Copy the cube of one centre inside the rim of 0."""
    height, width = sides[1] + 2 * rim, sides[2] + 2 * rim
    for z in range(sides[0]):
        for y in range(sides[1]):
            to = ((z + rim) * height + y + rim) * width + rim
            for x in range(sides[2]):
                cube[to + x] = padded[
                    starts[number, 0] + z, starts[number, 1] + y, starts[number, 2] + x
                ]


@compiled
def _count_levels(padded, starts, sides, rim, cube, voxels):  # type: ignore[no-untyped-def]
    """Count the voxels of each level."""
    for number in range(starts.shape[0]):
        _fill(padded, starts, sides, rim, number, cube)
        for i in range(cube.size):
            if cube[i] > 0:
                voxels[number, cube[i] - 1] += 1


@compiled
def _localise(cube, place, local):  # type: ignore[no-untyped-def]
    """Number the levels of a cube from 0, and return how many there are."""
    n = 0
    for i in range(cube.size):
        level = cube[i]
        if level > 0 and place[level] == 0:
            n += 1
            place[level] = n
            local[n - 1] = level
    return n


@compiled
def _emit(counts, touched, n_touched, width, local, matrix, rows, n_rows):  # type: ignore[no-untyped-def]
    """Write the touched cells as rows, clear them, and return how many rows there are.

    A cell's column is a size; its row is a level's place in the cube.
    """
    for k in range(n_touched):
        cell = touched[k]
        rows[n_rows, 0] = matrix
        rows[n_rows, 1] = local[cell // width] - 1
        rows[n_rows, 2] = cell % width
        rows[n_rows, 3] = counts[cell]
        counts[cell] = 0
        n_rows += 1
    return n_rows


@compiled
def _emit_pairs(counts, touched, n_touched, width, local, matrix, rows, n_rows):  # type: ignore[no-untyped-def]
    """Write the touched pairs of levels as rows, clear them, and return how many rows there are."""
    for k in range(n_touched):
        cell = touched[k]
        rows[n_rows, 0] = matrix
        rows[n_rows, 1] = local[cell // width] - 1
        rows[n_rows, 2] = local[cell % width] - 1
        rows[n_rows, 3] = counts[cell]
        counts[cell] = 0
        n_rows += 1
    return n_rows


@compiled
def _count_pairs(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, strides, place, local, counts, touched, steps, is_merged,
    is_ordered, rows
):  # fmt: skip
    """Write pairs of neighbours' levels, and return how many rows there are."""
    n_rows = 0
    n_matrices = 1 if is_merged else steps.size
    for number in range(starts.shape[0]):
        _fill(padded, starts, sides, rim, number, cube)
        n = _localise(cube, place, local)
        n_touched = 0
        for d in range(steps.size):
            step = steps[d]
            for i in range(cube.size):
                here = cube[i]
                if here == 0:
                    continue
                ahead = cube[i + step]
                if ahead == 0:
                    continue
                if is_ordered == 0 and ahead < here:
                    here, ahead = ahead, here
                cell = (place[here] - 1) * n + place[ahead] - 1
                if counts[cell] == 0:
                    touched[n_touched] = cell
                    n_touched += 1
                counts[cell] += 1
            if is_merged == 0:
                matrix = number * n_matrices + d
                n_rows = _emit_pairs(counts, touched, n_touched, n, local, matrix, rows, n_rows)
                n_touched = 0
        n_rows = _emit_pairs(
            counts, touched, n_touched, n, local, number * n_matrices, rows, n_rows
        )
        for k in range(n):
            place[local[k]] = 0
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
    padded, starts, sides, rim, cube, strides, place, local, counts, touched, lines, is_merged, rows
):  # fmt: skip
    """Write runs of one level by their length, and return how many rows there are."""
    n_rows = 0
    side = max(sides[0], sides[1], sides[2])
    width = side + 1
    n_matrices = 1 if is_merged else lines.shape[0]
    for number in range(starts.shape[0]):
        _fill(padded, starts, sides, rim, number, cube)
        n = _localise(cube, place, local)
        n_touched = 0
        for d in range(lines.shape[0]):
            step = lines[d, 0] * strides[0] + lines[d, 1] * strides[1] + lines[d, 2] * strides[2]
            if _is_shared(cube, sides, rim, lines[d]) == 0:
                continue
            for i in range(cube.size):
                here = cube[i]
                if here == 0 or cube[i - step] == here:
                    continue
                length = 1
                j = i + step
                while cube[j] == here:
                    length += 1
                    j += step
                cell = (place[here] - 1) * width + length
                if counts[cell] == 0:
                    touched[n_touched] = cell
                    n_touched += 1
                counts[cell] += 1
            if is_merged == 0:
                matrix = number * n_matrices + d
                n_rows = _emit(counts, touched, n_touched, width, local, matrix, rows, n_rows)
                n_touched = 0
        n_rows = _emit(counts, touched, n_touched, width, local, number * n_matrices, rows, n_rows)
        for k in range(n):
            place[local[k]] = 0
    return n_rows


@compiled
def _count_zones(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, strides, place, local, counts, touched, steps, stack, rows
):  # fmt: skip
    """Write connected voxels of one level by their number, and return how many rows there are."""
    n_rows = 0
    width = sides[0] * sides[1] * sides[2] + 1
    for number in range(starts.shape[0]):
        _fill(padded, starts, sides, rim, number, cube)
        n = _localise(cube, place, local)
        n_touched = 0
        for start in range(cube.size):
            level = cube[start]
            if level == 0:
                continue
            cube[start] = 0
            stack[0] = start
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
            cell = (place[level] - 1) * width + size
            if counts[cell] == 0:
                touched[n_touched] = cell
                n_touched += 1
            counts[cell] += 1
        n_rows = _emit(counts, touched, n_touched, width, local, number, rows, n_rows)
        for k in range(n):
            place[local[k]] = 0
    return n_rows


@compiled
def _count_around(  # type: ignore[no-untyped-def]
    padded, starts, sides, rim, cube, strides, place, local, counts, touched, steps, value, cutoff,
    rows, differences
):  # fmt: skip
    """Write voxels by level and dependence, add differences, and return how many rows there are."""
    n_rows = 0
    width = 2 * steps.size + 2
    for number in range(starts.shape[0]):
        _fill(padded, starts, sides, rim, number, cube)
        n = _localise(cube, place, local)
        n_touched = 0
        for i in range(cube.size):
            here = cube[i]
            if here == 0:
                continue
            level = value[here]
            total = 0.0
            near = 0
            same = 1
            for step in steps:
                for other in (cube[i - step], cube[i + step]):
                    if other > 0:
                        total += value[other]
                        near += 1
                        if abs(value[other] - level) <= cutoff:
                            same += 1
            if near > 0:
                differences[number, here - 1] += abs(level - total / near)
            cell = (place[here] - 1) * width + same
            if counts[cell] == 0:
                touched[n_touched] = cell
                n_touched += 1
            counts[cell] += 1
        n_rows = _emit(counts, touched, n_touched, width, local, number, rows, n_rows)
        for k in range(n):
            place[local[k]] = 0
    return n_rows
