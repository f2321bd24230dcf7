"""A mask on the grid of its image: what may differ, and by how much.

All distances are fractions of an image voxel, at the corners of the mask's whole grid, so that
one number covers origin, spacing and direction. After the storage order of the axes is matched
(lossless), the rules are, first that fits:

====================================  =====================================================
grids of the same shape
  displaced < 1 %                     same voxels; noted from 0.01 % on (header rounding)
  displaced < 50 %                    nearest voxel by physical position, with a warning
  displaced more                      GeometryError: they belong to different images
same lattice (steps within 1 %)       placed by physical position (also cropped or extended)
  off the lattice < 1 %               noted; what the mask does not cover is background
  off the lattice < 50 %              the same, with a warning
other lattice (spacing or angle)      a voxel belongs where half of it or more is covered;
                                      volume before and after noted, a warning over 10 %
no foreground inside the image        GeometryError
arrays and pictures, without a place
  same shape                            same voxels; noted where the other one has a place
  other shape                           GeometryError
====================================  =====================================================
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from radpred.backends import to_host
from radpred.errors import GeometryError, RegionError, warn
from radpred.image import Array, AxisOrder, Grid, Mask

HEADER_ROUNDING = 1e-4  # a header of 32-bit numbers is not worth a note
SAME_PLACE = 0.01
SAME_VOXEL = 0.5
VOLUME_CHANGE = 0.1
MOST_SAMPLES = 16  # along an axis of an image voxel


def place_on(mask: Mask, grid: Grid) -> Mask:
    """Return ``mask`` on ``grid``, placed by physical position (rules: see the module).

    Parameters
    ----------
    mask : Mask
        On its own grid.
    grid : Grid
        The image's.

    Returns
    -------
    Mask
        On ``grid`` exactly; what was done to it is in its steps, nothing where the grids are
        identical.

    Raises
    ------
    GeometryError
        ``mask_displaced``: same shape, half a voxel or more away; ``mask_outside_image``;
        ``shapes_differ``: one has no place of its own, and they have not the same shape.
    RegionError
        ``mask_vanished``: too small for any voxel of ``grid`` to be half covered.

    Examples
    --------
    >>> seen = Grid(shape=(4, 4, 4))
    >>> drawn = Mask(voxels=np.ones((1, 2, 2), dtype=bool), grid=Grid(shape=(1, 2, 2)))
    >>> place_on(drawn, seen).steps[0][:40]
    'covers z 0-0, y 0-1, x 0-1 of the image;'
    """
    if mask.grid == grid:
        return mask
    if not (mask.grid.is_placed and grid.is_placed):
        return _by_index(mask, grid)
    voxels, own, steps = _in_storage_order(mask, grid)
    moved = replace(mask, voxels=voxels, grid=own, steps=(*mask.steps, *steps))
    offsets = _corner_offsets(own, grid)
    if own.shape == grid.shape:
        return _same_shape(moved, grid, displaced=float(np.abs(offsets).max()))
    shift = np.round(offsets.mean(axis=0)).astype(int)
    off_lattice = float(np.abs(offsets - shift).max())
    has_same_step = np.abs(_index_steps(own, grid)[1] - np.eye(3)).max() < SAME_PLACE
    if has_same_step and off_lattice < SAME_VOXEL:
        return _shifted(moved, grid, shift=shift, off_lattice=off_lattice)
    return _resampled(moved, grid)


def refuse_apart(own: Grid, grid: Grid, *, name: str = "mask") -> None:
    """Raise where grids alone tell that a mask on one cannot be placed on the other.

    Parameters
    ----------
    own, grid : Grid
        The mask's and the image's.
    name : str
        What messages call the mask.

    Raises
    ------
    GeometryError
        ``mask_displaced``, ``mask_outside_image`` or ``shapes_differ``.
    """
    if not (own.is_placed and grid.is_placed):
        if own.shape != grid.shape:
            raise _differ(name, own, grid)
        return
    directions = np.reshape(grid.direction, (3, 3)).T[::-1]
    own = AxisOrder.along(own, directions=directions).grid(own)
    offsets = _corner_offsets(own, grid)
    if own.shape == grid.shape:
        displaced = float(np.abs(offsets).max())
        if displaced >= SAME_VOXEL:
            raise _displaced(name, own, grid, displaced)
        return
    corners = grid.to_index(own.to_world(_corners(own)))
    lies_above = corners.min(axis=0) >= np.array(grid.shape) - 0.5
    if (lies_above | (corners.max(axis=0) <= -0.5)).any():
        raise _outside(name, own, grid)


def _by_index(mask: Mask, grid: Grid) -> Mask:
    """Take the voxels as they are where mask or image has no place of its own, or refuse."""
    if mask.grid.shape != grid.shape:
        raise _differ(mask.name, mask.grid, grid)
    placed = replace(mask, grid=grid)
    if mask.grid.is_placed == grid.is_placed:
        return placed
    without = "image" if mask.grid.is_placed else "mask"
    return _noted(placed, f"the {without} does not say where it lies: taken voxel by voxel")


def _differ(name: str, own: Grid, grid: Grid) -> GeometryError:
    """Return the error of a mask and an image that have no place, and not the same shape."""
    msg = (
        f"{name}: mask of {_by(own.shape)} voxels, image of {_by(grid.shape)} "
        "(z, y, x), and arrays and pictures do not say where they lie, wanted the same shape; "
        "cut or extend one to match, or save both as NIfTI"
    )
    return GeometryError(msg, code="shapes_differ")


def _by(shape: tuple[int, ...]) -> str:
    """Return a shape as a person would say it."""
    return " x ".join(map(str, shape))


def _in_storage_order(mask: Mask, grid: Grid) -> tuple[Array, Grid, tuple[str, ...]]:
    """Return the mask's voxels and grid with its axes in the order of those of ``grid``."""
    directions = np.reshape(grid.direction, (3, 3)).T[::-1]
    order = AxisOrder.along(mask.grid, directions=directions)
    voxels = to_host(mask.voxels)
    if order.changes_nothing:
        return voxels, mask.grid, ()
    return order.applied(voxels), order.grid(mask.grid), ("axes brought into the image's order",)


