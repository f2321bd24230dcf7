"""A box in the patient's space (LPS, mm): which voxels of an image it holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from radpred.errors import RegionError
from radpred.image import Array, Grid, Mask

ROUNDING = 9  # decimals of a place in the box: a voxel centre on a face lies inside


def box_mask(grid: Grid, box: Sequence[float]) -> Mask:
    """Return the voxels whose centres lie in a box.

    Parameters
    ----------
    grid : Grid
        The image's.
    box : sequence of float
        Two opposite corners (x0, y0, z0, x1, y1, z1) in the patient's space, LPS, in mm.

    Raises
    ------
    RegionError
        ``bad_box``, ``box_outside_image``, or ``box_too_small``: one voxel or none.

    Examples
    --------
    >>> box_mask(Grid(shape=(9, 9, 9)), (1, 1, 1, 3, 4, 5)).n_voxels  # 3 x 4 x 5
    60
    """
    middle, half = middle_and_half(box)
    place = block_of(grid, middle, half, name="box")
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[place] = np.abs(position_in(grid, place, middle, half)).max(axis=-1) <= 1.0
    if voxels.sum() < 2:
        size = " x ".join(f"{2 * h:.4g}" for h in half)
        spacing = " x ".join(f"{s:.4g}" for s in grid.spacing)
        msg = (
            f"box of {size} mm (x, y, z) holds {int(voxels.sum())} voxels of {spacing} mm "
            "(z, y, x), wanted two or more; draw it larger"
        )
        raise RegionError(msg, code="box_too_small")
    return Mask(voxels=voxels, grid=grid, name="box")


def middle_and_half(box: Sequence[float]) -> tuple[Array, Array]:
    """Return the middle of a box and half its edges, (x, y, z) in mm."""
    corners = np.asarray(box, dtype=float)
    if corners.shape != (6,) or not np.isfinite(corners).all():
        msg = f"box {tuple(box)}: wanted six numbers x0, y0, z0, x1, y1, z1 in mm; correct the box"
        raise RegionError(msg, code="bad_box")
    low, high = np.minimum(corners[:3], corners[3:]), np.maximum(corners[:3], corners[3:])
    if (low == high).any():
        msg = f"box {tuple(box)}: flat, wanted a length along x, y and z; draw it larger"
        raise RegionError(msg, code="box_too_small")
    return (low + high) / 2, (high - low) / 2


def block_of(grid: Grid, middle: Array, half: Array, *, name: str) -> tuple[slice, slice, slice]:
    """Return the block of voxels that can lie in a box."""
    corners = grid.to_index(middle + half * np.array(list(product((-1, 1), repeat=3))))
    corners = np.round(corners, ROUNDING)
    low = np.maximum(np.ceil(corners.min(axis=0) - 0.5).astype(int), 0)
    high = np.minimum(np.floor(corners.max(axis=0) + 0.5).astype(int) + 1, grid.shape)
    if (high <= low).any():
        ends = grid.to_world(np.array(list(product(*((0, n - 1) for n in grid.shape)))))
        extent = ", ".join(
            f"{axis} {min(pair):.4g} to {max(pair):.4g}"
            for axis, pair in zip("xyz", ends.T, strict=True)
        )
        msg = (
            f"{name}: the box around ({', '.join(f'{m:.4g}' for m in middle)}) mm lies outside the "
            f"image, which spans {extent} mm; give the box in LPS (from RAS, negate x and y)"
        )
        raise RegionError(msg, code="box_outside_image")
    z, y, x = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return z, y, x


def position_in(grid: Grid, place: tuple[slice, slice, slice], middle: Array, half: Array) -> Array:
    """Return where voxels lie in a box, (..., 3): 0 in its middle, 1 and -1 on its faces."""
    from_middle = grid.to_world(np.moveaxis(np.mgrid[place], 0, -1)) - middle
    return np.round(from_middle / half, ROUNDING)
