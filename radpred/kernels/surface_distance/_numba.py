"""The fast variant: distances of points on edges of a lattice, one axis after the other.

A point on an edge along z lies at whole steps along y and x. So the squared distance to the nearest
one is found in its column first, and then as the lowest of parabolas along y and along x, each in
one sweep (Felzenszwalb and Huttenlocher, Theory of Computing 2012;8:415-428); likewise for points
on edges along y and along x. Every sample costs the same, however far the surface is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from radpred.image import Array, Box, Triple
from radpred.kernels._compiled import compiled
from radpred.kernels.surface_distance._numpy import Samples

NONE = -1  # no point
ALL = slice(None)


def surface_distances(
    points: Array,
    normals: Array,
    inside: Array,
    samples: Samples,
    *,
    reach_mm: float,
    sampling_offset: float,
) -> Array:
    """Return the distance of samples outside to the surface, infinite elsewhere."""
    points, normals = (np.ascontiguousarray(a, dtype=np.float64) for a in (points, normals))
    places = points / np.asarray(samples.spacing) + np.asarray(samples.first)
    box = _box(places)
    axis_of = np.abs(places - np.rint(places)).argmax(axis=1)  # a point on a corner lies on any
    squares = Squares(samples, places, far=float(reach_mm) ** 2)
    cost, nearest = squares.of(np.flatnonzero(axis_of == 0), (0, 1), box)
    other, of_other = squares.of(np.flatnonzero(axis_of == 1), (1, 0), box)
    _keep_nearer(cost.ravel(), nearest.ravel(), other.ravel(), of_other.ravel())
    squares.swept(cost, nearest, 2, (ALL, ALL, ALL))
    other, of_other = squares.of(np.flatnonzero(axis_of == 2), (2, 0, 1), box)
    _keep_nearer(cost.ravel(), nearest.ravel(), other.ravel(), of_other.ravel())
    _measure(
        cost,
        nearest,
        np.ascontiguousarray(inside).view(np.uint8),
        points,
        normals,
        np.asarray(samples.first, dtype=np.float64),
        np.asarray(samples.spacing),
        float(sampling_offset) ** 2,
    )
    return cost


def distances_to_other(samples: Array, spacing: Triple) -> Array:
    """Return the distance of each sample to the nearest of the other kind, in mm."""
    inside = np.ascontiguousarray(samples).view(np.uint8)
    cost = np.empty(samples.shape)
    _along_rows(cost, inside, spacing[2] * spacing[2])
    for axis in (1, 0):
        step2 = spacing[axis] ** 2
        lines = _lines(samples.shape, axis, (ALL, ALL, ALL))
        scratch = _scratch(samples.shape[axis], step2)
        _lower_in_runs(cost.ravel(), inside.ravel(), *lines, step2, *scratch)
    return np.sqrt(cost)


class Squares(NamedTuple):
    """Squared distances of samples to points on edges of their lattice.

    Parameters
    ----------
    samples : Samples
        The lattice.
    places : array, shape (n, 3)
        The points, in samples along z, y and x.
    far : float
        Squared distances beyond it are not wanted.
    """

    samples: Samples
    places: Array
    far: float

    def of(self, numbers: Array, axes: tuple[int, ...], box: Box) -> tuple[Array, Array]:
        """Return squared distances to points on edges along an axis, swept along others, too."""
        cost = np.full(self.samples.shape, np.inf)
        nearest = np.full(self.samples.shape, NONE, dtype=np.int32)
        axis = axes[0]
        places = self.places[numbers]
        low = np.rint(places).astype(np.int64)
        low[:, axis] = np.floor(places[:, axis]).astype(np.int64)
        part = np.ascontiguousarray(places[:, axis] - low[:, axis])
        strides = _strides(self.samples.shape)
        step2 = self.samples.spacing[axis] ** 2
        ravelled = cost.ravel(), nearest.ravel()
        _seed(*ravelled, low @ np.asarray(strides), numbers, part, strides[axis], step2)
        along = np.ascontiguousarray(self.places[:, axis])
        whole = [ALL if a == axis else box[a] for a in range(3)]
        _carry(*ravelled, along, *_lines(self.samples.shape, axis, whole), step2, self.far)
        for later in axes[1:]:
            whole[later] = ALL
            self.swept(cost, nearest, later, whole)
        return cost, nearest

    def swept(self, cost: Array, nearest: Array, axis: int, box: Sequence[slice]) -> None:
        """Bring, in place, the lowest of parabolas along an axis to each sample of its lines."""
        n = self.samples.shape[axis]
        step2 = self.samples.spacing[axis] ** 2
        n_far = int(min(np.ceil(np.sqrt(self.far / step2)), n))
        lines = _lines(self.samples.shape, axis, box)
        ravelled = cost.ravel(), nearest.ravel()
        _lower(*ravelled, *lines, step2, self.far, n_far, *_scratch(n, step2))


def _scratch(n: int, step2: float) -> tuple[Array, Array, Array]:
    """Return where a line of ``n`` samples keeps its parabolas, and what divides by distances."""
    inverse = 0.5 / (step2 * np.maximum(np.arange(n + 2), 1))
    return np.empty((2, n + 3), dtype=np.int64), np.empty((2, n + 3)), inverse


def _box(places: Array) -> Box:
    """Return the box of samples around all points."""
    low, high = np.floor(places.min(axis=0)), np.ceil(places.max(axis=0))
    z, y, x = (slice(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))
    return z, y, x


def _strides(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return how far apart neighbours along z, y and x lie in memory, in samples."""
    return shape[1] * shape[2], shape[2], 1


