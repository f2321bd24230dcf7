"""Loops over planes of samples, for the nearest of points on a lattice's edges.

From a sample outside a way leads to its nearest point along z, y and x, in any order, on which no
sample lies inside: where it entered, it would cross an edge at a nearer point. So every sweep stays
in a run of samples outside, and begins from the points at its ends. A plane is worked on in buffers
that a processor's cache holds.
"""

from __future__ import annotations

import numpy as np

from radpred.kernels._compiled import compiled

ON_SAMPLE = 1e-9  # in samples: points as near to a sample lie on it, for edges along any axis


@compiled
def seed(near, inside, places, numbers, axis, slot, n_y, n_x):  # type: ignore[no-untyped-def]
    """Give the outer ends of an edge the point on it, where none is nearer."""
    stride, n = (1, n_x) if axis == 2 else (n_x, n_y)
    for j in range(numbers.size):
        k = numbers[j]
        at = places[k, axis]
        low = int(np.floor(at))
        high = low + 1
        if abs(at - np.rint(at)) < ON_SAMPLE:  # its edge may lie on either side
            low = int(np.rint(at)) - 1
            high = low + 2
        z = int(np.rint(places[k, 0]))
        y = int(np.rint(places[k, 1])) if axis == 2 else 0
        x = 0 if axis == 2 else int(np.rint(places[k, 2]))
        for place in range(max(low, 0), min(high + 1, n)):
            i = (z * n_y + y) * n_x + x + place * stride
            if inside[i] != 0:
                continue
            other = near[2 * i + slot]
            if other < 0 or abs(place - at) < abs(place - places[other, axis]):
                near[2 * i + slot] = k


@compiled
def carry_rows(near, inside, along, box, reach):  # type: ignore[no-untyped-def]
    """Carry points on edges along y, row after row, through samples outside."""
    n_y = inside.shape[1]
    for z in range(box[0, 0], box[0, 1]):
        for way in range(2):
            back = -1 if way == 0 else 1
            for step in range(1, n_y):
                y = step if way == 0 else n_y - 1 - step
                for x in range(box[2, 0], box[2, 1]):
                    k = near[z, y + back, x, 0]
                    if k >= 0 and inside[z, y, x] == 0:
                        apart = abs(y - along[k])
                        other = near[z, y, x, 0]
                        if apart <= reach and (other < 0 or apart < abs(y - along[other])):
                            near[z, y, x, 0] = k


@compiled
def carry_in_rows(near, inside, along, box, reach):  # type: ignore[no-untyped-def]
    """Carry points on edges along x through samples outside."""
    n_x = inside.shape[2]
    for z in range(box[0, 0], box[0, 1]):
        for y in range(box[1, 0], box[1, 1]):
            for way in range(2):
                k = -1
                at = 0.0
                for step in range(n_x):
                    x = step if way == 0 else n_x - 1 - step
                    if inside[z, y, x] != 0:
                        k = -1
                        continue
                    other = near[z, y, x, 1]
                    if other >= 0 and (k < 0 or abs(x - along[other]) <= abs(x - at)):
                        k = other
                        at = along[k]
                    elif k >= 0 and abs(x - at) <= reach:
                        near[z, y, x, 1] = k


@compiled
def sweep_along_z(  # type: ignore[no-untyped-def]
    near, inside, places, slot, box, steps2, far, cost, nearest, within, numbers, values, inverses
):
    """Bring the nearest of carried points along z, in one plane across y after the other."""
    n_z = near.shape[0]
    start = box[2, 0]
    width = box[2, 1] - start
    for y in range(box[1, 0], box[1, 1]):
        for z in range(n_z):
            for j in range(width):
                i = z * width + j
                within[i] = inside[z, y, start + j]
                k = near[z, y, start + j, slot]
                nearest[i] = k
                cost[i] = np.inf
                if k >= 0:
                    apart = y - places[k, 1] if slot == 0 else start + j - places[k, 2]
                    cost[i] = apart * apart * steps2[1 + slot]
        lower(cost, nearest, within, 0, 0, width, 1, n_z, width, 0, steps2, far,
              numbers, values, inverses)  # fmt: skip
        for z in range(n_z):
            for j in range(width):
                near[z, y, start + j, slot] = nearest[z * width + j]


@compiled
def measure_planes(  # type: ignore[no-untyped-def]
    found, near, inside, points, normals, places, first, spacing, box, steps2, far, offset2,
    newest, following, cost, nearest, other, of_other, numbers, values, inverses,
):  # fmt: skip
    """Write distances to the nearest point, in one plane across z after the other."""
    n_z, n_y, n_x = found.shape
    for z in range(n_z):
        at = z * n_y * n_x
        _put_along_z(z, cost, nearest, inside, places, steps2, far, newest, following, n_y, n_x)
        start, width = box[2, 0], box[2, 1] - box[2, 0]
        lower(cost, nearest, inside, start, at + start, width, 1, n_y, n_x, 1, steps2, far,
              numbers, values, inverses)  # fmt: skip
        _take_nearer(z, 0, cost, nearest, near, places, steps2, n_y, n_x)
        lower(cost, nearest, inside, 0, at, n_y, n_x, n_x, 1, 2, steps2, far,
              numbers, values, inverses)  # fmt: skip
        for i in range(n_y * n_x):
            other[i] = np.inf
            of_other[i] = -1
        _take_nearer(z, 1, other, of_other, near, places, steps2, n_y, n_x)
        lower(other, of_other, inside, 0, at, n_x, 1, n_y, n_x, 1, steps2, far,
              numbers, values, inverses)  # fmt: skip
        for y in range(n_y):
            for x in range(n_x):
                i = y * n_x + x
                k = nearest[i] if cost[i] <= other[i] else of_other[i]
                if k < 0 or min(cost[i], other[i]) > far:
                    found[z, y, x] = np.inf
                    continue
                dz = (z - first[0]) * spacing[0] - points[k, 0]
                dy = (y - first[1]) * spacing[1] - points[k, 1]
                dx = (x - first[2]) * spacing[2] - points[k, 2]
                straight = dz * dz + (dy * dy + dx * dx)
                along = dz * normals[k, 0] + (dy * normals[k, 1] + dx * normals[k, 2])
                beside = min(max(straight - along * along, 0.0), offset2)
                found[z, y, x] = (straight - beside) ** 0.5