def _corner_offsets(own: Grid, grid: Grid) -> Array:
    """Return by how many voxels of ``grid`` each outer corner of ``own`` is off, (8, 3)."""
    corners = _corners(own)
    return grid.to_index(own.to_world(corners)) - corners


def _corners(grid: Grid) -> Array:
    """Return the indices of the outer corners of a grid, (8, 3)."""
    return np.array(list(product(*((-0.5, n - 0.5) for n in grid.shape))))


def _index_steps(own: Grid, grid: Grid) -> tuple[Array, Array]:
    """Return the index in ``grid`` of the first voxel of ``own``, and a row for each axis' step."""
    origin, *steps = grid.to_index(own.to_world(np.vstack([np.zeros(3), np.eye(3)])))
    return origin, np.array(steps) - origin


def _same_shape(mask: Mask, grid: Grid, *, displaced: float) -> Mask:
    """Take the voxels as they are, or refuse."""
    if displaced >= SAME_VOXEL:
        raise _displaced(mask.name, mask.grid, grid, displaced)
    # Up to half a voxel of displacement, the nearest voxel is the one of the same index.
    placed = replace(mask, grid=grid)
    if displaced < HEADER_ROUNDING:
        return placed
    if displaced < SAME_PLACE:
        return _noted(placed, f"grid differs from the image's by {displaced:.2g} voxels, accepted")
    return _warned(placed, f"moved by up to {displaced:.2g} voxels onto the image's grid")


def _shifted(mask: Mask, grid: Grid, *, shift: Array, off_lattice: float) -> Mask:
    """Copy the part of the mask that lies in the image; the rest of the image is background."""
    start = np.maximum(shift, 0)
    stop = np.minimum(shift + mask.grid.shape, grid.shape)
    if (stop <= start).any():
        raise _outside(mask.name, mask.grid, grid)
    voxels = np.zeros(grid.shape, dtype=bool)
    here = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    there = tuple(slice(a, b) for a, b in zip(start - shift, stop - shift, strict=True))
    voxels[here] = mask.voxels[there]
    placed = replace(mask, voxels=voxels, grid=grid)
    extent = ", ".join(f"{axis} {a}-{b - 1}" for axis, a, b in zip("zyx", start, stop, strict=True))
    note = f"covers {extent} of the image; the rest is background"
    if off_lattice < SAME_PLACE:
        placed = _noted(placed, note)
    else:
        placed = _warned(placed, f"{note}; moved by up to {off_lattice:.2g} voxels onto its grid")
    return _within_image(placed, mask, grid)


def _within_image(placed: Mask, mask: Mask, grid: Grid) -> Mask:
    """Refuse a mask that left the image, warn of one that left it in part."""
    n_lost = mask.n_voxels - placed.n_voxels
    if placed.n_voxels == 0 and n_lost:
        raise _outside(mask.name, mask.grid, grid)
    if n_lost:
        return _warned(placed, f"{n_lost} of {mask.n_voxels} voxels lie outside the image, cut off")
    return placed


