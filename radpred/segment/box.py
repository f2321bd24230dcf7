"""A box in the patient's space (LPS, mm) as a prompt: what it holds and what surrounds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import ndimage

from radpred.backends import to_host
from radpred.errors import RegionError
from radpred.image import Array, AxisOrder, Grid, Image, Mask, Triple

ROUNDING = 9  # decimals of a place in the box: a voxel centre on a face lies inside
SURROUNDING = 1.5  # how far the window reaches, in half edges from the box's middle
CORE = 0.4  # the same for the middle, which is taken to be lesion
SMOOTHING = 0.5  # standard deviation, of the finest voxel edge
BRIGHTEST = 0.75  # quantile of the core; what is brighter is no more lesion than that


@dataclass(frozen=True, kw_only=True, eq=False)
class Window:
    """The voxels in and around a box, in the patient's axis order; arrays of one shape (z, y, x).

    Parameters
    ----------
    intensity : array of float
        Lightly smoothed; turned over where the lesion is darker than its surroundings, so that
        the lesion is bright, and cut off above what the middle of the box holds.
    radius : array of float
        Distance from the middle of the box, 1 on the ellipsoid that touches its faces.
    inside : array of bool
        Whether the voxel's centre lies in the box.
    core : array of bool
        Voxels near the middle, at least one.
    is_dark : bool
        Whether intensities were turned over.
    order : AxisOrder
        From the image's axes to the patient's.
    place : tuple of slice
        Where the window lies in the image, in the patient's axis order.
    """

    intensity: Array
    radius: Array
    inside: Array
    core: Array
    is_dark: bool
    order: AxisOrder
    place: tuple[slice, slice, slice]

    @property
    def rounded(self) -> Array:
        """Return the part of the box in its ellipsoid: a lesion does not fill the corners."""
        return self.inside & (self.radius <= 1.0)


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
    middle, half = _checked(box)
    place = _place(grid, middle, half, name="box")
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[place] = np.abs(_position(grid, place, middle, half)).max(axis=-1) <= 1.0
    if voxels.sum() < 2:
        size = " x ".join(f"{2 * h:.4g}" for h in half)
        spacing = " x ".join(f"{s:.4g}" for s in grid.spacing)
        msg = (
            f"box of {size} mm (x, y, z) holds {int(voxels.sum())} voxels of {spacing} mm "
            "(z, y, x), wanted two or more; draw it larger"
        )
        raise RegionError(msg, code="box_too_small")
    return Mask(voxels=voxels, grid=grid, name="box")


def window_of(image: Image, box: Sequence[float]) -> Window:
    """Return what a method of segmentation looks at.

    Raises
    ------
    RegionError
        As `box_mask`; ``non_finite_voxels``; ``flat``: no contrast between middle and rim.
    """
    box_mask(image.grid, box)
    middle, half = _checked(box)
    order = AxisOrder.patient(image.grid)
    grid = order.grid(image.grid)
    wide = np.maximum(half * SURROUNDING, half + 2 * max(grid.spacing))
    place = _place(grid, middle, wide, name=image.name)
    voxels = order.applied(to_host(image.voxels))[place].astype(float)
    if not np.isfinite(voxels).all():
        msg = f"{image.name}: NaN or infinite voxels in or around the box; mend the image"
        raise RegionError(msg, code="non_finite_voxels")
    position = _position(grid, place, middle, half)
    radius = np.round(np.linalg.norm(position, axis=-1), ROUNDING)
    inside = np.abs(position).max(axis=-1) <= 1.0
    core = radius <= max(CORE, float(radius.min()))
    smooth = _smoothed(voxels, grid.spacing)
    turned, is_dark = _lesion_up(smooth, core=core, rim=inside & ~core & (radius > 1), image=image)
    return Window(
        intensity=np.minimum(turned, np.quantile(turned[core], BRIGHTEST)),
        radius=radius,
        inside=inside,
        core=core,
        is_dark=is_dark,
        order=order,
        place=place,
    )


def _checked(box: Sequence[float]) -> tuple[Array, Array]:
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


def _place(grid: Grid, middle: Array, half: Array, *, name: str) -> tuple[slice, slice, slice]:
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


def _position(grid: Grid, place: tuple[slice, slice, slice], middle: Array, half: Array) -> Array:
    """Return where voxels lie in a box, (..., 3): 0 in its middle, 1 and -1 on its faces."""
    from_middle = grid.to_world(np.moveaxis(np.mgrid[place], 0, -1)) - middle
    return np.round(from_middle / half, ROUNDING)


def _smoothed(voxels: Array, spacing: Triple) -> Array:
    """Return intensities smoothed by the same length along each axis."""
    length = SMOOTHING * min(spacing)
    return ndimage.gaussian_filter(voxels, [length / s for s in spacing], mode="nearest")


def _lesion_up(voxels: Array, *, core: Array, rim: Array, image: Image) -> tuple[Array, bool]:
    """Return intensities with the lesion bright, and whether that took turning them over."""
    # A box of few voxels may have no corner: then all that is not the core is the rim.
    around = voxels[rim] if rim.any() else voxels[~core]
    middle, outside = float(np.median(voxels[core])), float(np.median(around))
    if np.ptp(voxels) == 0 or middle == outside:
        msg = (
            f"{image.name}: the middle of the box and its rim have the same intensity, "
            f"{middle:.6g}; draw the box around a lesion that differs from its surroundings"
        )
        raise RegionError(msg, code="flat")
    return (-voxels, True) if middle < outside else (voxels, False)