@compiled
def link_along_z(newest, following, places, numbers, n_x):  # type: ignore[no-untyped-def]
    """Link each point on an edge along z, of numbers by rising z, to the next in its column."""
    for j in range(newest.shape[1]):
        newest[0, j] = -1
        newest[1, j] = -1
    for back in range(numbers.size):
        k = numbers[numbers.size - 1 - back]
        column = int(np.rint(places[k, 1])) * n_x + int(np.rint(places[k, 2]))
        following[k] = newest[1, column]
        newest[1, column] = k


@compiled
def _put_along_z(  # type: ignore[no-untyped-def]
    z, cost, nearest, inside, places, steps2, far, newest, following, n_y, n_x
):
    """Put into a plane the nearer of the last point below it and the next above, by column."""
    at = z * n_y * n_x
    for i in range(n_y * n_x):
        cost[i] = np.inf
        nearest[i] = -1
        below, above = newest[0, i], newest[1, i]
        while above >= 0 and places[above, 0] <= z:
            below, above = above, following[above]
        newest[0, i], newest[1, i] = below, above
        if inside[at + i] != 0:
            continue
        if below >= 0:
            apart = z - places[below, 0]
            if apart * apart * steps2[0] <= far:
                cost[i] = apart * apart * steps2[0]
                nearest[i] = below
        if above >= 0:
            apart = places[above, 0] - z
            if apart * apart * steps2[0] <= far and apart * apart * steps2[0] < cost[i]:
                cost[i] = apart * apart * steps2[0]
                nearest[i] = above


@compiled
def _take_nearer(z, slot, cost, nearest, near, places, steps2, n_y, n_x):  # type: ignore[no-untyped-def]
    """Put into a plane points that were brought along z, where they are nearer."""
    at = z * n_y * n_x
    for y in range(n_y):
        for x in range(n_x):
            i = y * n_x + x
            k = near[2 * (at + i) + slot]
            if k >= 0:
                dz = z - places[k, 0]
                apart = y - places[k, 1] if slot == 0 else x - places[k, 2]
                square = dz * dz * steps2[0] + apart * apart * steps2[1 + slot]
                if square < cost[i]:
                    cost[i] = square
                    nearest[i] = k


@compiled
def lower(  # type: ignore[no-untyped-def]
    cost, nearest, inside, c_start, i_start, n_lines, s_lines, n, stride, axis, steps2, far,
    numbers, values, inverses,
):  # fmt: skip
    """Take the lowest of the parabolas that rise from samples, in each run of those outside."""
    step2 = steps2[axis]
    n_far = int(min(np.ceil((far / step2) ** 0.5), n))
    for line in range(n_lines):
        c_base = c_start + line * s_lines
        i_base = i_start + line * s_lines
        begin = 0
        last = -1
        for i in range(n + 1):
            if i < n and inside[i_base + i * stride] == 0:
                height = cost[c_base + i * stride]
                if height <= far:
                    owner = nearest[c_base + i * stride]
                    last = _raised(
                        numbers, values, inverses, axis, last, i, owner, height, step2, n
                    )
                continue
            if last >= 0:
                low = max(numbers[0, 0] - n_far, begin)
                _take_lowest(
                    cost, nearest, c_base, stride, low, min(numbers[0, last] + n_far + 1, i),
                    last, step2, far, numbers, values,
                )  # fmt: skip
            begin = i + 1
            last = -1


@compiled
def _take_lowest(  # type: ignore[no-untyped-def]
    cost, nearest, base, stride, low, high, last, step2, far, numbers, values
):
    """Write the lowest of the parabolas of a run at its samples from one to another."""
    k = 0
    for i in range(low, high):
        while k < last and values[1, k + 1] < i:
            k += 1
        site = numbers[0, k]
        apart = i - site
        square = values[0, k] - step2 * site * site + step2 * apart * apart
        here = base + i * stride
        if square <= far:
            cost[here] = square
            nearest[here] = numbers[1, k]
        else:
            cost[here] = np.inf
            nearest[here] = -1


@compiled
def _raised(  # type: ignore[no-untyped-def]
    numbers, values, inverses, axis, last, i, owner, height, step2, n
):
    """Put the parabola of a sample among those of its line; return which is the last of them."""
    lifted = height + step2 * i * i
    begin = -1.0
    while last >= 0:
        begin = (lifted - values[0, last]) * inverses[axis, i - numbers[0, last]]
        if begin > values[1, last]:
            break
        last -= 1
    if last < 0:
        begin = -1.0
    if begin >= n:
        return last
    last += 1
    numbers[0, last] = i
    numbers[1, last] = owner
    values[0, last] = lifted
    values[1, last] = begin
    return last
