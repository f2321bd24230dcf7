"""The fast variant: distances of points on edges of a lattice, one axis after the other.

A point on an edge along z lies at whole steps along y and x. So the squared distance to the nearest
one is found in its column first, and then as the lowest of parabolas along y and along x, each in
one sweep (Felzenszwalb and Huttenlocher, Theory of Computing 2012;8:415-428); likewise for points
on edges along y and along x. Every sample costs the same, however far the surface is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels.surface_distance import _planes, _runs
from radpred.kernels.surface_distance._numpy import Samples, at_centres, middle, repeated

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
    first, spacing = (np.asarray(a, dtype=np.float64) for a in (samples.first, samples.spacing))
    places = points / spacing + first
    steps2, far = spacing * spacing, float(reach_mm) ** 2
    within = np.ascontiguousarray(inside).view(np.uint8)
    found = np.empty(samples.shape)
    numbers = _numbers_by_axis(places)
    near, box = _brought_along_z(found, within, places, numbers, steps2, far)
    _, n_y, n_x = samples.shape
    newest = np.empty((2, n_y * n_x), dtype=np.int32)
    following = np.empty(len(places), dtype=np.int32)
    _planes.link_along_z(newest, following, places, numbers[0], n_x)
    _planes.measure_planes(
        found,
        near.ravel(),
        within.ravel(),
        points,
        normals,
        places,
        first,
        spacing,
        box,
        steps2,
        far,
        float(sampling_offset) ** 2,
        newest,
        following,
        *_plane(n_y * n_x),
        *_plane(n_y * n_x),
        *_parabolas(samples.shape, steps2),
    )
    return found


def distances_to_other(samples: Array, spacing: Triple) -> Array:
    """Return the distance of each sample to the nearest of the other kind, in mm."""
    inside = np.ascontiguousarray(samples).view(np.uint8)
    cost = np.empty(samples.shape)
    _runs.along_rows(cost, inside, spacing[2] * spacing[2])
    for axis in (1, 0):
        step2 = spacing[axis] ** 2
        lines = _lines(samples.shape, axis, (ALL, ALL, ALL))
        scratch = _scratch(samples.shape[axis], step2)
        _runs.lower_in_runs(cost.ravel(), inside.ravel(), *lines, step2, *scratch)
    return np.sqrt(cost)


def distances_at_centres(body: Array, factors: tuple[int, int, int], spacing: Triple) -> Array:
    """Return the signed distance of voxel centres to the faces, as samples around them have it."""
    main = int(np.argmax(factors))  # along it distances are found last, at the centres only
    z, y, x = (1 if axis == main else factor for axis, factor in enumerate(factors))
    others = z, y, x
    order = [main, *(axis for axis in range(3) if axis != main)]
    voxels = np.ascontiguousarray(repeated(body, others).transpose(order))
    inside, cost = voxels.view(np.uint8), np.empty(voxels.shape)
    step2 = [spacing[axis] ** 2 for axis in order]
    _runs.along_rows(cost, inside, step2[2])
    flat = cost.ravel(), inside.ravel()
    z_lines, y_lines = (_lines(voxels.shape, axis, (ALL, ALL, ALL)) for axis in (0, 1))
    _runs.lower_in_runs(*flat, *y_lines, step2[1], *_scratch(voxels.shape[1], step2[1]))
    factor, half = factors[main], float(min(spacing)) / 2
    scratch = _scratch(voxels.shape[0] * factor, step2[0])
    _runs.lower_at_centres(*flat, *z_lines, step2[0], *scratch, factor, *middle(factor), half)
    found = cost.transpose(np.argsort(order))
    return at_centres(found, others) if max(others) > 1 else np.ascontiguousarray(found)


def _brought_along_z(
    found: Array, within: Array, places: Array, numbers: list[Array], steps2: Array, far: float
) -> tuple[Array, Array]:
    """Return which points are near each sample in its planes across x and y, and their box.

    Returns
    -------
    near : array of int
        Shape (z, y, x, 2), in the memory of ``found``: first of points on edges along y, in planes
        across x, then of those along x, in planes across y; below zero where there is none.
    box : array of int
        Of samples around all points: first and last but one along z, y and x.
    """
    n_z, n_y, n_x = found.shape
    near = found.view(np.int32).reshape(n_z, n_y, n_x, 2)
    near.fill(-1)
    box = np.stack([np.floor(places.min(axis=0)), np.ceil(places.max(axis=0)) + 1], axis=1)
    box = box.astype(np.int64)
    reach = np.sqrt(far / steps2)
    for slot, carry in enumerate((_planes.carry_rows, _planes.carry_in_rows)):
        axis = slot + 1
        flat = near.ravel(), within.ravel()
        _planes.seed(*flat, places, numbers[axis], axis, slot, n_y, n_x)
        along = np.ascontiguousarray(places[:, axis])
        carry(near, within, along, box, float(reach[axis]))
        spans = box.copy()
        spans[axis] = 0, found.shape[axis]
        width = int(spans[2, 1] - spans[2, 0])
        buffers = *_plane(n_z * width), np.empty(n_z * width, dtype=np.uint8)
        scratch = _parabolas(found.shape, steps2)
        _planes.sweep_along_z(near, within, places, slot, spans, steps2, far, *buffers, *scratch)
    return near, box


def _numbers_by_axis(places: Array) -> list[Array]:
    """Return which points lie on edges along z, y and x; one on a sample lies on any."""
    apart = np.abs(places - np.rint(places))
    axis_of, is_on_sample = apart.argmax(axis=1), apart.max(axis=1) < _planes.ON_SAMPLE
    found = [np.flatnonzero((axis_of == axis) | is_on_sample) for axis in range(3)]
    rising = places[found[0], 0]
    if is_on_sample.any() or (np.diff(np.floor(rising)) < 0).any():
        found[0] = found[0][np.argsort(rising, kind="stable")]
    return found


def _plane(n: int) -> tuple[Array, Array]:
    """Return where a plane of samples keeps squared distances and the numbers of points."""
    return np.empty(n), np.empty(n, dtype=np.int32)


def _parabolas(shape: tuple[int, int, int], steps2: Array) -> tuple[Array, Array, Array]:
    """Return where a line of samples keeps its parabolas, and by axis what divides by distances."""
    n = max(shape)
    inverse = 0.5 / (steps2[:, None] * np.maximum(np.arange(n + 2), 1))
    return np.empty((2, n + 3), dtype=np.int64), np.empty((2, n + 3)), inverse


def _scratch(n: int, step2: float) -> tuple[Array, Array, Array]:
    """Return where a line of ``n`` samples keeps its parabolas, and what divides by distances."""
    inverse = 0.5 / (step2 * np.maximum(np.arange(n + 2), 1))
    return np.empty((2, n + 3), dtype=np.int64), np.empty((2, n + 3)), inverse


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