def _lines(shape: tuple[int, int, int], axis: int, box: Sequence[slice]) -> tuple[int, ...]:
    """Return where lines along an axis begin, their number and stride twice, length and stride."""
    strides = _strides(shape)
    outer, inner = (a for a in range(3) if a != axis)
    spans = [range(*box[a].indices(shape[a])) for a in (outer, inner)]
    start = spans[0].start * strides[outer] + spans[1].start * strides[inner]
    sizes = (len(spans[0]), strides[outer], len(spans[1]), strides[inner])
    return start, *sizes, shape[axis], strides[axis]


@compiled
def _along_rows(cost, inside, step2):  # type: ignore[no-untyped-def]
    """Write the squared distance to the nearest sample of the other kind in each row along x."""
    n = cost.shape[2]
    for z in range(cost.shape[0]):
        for y in range(cost.shape[1]):
            apart = np.inf
            cost[z, y, 0] = apart
            for x in range(1, n):
                apart = 1.0 if inside[z, y, x] != inside[z, y, x - 1] else apart + 1.0
                cost[z, y, x] = apart
            apart = np.inf
            cost[z, y, n - 1] = cost[z, y, n - 1] * cost[z, y, n - 1] * step2
            for back in range(1, n):
                x = n - 1 - back
                apart = 1.0 if inside[z, y, x] != inside[z, y, x + 1] else apart + 1.0
                nearer = min(apart, cost[z, y, x])
                cost[z, y, x] = nearer * nearer * step2


@compiled
def _seed(cost, nearest, flat, numbers, part, stride, step2):  # type: ignore[no-untyped-def]
    """Give both ends of an edge the point on it, where none is nearer."""
    for k in range(flat.size):
        i = flat[k]
        low = part[k] * part[k] * step2
        if low < cost[i]:
            cost[i] = low
            nearest[i] = numbers[k]
        high = (1.0 - part[k]) * (1.0 - part[k]) * step2
        if part[k] > 0.0 and high < cost[i + stride]:
            cost[i + stride] = high
            nearest[i + stride] = numbers[k]


@compiled
def _carry(  # type: ignore[no-untyped-def]
    cost, nearest, along, start, n_outer, s_outer, n_inner, s_inner, n, stride, step2, far
):
    """Carry points along the lines of their edges, both ways."""
    for outer in range(n_outer):
        for forward in range(2):
            for step in range(1, n):
                i = step if forward == 1 else n - 1 - step
                back = -stride if forward == 1 else stride
                base = start + outer * s_outer + i * stride
                for inner in range(n_inner):
                    here = base + inner * s_inner
                    k = nearest[here + back]
                    if k >= 0:
                        apart = i - along[k]
                        found = apart * apart * step2
                        if found < cost[here] and found <= far:
                            cost[here] = found
                            nearest[here] = k