def _resampled(mask: Mask, grid: Grid) -> Mask:
    """Give each voxel of ``grid`` to the region when it is half covered or more."""
    box = _box_in(mask, grid)
    if box is None:
        raise _outside(mask.name, mask.grid, grid)
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[box] = _covered(mask, grid, box) >= 0.5
    placed = replace(mask, voxels=voxels, grid=grid)
    if not placed.n_voxels:
        msg = (
            f"{mask.name}: {mask.volume_mm3:.4g} mm3 on {mask.grid} cover no voxel of {grid} by "
            "half; draw the mask on this image, or drop the case"
        )
        raise RegionError(msg, code="mask_vanished")
    change = placed.volume_mm3 / mask.volume_mm3 - 1.0
    before, after = (" x ".join(f"{s:.4g}" for s in g.spacing) for g in (mask.grid, grid))
    note = (
        f"resampled from {before} to {after} mm, volume {mask.volume_mm3:.6g} to "
        f"{placed.volume_mm3:.6g} mm3 ({change:+.1%})"
    )
    return _warned(placed, note) if abs(change) > VOLUME_CHANGE else _noted(placed, note)


def _box_in(mask: Mask, grid: Grid) -> tuple[slice, slice, slice] | None:
    """Return the voxels of ``grid`` that the mask's foreground can touch, or None."""
    found = [np.flatnonzero(mask.voxels.any(axis=other)) for other in ((1, 2), (0, 2), (0, 1))]
    if not found[0].size:
        return None
    edges = [(float(f[0]) - 0.5, float(f[-1]) + 0.5) for f in found]
    corners = grid.to_index(mask.grid.to_world(np.array(list(product(*edges)))))
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, grid.shape)
    if (high <= low).any():
        return None
    z, y, x = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return z, y, x


def _covered(mask: Mask, grid: Grid, box: tuple[slice, slice, slice]) -> Array:
    """Return how much of each voxel in ``box`` the mask covers, by samples at its own step."""
    finest = min(mask.grid.spacing)
    # Header rounding (2.0000001 of the mask's voxels) must not ask for one sample more.
    n_samples = [min(max(int(np.ceil(s / finest - 1e-3)), 1), MOST_SAMPLES) for s in grid.spacing]
    within = np.array(list(product(*((np.arange(n) + 0.5) / n - 0.5 for n in n_samples))))
    origin, steps = _index_steps(grid.cropped(box), mask.grid)
    covered = np.zeros([s.stop - s.start for s in box])
    plane = np.moveaxis(np.indices((1, *covered.shape[1:]), dtype=float), 0, -1)[0]
    for z, counts in enumerate(covered):
        at = origin + (plane + np.array([z, 0, 0])) @ steps
        for offset in within @ steps:
            counts += _looked_up(mask.voxels, np.floor(at + offset + 0.5).astype(int))
    return covered / len(within)


def _looked_up(voxels: Array, index: Array) -> Array:
    """Return ``voxels`` at ``index`` (..., 3), False outside."""
    inside = ((index >= 0) & (index < voxels.shape)).all(axis=-1)
    z, y, x = np.moveaxis(np.where(inside[..., None], index, 0), -1, 0)
    return inside & voxels[z, y, x]


def _displaced(name: str, own: Grid, grid: Grid, displaced: float) -> GeometryError:
    """Return the error of a mask of the image's shape that lies elsewhere."""
    msg = (
        f"{name}: mask of {own} lies up to {displaced:.3g} voxels from the image of "
        f"{grid}, wanted less than {SAME_VOXEL:g}; correct the header of the one that is "
        "wrong, or draw the mask on this image"
    )
    return GeometryError(msg, code="mask_displaced")


def _outside(name: str, own: Grid, grid: Grid) -> GeometryError:
    """Return the error of a mask that shares no voxel with the image."""
    msg = (
        f"{name}: mask of {own} has no foreground inside the image of {grid}; check "
        "that mask and image are of the same scan and header conventions"
    )
    return GeometryError(msg, code="mask_outside_image")


def _noted(mask: Mask, note: str) -> Mask:
    """Return ``mask`` with a step to know about."""
    return replace(mask, steps=(*mask.steps, note))


def _warned(mask: Mask, note: str) -> Mask:
    """Return ``mask`` with a step to look at, and say it aloud."""
    warn(f"{mask.name}: {note}")
    return replace(mask, steps=(*mask.steps, f"warning: {note}"))
