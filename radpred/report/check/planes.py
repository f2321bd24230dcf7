"""Where to cut a scan so that a region is seen from three sides, and what lies on each cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from radpred.backends import to_host
from radpred.image import Array, AxisOrder, Grid, Image, Mask

MARGIN_MM = (25.0, 60.0)  # around a small and around a large region
_MARGIN_SHARE = 0.75
_WORDS = {0: "axial", 1: "coronal", 2: "sagittal"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Cut:
    """A flat part of a scan as it is shown: what is up, down, left and right is set.

    Parameters
    ----------
    name : str
        ``axial``, ``coronal`` or ``sagittal``; "" where the scan does not say how it lies.
    pixels : array, shape (n_rows, n_columns)
        The part of the scan that can be seen.
    frame : (float, float, float, float)
        Top, left, bottom and right end of ``pixels`` in the view, of which each side is 1.
    regions : tuple of array of bool, shape (n_view, n_view)
        Which pixels of the view belong to each region.
    """

    name: str
    pixels: Array
    frame: tuple[float, float, float, float]
    regions: tuple[Array, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """A cube of the patient: the same in all cuts, so that they can be held against each other.

    Parameters
    ----------
    middle : tuple of float
        Array index (z, y, x) of the point that the cuts go through.
    centre : tuple of float
        Array index (z, y, x) of the middle of the cube.
    side_mm : float
        Length of its edges.
    """

    middle: tuple[float, float, float]
    centre: tuple[float, float, float]
    side_mm: float


def cuts(image: Image, regions: Sequence[Mask], *, n_view: int) -> list[Cut]:
    """Return an axial, a coronal and a sagittal cut through the middle of a region.

    A region may lie anywhere, also beside the scan: then the cuts go where it lies, and as much
    of the scan as fits is shown. An image of one slice gives one cut.

    Parameters
    ----------
    image : Image
        The scan.
    regions : sequence of Mask
        Each on a grid of its own; the cuts go through the first one that is not empty, or through
        the middle of the scan.
    n_view : int
        Pixels along each side of a view.
    """
    order = AxisOrder.patient(image.grid)
    if not image.grid.is_placed:
        order = AxisOrder(axes=(0, 1, 2), flipped=(False, False, False))
    grid, voxels = order.grid(image.grid), order.applied(to_host(image.voxels))
    own = [order.applied(to_host(m.voxels)) if m.grid == image.grid else None for m in regions]
    view = _view(grid, [_corners(mask, grid) for mask in regions])
    flat = [axis for axis in range(3) if grid.shape[axis] == 1]
    found = []
    for axis in flat[:1] or range(3):
        at = _view_indices(view, grid, axis, n_view)
        inside = tuple(
            _inside(mask, grid, at) if same is None else _looked_up(same, at)
            for mask, same in zip(regions, own, strict=True)
        )
        pixels, frame = _seen(voxels, grid, view, axis)
        name = _WORDS[axis] if image.grid.is_placed else ""
        if axis == 0:
            found.append(Cut(name=name, pixels=pixels, frame=frame, regions=inside))
            continue
        top, left, bottom, right = frame  # up is where z is highest
        found.append(
            Cut(
                name=name,
                pixels=pixels[::-1],
                frame=(1 - bottom, left, 1 - top, right),
                regions=tuple(part[::-1] for part in inside),
            )
        )
    return found


def lies_beside(image: Image, mask: Mask) -> bool:
    """Tell whether a region lies wholly beside a scan."""
    corners = _corners(mask, image.grid)
    return bool(len(corners)) and _is_beside(corners.min(axis=0), corners.max(axis=0), image.grid)


def _is_beside(low: Array, high: Array, grid: Grid) -> bool:
    """Tell whether a box of indices has nothing in common with a grid."""
    return bool((high <= -0.5).any() or (low >= np.array(grid.shape) - 0.5).any())


def _corners(mask: Mask, grid: Grid) -> Array:
    """Return the index in ``grid`` of the corners of a region's box, and of its middle: (9, 3)."""
    box = mask.box
    if box is None:
        return np.empty((0, 3))
    inside = to_host(mask.voxels)[box]
    sums = (inside.sum(axis=other) for other in ((1, 2), (0, 2), (0, 1)))
    middle = [part.start + _middle(n) for n, part in zip(sums, box, strict=True)]
    ends = [(b.start - 0.5, b.stop - 0.5) for b in box]
    corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    return np.asarray(grid.to_index(mask.grid.to_world(np.vstack([corners, middle]))))


def _middle(counts: Array) -> int:
    """Return the place nearest to the mean of ``counts`` voxels where there are any."""
    places = np.flatnonzero(counts)
    mean = (places * counts[places]).sum() / counts.sum()
    return int(places[np.abs(places - mean).argmin()])