@compiled
def _raised(numbers, values, inverse, last, i, owner, height, step2, n):  # type: ignore[no-untyped-def]
    """Put the parabola of a sample among those of its line; return which is the last of them."""
    lifted = height + step2 * i * i
    begin = -1.0
    while last >= 0:
        begin = (lifted - values[0, last]) * inverse[i - numbers[0, last]]
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


@compiled
def _lower(  # type: ignore[no-untyped-def]
    cost,
    nearest,
    start,
    n_outer,
    s_outer,
    n_inner,
    s_inner,
    n,
    stride,
    step2,
    far,
    n_far,
    numbers,
    values,
    inverse,
):
    """Take along each line the lowest of the parabolas that rise from its samples."""
    for outer in range(n_outer):
        for inner in range(n_inner):
            base = start + outer * s_outer + inner * s_inner
            last = -1
            for i in range(n):
                here = base + i * stride
                if cost[here] <= far:
                    last = _raised(
                        numbers, values, inverse, last, i, nearest[here], cost[here], step2, n
                    )
            if last < 0:
                continue
            k = 0
            for i in range(max(numbers[0, 0] - n_far, 0), min(numbers[0, last] + n_far + 1, n)):
                while k < last and values[1, k + 1] < i:
                    k += 1
                site = numbers[0, k]
                apart = i - site
                found = values[0, k] - step2 * site * site + step2 * apart * apart
                here = base + i * stride
                if found <= far:
                    cost[here] = found
                    nearest[here] = numbers[1, k]
                else:
                    cost[here] = np.inf
                    nearest[here] = -1


@compiled
def _lower_in_runs(  # type: ignore[no-untyped-def]
    cost,
    inside,
    start,
    n_outer,
    s_outer,
    n_inner,
    s_inner,
    n,
    stride,
    step2,
    numbers,
    values,
    inverse,
):
    """Take the lowest parabolas in each run of one kind; beside it the other kind is at hand."""
    for outer in range(n_outer):
        for inner in range(n_inner):
            base = start + outer * s_outer + inner * s_inner
            first = 0
            while first < n:
                kind = inside[base + first * stride]
                end = first + 1
                while end < n and inside[base + end * stride] == kind:
                    end += 1
                last = -1
                if first > 0:
                    last = _raised(numbers, values, inverse, last, first - 1, 0, 0.0, step2, n)
                for i in range(first, end):
                    height = cost[base + i * stride]
                    if height < np.inf:
                        last = _raised(numbers, values, inverse, last, i, 0, height, step2, n)
                if end < n:
                    last = _raised(numbers, values, inverse, last, end, 0, 0.0, step2, n)
                k = 0
                for i in range(first, end if last >= 0 else first):
                    while k < last and values[1, k + 1] < i:
                        k += 1
                    site = numbers[0, k]
                    apart = i - site
                    found = values[0, k] - step2 * site * site + step2 * apart * apart
                    cost[base + i * stride] = found
                first = end


@compiled
def _keep_nearer(cost, nearest, other, of_other):  # type: ignore[no-untyped-def]
    """Replace, in place, what is further away."""
    for i in range(cost.size):
        if other[i] < cost[i]:
            cost[i] = other[i]
            nearest[i] = of_other[i]


@compiled
def _measure(cost, nearest, inside, points, normals, first, spacing, offset2):  # type: ignore[no-untyped-def]
    """Write the distance of each sample outside along the normal of its nearest point."""
    for z in range(cost.shape[0]):
        for y in range(cost.shape[1]):
            for x in range(cost.shape[2]):
                k = nearest[z, y, x]
                if k < 0 or inside[z, y, x] != 0:
                    cost[z, y, x] = np.inf
                    continue
                dz = (z - first[0]) * spacing[0] - points[k, 0]
                dy = (y - first[1]) * spacing[1] - points[k, 1]
                dx = (x - first[2]) * spacing[2] - points[k, 2]
                straight = dz * dz + (dy * dy + dx * dx)
                along = dz * normals[k, 0] + (dy * normals[k, 1] + dx * normals[k, 2])
                beside = min(max(straight - along * along, 0.0), offset2)
                cost[z, y, x] = (straight - beside) ** 0.5
