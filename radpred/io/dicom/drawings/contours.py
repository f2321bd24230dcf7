"""Closed contours to voxels: which voxel centres lie inside, exactly.

===========================  ==================================================================
on a plane                   Even-odd over all contours together, so holes, rings in rings and
                             keyholes need no flag. A voxel belongs where its centre is inside; a
                             centre on an edge belongs to what lies after the edge in row and
                             column order, so that neighbours share no voxel and leave none out.
between planes               A plane reaches half way to its neighbours, and as far at the ends;
                             one plane alone reaches half a slice. Slices count whole, those whose
                             middle is reached: 18 mm of contours are 13 or 14 slices of 1.3 mm,
                             as they lie; on average over where slices begin, 18 mm.
where planes are missing     Neighbours further apart than 1.5 usual distances reach half a usual
                             distance; what lies between is left empty, and noted.
planes not along the slices  Filled along the planes in steps of a quarter of the smallest voxel
                             edge; a voxel belongs where the step nearest its centre is inside.
===========================  ==================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from radpred.errors import GeometryError, InputError, RegionError, warn
from radpred.image import Array, Box, Grid, Mask

ALONG_SLICES = 0.1  # of a slice that a contour may rise and still lie in it
SAME_PLANE_MM = 0.1
WIDE_GAP = 1.5  # usual distances
FURTHEST_REACH_MM = 5.0  # of planes that lie more than a slice apart
DIGITS = 6  # of a voxel: less is the rounding of arithmetic
STEPS_A_VOXEL = 4
MOST_STEPS = 2**28  # held at once, and as many edges crossing rows
MOST_CROSSINGS = 2**22


def rasterised(contours: Sequence[Array], grid: Grid, *, name: str = "tumour") -> Mask:
    """Return the voxels of ``grid`` inside closed contours (rules: see the module).

    Parameters
    ----------
    contours : sequence of array, shape (n, 3)
        Corners of each contour in order, LPS mm; the last is joined to the first.
    grid : Grid
        The image's.
    name : str
        What the region is called.

    Raises
    ------
    GeometryError
        ``mask_outside_image``.
    RegionError
        ``mask_vanished``: no voxel centre lies inside.
    InputError
        ``contours_not_parallel``: no common direction of the planes.

    Examples
    --------
    >>> square = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]])
    >>> rasterised([square], Grid(shape=(1, 5, 5))).n_voxels
    4
    """
    contours, repeated = _without_repeats(contours)
    index = [_index_of(grid, points) for points in contours]
    beyond = _beyond(index, grid)
    rise = np.max([np.ptp(points, axis=0) for points in index], axis=0)
    flat = np.flatnonzero(rise <= ALONG_SLICES)
    if flat.size:
        voxels, notes = _filled_slices(index, grid, across=int(flat[0]))
    else:
        voxels, notes = _filled_askew(contours, grid)
    if not voxels.any():
        msg = f"{name}: its contours enclose no voxel centre of {grid}; draw it on a finer image"
        raise RegionError(msg, code="mask_vanished")
    if beyond > 1.0:
        note = f"contours reach up to {beyond:.3g} voxels beyond the image, cut off there"
        warn(f"{name}: {note}")
        notes = (*notes, f"warning: {note}")
    return Mask(voxels=voxels, grid=grid, name=name, steps=(*repeated, *notes))


def _without_repeats(contours: Sequence[Array]) -> tuple[list[Array], tuple[str, ...]]:
    """Return the contours, each once: two equal ones would cancel by the even-odd rule."""
    once: dict[bytes, Array] = {}
    for points in contours:
        points = np.asarray(points, dtype=float)
        corners = np.round(points, 3) + 0.0
        once.setdefault(corners[np.lexsort(corners.T)].tobytes(), points)
    n_repeats = len(contours) - len(once)
    notes = (f"{n_repeats} contour(s) that repeat another counted once",) if n_repeats else ()
    return list(once.values()), notes


def _index_of(grid: Grid, points: Array) -> Array:
    """Return array indices (z, y, x) of LPS positions, free of the rounding of arithmetic."""
    to_axes = np.linalg.inv(np.reshape(grid.direction, (3, 3))).T
    along = (points - np.asarray(grid.origin)) @ to_axes
    return np.round(along[:, ::-1] / grid.spacing, DIGITS)


def _beyond(index: Sequence[Array], grid: Grid) -> float:
    """Return by how many voxels contours leave the image, or refuse those wholly outside."""
    low = np.min([points.min(axis=0) for points in index], axis=0)
    high = np.max([points.max(axis=0) for points in index], axis=0)
    last = np.array(grid.shape) - 0.5
    if (high < -0.5).any() or (low > last).any():
        spans = zip("zyx", low, high, strict=True)
        ends = ", ".join(f"{axis} {a:.5g} to {b:.5g}" for axis, a, b in spans)
        msg = (
            f"contours span voxels {ends} of the image of {grid}, none inside; give the image that "
            "they were drawn on"
        )
        raise GeometryError(msg, code="mask_outside_image")
    return float(max((-0.5 - low).max(), (high - last).max(), 0.0))


def _filled_slices(
    index: Sequence[Array], grid: Grid, *, across: int
) -> tuple[Array, tuple[str, ...]]:
    """Return the voxels inside contours that lie along slices, and what to know of their planes.

    Parameters
    ----------
    index : sequence of array, shape (n, 3)
        Corners of each contour as array indices.
    grid : Grid
        The image's.
    across : int
        The axis that the slices are stacked along.
    """
    order = [across, *(axis for axis in range(3) if axis != across)]
    n_slices, *size = (grid.shape[axis] for axis in order)
    step = grid.spacing[across]
    heights = np.array([points[:, across].mean() for points in index]) * step
    planes, members = _planes(heights, tolerance=min(SAME_PLANE_MM, ALONG_SLICES * step))
    plane_of = _nearest(planes, np.arange(n_slices) * step, slice_mm=step)
    voxels = np.zeros(grid.shape, dtype=bool)
    slices = np.moveaxis(voxels, across, 0)
    for plane in np.unique(plane_of[plane_of >= 0]):
        outlines = [p[:, order[1:]] for p, m in zip(index, members, strict=True) if m == plane]
        rows, columns, inside = filled(outlines, (size[0], size[1]))
        for z in np.flatnonzero(plane_of == plane):
            slices[z, rows, columns] = inside
    usual = _usual_step(planes, step)
    if abs(usual / step - 1.0) <= ALONG_SLICES:
        return voxels, _missing(planes, usual)
    note = (
        f"contour planes lie {usual:.4g} mm apart and slices {step:.4g} mm: each plane counts as "
        "far as half way to the next"
    )
    return voxels, (note, *_missing(planes, usual))


def _planes(heights: Array, *, tolerance: float) -> tuple[Array, Array]:
    """Return the heights of planes in order, and which of them each contour lies in."""
    firsts: list[float] = []
    members = np.zeros(len(heights), dtype=int)
    for i in np.argsort(heights, kind="stable"):
        if not firsts or heights[i] - firsts[-1] > tolerance:
            firsts.append(float(heights[i]))
        members[i] = len(firsts) - 1
    return np.bincount(members, weights=heights) / np.bincount(members), members


def _usual_step(planes: Array, slice_mm: float) -> float:
    """Return the usual distance between planes, that of slices for one plane alone."""
    gaps = np.sort(np.diff(planes))
    if not gaps.size:
        return slice_mm
    return float(min(gaps[(gaps.size - 1) // 2], max(2.0 * FURTHEST_REACH_MM, slice_mm)))


def _nearest(planes: Array, heights: Array, *, slice_mm: float) -> Array:
    """Return which plane reaches each height, -1 where none does."""
    usual, gaps = _usual_step(planes, slice_mm), np.diff(planes)
    half = np.where(gaps <= WIDE_GAP * usual, gaps, usual) / 2.0
    low = planes - np.r_[usual / 2.0, half]
    high = planes + np.r_[half, usual / 2.0]
    above = heights + 1e-3 * slice_mm  # half way belongs to the upper plane, rounding or not
    plane = np.searchsorted(low, above, side="right") - 1
    return np.where((plane >= 0) & (above < high[plane]), plane, -1)


def _missing(planes: Array, usual: float) -> tuple[str, ...]:
    """Return a note where planes are missing between others."""
    gaps = np.diff(planes)
    n_missing = int(np.round(gaps[gaps > WIDE_GAP * usual] / usual - 1.0).sum())
    if not n_missing:
        return ()
    return (f"no contour on {n_missing} plane(s) between the first and the last: left empty",)


def filled(outlines: Sequence[Array], shape: tuple[int, int]) -> tuple[slice, slice, Array]:
    """Return the rows and columns of a plane that outlines can fill, and which are inside.

    Parameters
    ----------
    outlines : sequence of array, shape (n, 2)
        Corners (row, column) of closed polygons, in pixels.
    shape : tuple of int
        Rows and columns of the plane.
    """
    starts: Array = np.concatenate(outlines)
    ends: Array = np.concatenate([np.roll(corners, -1, axis=0) for corners in outlines])
    first = np.clip(np.ceil(starts.min(axis=0)), 0, shape).astype(int)
    stop = np.clip(np.ceil(starts.max(axis=0)), first, shape).astype(int)
    n_rows, n_columns = stop - first
    crossed = np.zeros((n_rows, n_columns + 1), dtype=np.uint8)
    for row, column in _crossings(starts - first, ends - first, n_rows):
        place = np.clip(np.ceil(np.round(column, DIGITS)), 0, n_columns).astype(int)
        np.add.at(crossed, (row, place), 1)
    parity = np.cumsum(crossed[:, :n_columns], axis=1, dtype=np.uint8) & 1
    rows, columns = (slice(int(a), int(b)) for a, b in zip(first, stop, strict=True))
    return rows, columns, parity.astype(bool)


def _crossings(starts: Array, ends: Array, n_rows: int) -> Iterator[tuple[Array, Array]]:
    """Yield where edges cross rows, as rows and fractional columns, some edges at a time."""
    is_up = starts[:, :1] > ends[:, :1]
    upper: Array = np.where(is_up, ends, starts)
    lower: Array = np.where(is_up, starts, ends)
    first = np.clip(np.ceil(upper[:, 0]), 0, n_rows).astype(int)
    counts = np.clip(np.ceil(lower[:, 0]), first, n_rows).astype(int) - first
    n_parts = int(counts.sum()) // MOST_CROSSINGS + 1
    for some in np.array_split(np.flatnonzero(counts), n_parts):
        edge = np.repeat(some, counts[some])
        before = np.repeat(np.cumsum(counts[some]) - counts[some], counts[some])
        row = first[edge] + np.arange(len(edge)) - before
        rise, run = (lower - upper)[edge].T
        yield row, upper[edge, 1] + (row - upper[edge, 0]) * (run / rise)


def _filled_askew(contours: Sequence[Array], grid: Grid) -> tuple[Array, tuple[str, ...]]:
    """Return the voxels inside contours on planes that are not the slices, and what to know."""
    normal = _normal(contours)
    turn = _axes_along(normal, grid)
    points = [corners @ turn.T for corners in contours]
    planes, members = _planes(np.array([p[:, 0].mean() for p in points]), tolerance=SAME_PLANE_MM)
    axes = np.reshape(grid.direction, (3, 3)).T[::-1]
    thick = float(np.linalg.norm((axes @ normal) * grid.spacing))
    usual = _usual_step(planes, thick)
    rise = float(max(np.ptp(p[:, 0]) for p in points))
    if rise > usual / 2.0:
        msg = (
            f"contours rise up to {rise:.4g} mm from planes that lie {usual:.4g} mm apart, wanted "
            "flat contours on parallel planes; draw them along one direction"
        )
        raise InputError(msg, code="contours_not_parallel")
    angle = np.degrees(np.arccos(min(abs(float(axes[0] @ normal)), 1.0)))
    notes = (f"contour planes lie {angle:.3g} degrees from the slices", *_missing(planes, usual))
    if rise > SAME_PLANE_MM:
        notes = (*notes, f"contours rise up to {rise:.2g} mm from their planes: flattened")
    box = _box_around(points, grid, turn, reach=usual)
    within = grid.cropped(box)
    corner, step, layers = _layers(points, members, within, turn)
    voxels = np.zeros(grid.shape, dtype=bool)
    places = np.moveaxis(np.indices((1, *within.shape[1:])), 0, -1)[0]
    for z in range(within.shape[0]):
        at = within.to_world(places + np.array([z, 0, 0])) @ turn.T
        layer = _nearest(planes, at[..., 0], slice_mm=thick)
        index = np.rint((at[..., 1:] - corner) / step).astype(int)
        voxels[box[0].start + z, box[1], box[2]] = _looked_up(layers, layer, index)
    return voxels, notes


def _normal(contours: Sequence[Array]) -> Array:
    """Return the direction across the planes, by the areas that contours enclose."""
    total = np.zeros(3)
    for points in contours:
        spokes = points - points.mean(axis=0)
        area = np.cross(spokes, np.roll(spokes, -1, axis=0)).sum(axis=0)
        total += area if area @ total >= 0.0 else -area
    length = float(np.linalg.norm(total))
    return total / length if length else np.array([0.0, 0.0, 1.0])


def _axes_along(normal: Array, grid: Grid) -> Array:
    """Return unit vectors as rows: across the planes, and two in them, near axes of ``grid``."""
    axes = np.reshape(grid.direction, (3, 3)).T
    flattest = axes[np.argmin(np.abs(axes @ normal))]
    down = np.cross(normal, flattest)
    down /= np.linalg.norm(down)
    return np.array([normal, down, np.cross(down, normal)])


def _box_around(points: Sequence[Array], grid: Grid, turn: Array, *, reach: float) -> Box:
    """Return the voxels of ``grid`` that contours, as corners along ``turn``, can touch."""
    further = np.array([reach, 0.0, 0.0])
    low = np.min([p.min(axis=0) for p in points], axis=0) - further
    high = np.max([p.max(axis=0) for p in points], axis=0) + further
    corners = grid.to_index(np.array(list(product(*zip(low, high, strict=True)))) @ turn)
    first = np.clip(np.floor(corners.min(axis=0)), 0, grid.shape).astype(int)
    stop = np.clip(np.ceil(corners.max(axis=0)) + 1, first, grid.shape).astype(int)
    z, y, x = (slice(int(a), int(b)) for a, b in zip(first, stop, strict=True))
    return z, y, x


def _layers(
    points: Sequence[Array], members: Array, within: Grid, turn: Array
) -> tuple[Array, float, Array]:
    """Return the lowest corner and the step of fine planes, and which of their points are inside.

    The last plane, which is -1 too, is empty.
    """
    ends = np.array(list(product(*((-0.5, n - 0.5) for n in within.shape))))
    around = (within.to_world(ends) @ turn.T)[:, 1:]
    low = np.maximum(np.min([p.min(axis=0) for p in points], axis=0)[1:], around.min(axis=0))
    high = np.minimum(np.max([p.max(axis=0) for p in points], axis=0)[1:], around.max(axis=0))
    size = np.maximum(high - low, 0.0)
    step = min(within.spacing) / STEPS_A_VOXEL
    n_planes = int(members.max()) + 2
    n_steps = n_planes * float(np.prod(size / step + 2.0))
    step *= max(n_steps / MOST_STEPS, 1.0) ** 0.5
    n_rows, n_columns = (int(n) for n in np.ceil(size / step) + 1)
    layers = np.zeros((n_planes, n_rows, n_columns), dtype=bool)
    for plane in range(n_planes - 1):
        outlines = [
            (p[:, 1:] - low) / step for p, m in zip(points, members, strict=True) if m == plane
        ]
        rows, columns, inside = filled(outlines, (n_rows, n_columns))
        layers[plane, rows, columns] = inside
    return low, step, layers


def _looked_up(layers: Array, layer: Array, index: Array) -> Array:
    """Return ``layers`` at rows and columns (..., 2), False outside."""
    is_there = ((index >= 0) & (index < layers.shape[1:])).all(axis=-1)
    row, column = np.moveaxis(np.where(is_there[..., None], index, 0), -1, 0)
    return is_there & layers[layer, row, column]