def _view(grid: Grid, found: Sequence[Array]) -> View:
    """Return what to show: the regions with a margin, or the whole scan."""
    spacing, shape = np.array(grid.spacing), np.array(grid.shape)
    whole = np.array([np.full(3, -0.5), shape - 0.5])
    marked = [corners for corners in found if len(corners)]
    if not marked:
        centre = whole.mean(axis=0)
        return _as_view(centre, centre, float((shape * spacing).max()))
    points = np.vstack(marked)
    low, high = points.min(axis=0), points.max(axis=0)
    middle = marked[0][-1]
    if _is_beside(low, high, grid):  # show both
        low, high = np.minimum(low, whole[0]), np.maximum(high, whole[1])
        centre = (low + high) / 2
        return _as_view(middle, centre, 1.1 * float(((high - low) * spacing).max()))
    extent = float(((high - low) * spacing).max())
    margin = float(np.clip(_MARGIN_SHARE * extent, *MARGIN_MM))
    side = min(extent + 2 * margin, max(float((shape * spacing).max()), extent))
    half = side / spacing / 2
    centre = (low + high) / 2
    # Where the scan is longer than the view, the view stays within it, and else in its middle.
    within = np.clip(centre, whole[0] + half, np.maximum(whole[1] - half, whole[0] + half))
    centre = np.where(shape > 2 * half, within, whole.mean(axis=0))
    return _as_view(middle, centre, side)


def _as_view(middle: Array, centre: Array, side_mm: float) -> View:
    """Return a view from arrays."""
    (mz, my, mx), (cz, cy, cx) = middle.tolist(), centre.tolist()
    return View(middle=(mz, my, mx), centre=(cz, cy, cx), side_mm=side_mm)


def _view_indices(view: View, grid: Grid, axis: int, n_view: int) -> list[Array]:
    """Return the array index along z, y and x of each pixel of a view; that of the cut is one."""
    share = (np.arange(n_view) + 0.5) / n_view - 0.5
    lines = [c + share * view.side_mm / s for c, s in zip(view.centre, grid.spacing, strict=True)]
    lines[axis] = np.array([float(round(view.middle[axis]))])
    return lines


def _looked_up(voxels: Array, at: Sequence[Array]) -> Array:
    """Return a region on its own grid at each pixel of a view."""
    nearest = [np.floor(line + 0.5).astype(int) for line in at]
    known = [(line >= 0) & (line < n) for line, n in zip(nearest, voxels.shape, strict=True)]
    found = voxels[np.ix_(*(np.where(k, line, 0) for k, line in zip(known, nearest, strict=True)))]
    z, y, x = known
    found &= z[:, None, None] & y[:, None] & x
    return np.squeeze(found, axis=_cut_axis(at))


def _inside(mask: Mask, grid: Grid, at: Sequence[Array]) -> Array:
    """Return a region on another grid at each pixel of a view."""
    points = np.stack(np.meshgrid(*at, indexing="ij"), axis=-1)
    index = np.floor(mask.grid.to_index(grid.to_world(points)) + 0.5).astype(int)
    known = ((index >= 0) & (index < mask.grid.shape)).all(axis=-1)
    z, y, x = np.moveaxis(np.where(known[..., None], index, 0), -1, 0)
    return np.squeeze(known & to_host(mask.voxels)[z, y, x], axis=_cut_axis(at))


def _cut_axis(at: Sequence[Array]) -> int:
    """Return the axis along which a view has one index."""
    return next(axis for axis, line in enumerate(at) if line.size == 1)


def _seen(
    voxels: Array, grid: Grid, view: View, axis: int
) -> tuple[Array, tuple[float, float, float, float]]:
    """Return the pixels of a scan that a view shows, and where in the view they lie."""
    at = round(view.middle[axis])
    if not 0 <= at < grid.shape[axis]:
        return np.empty((0, 0)), (0.0, 0.0, 0.0, 0.0)
    plane = voxels.take(at, axis=axis)
    slices, ends = [], []
    for other in (a for a in range(3) if a != axis):
        n_seen = view.side_mm / grid.spacing[other]
        first = view.centre[other] - n_seen / 2 + 0.5  # where the view starts, in edges of pixels
        start = max(int(np.floor(first)), 0)
        stop = min(int(np.ceil(first + n_seen)), grid.shape[other])
        slices.append(slice(start, max(stop, start)))
        ends.append(((start - first) / n_seen, (max(stop, start) - first) / n_seen))
    (top, bottom), (left, right) = ends
    return plane[tuple(slices)], (top, left, bottom, right)
