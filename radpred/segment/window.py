"""What a method of segmentation looks at: the voxels in and around a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from radpred.backends import to_host
from radpred.errors import RegionError
from radpred.image import Array, AxisOrder, Grid, Image, Triple
from radpred.segment.box import ROUNDING, block_of, box_mask, middle_and_half, position_in

SURROUNDING = 1.5  # how far the window reaches, in half edges from the box's middle
CORE = 0.4  # the same for the middle, which is taken to be lesion
SMOOTHING = 0.5  # standard deviation, of the finest voxel edge
FEWEST = 8  # voxels in an ellipsoid that say something of its shape
DARKEST = -0.5  # what is darker, in parts of the contrast, is no less lesion than that
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
        Whether the voxel can belong to the lesion: its centre lies in the box that was drawn.
    core : array of bool
        Voxels near the middle, at least one.
    is_dark : bool
        Whether intensities were turned over.
    contrast : float
        By how much the middle of the box is brighter than its rim then, above zero.
    order : AxisOrder
        From the image's axes to the patient's.
    place : tuple of slice
        Where the window lies in the image, in the patient's axis order.
    grid : Grid
        Where the window's voxels lie, in the patient's axis order.
    """

    intensity: Array
    radius: Array
    inside: Array
    core: Array
    is_dark: bool
    contrast: float
    order: AxisOrder
    place: tuple[slice, slice, slice]
    grid: Grid

    @property
    def relative(self) -> Array:
        """Return intensities as parts of the contrast: 0 is the rim's, 1 the core's, the highest.

        What is darker than the rim by half the contrast and more is -0.5.
        """
        rim = float(np.median(self.intensity[self.core])) - self.contrast
        return np.clip((self.intensity - rim) / self.contrast, DARKEST, 1.0)

    @property
    def around(self) -> Array:
        """Return what is no lesion: the shell just outside the box, or else its corners."""
        corners = self.inside & ~self.core & (self.radius > 1.0)
        for voxels in (~self.inside, corners):
            if voxels.any():
                return voxels
        return ~self.core

    @property
    def rounded(self) -> Array:
        """Return the part of the box in its ellipsoid, where a lesion lies; all of a tiny box."""
        rounded = self.inside & (self.radius <= 1.0)
        return rounded if rounded.sum() >= FEWEST else self.inside


def window_of(
    image: Image, box: Sequence[float], *, limits: Sequence[float] | None = None
) -> Window:
    """Return the voxels in and around a box.

    Parameters
    ----------
    image : Image
        The scan.
    box : sequence of float
        Two opposite corners (x0, y0, z0, x1, y1, z1) of what to look at, mm in LPS.
    limits : sequence of float, optional
        The same of what was drawn, where that is another box: no voxel outside belongs.

    Raises
    ------
    RegionError
        As `box_mask`; ``non_finite_voxels``; ``flat``: no contrast between middle and rim.
    """
    box_mask(image.grid, box)
    middle, half = middle_and_half(box)
    order = AxisOrder.patient(image.grid)
    grid = _settled(order.grid(image.grid))
    wide = np.maximum(half * SURROUNDING, half + 2 * max(grid.spacing))
    place = block_of(grid, middle, wide, name=image.name)
    position = position_in(grid, place, middle, half)
    radius = np.round(np.linalg.norm(position, axis=-1), ROUNDING)
    inside = looked_at = np.abs(position).max(axis=-1) <= 1.0
    if limits is not None:
        drawn = position_in(grid, place, *middle_and_half(limits))
        inside = np.abs(drawn).max(axis=-1) <= 1.0
    core = radius <= max(CORE, float(radius.min()))
    voxels = order.applied(to_host(image.voxels))[place].astype(float)
    smooth = _smoothed(voxels, grid.spacing, name=image.name)
    # A box of few voxels may have no corner: then all that is not the core is the rim.
    rim = looked_at & ~core & (radius > 1)
    contrast = _contrast(smooth, core=core, rim=rim if rim.any() else ~core)
    turned = -smooth if contrast < 0 else smooth
    window = Window(
        intensity=np.minimum(turned, np.quantile(turned[core], BRIGHTEST)),
        radius=radius,
        inside=inside,
        core=core,
        is_dark=contrast < 0,
        contrast=abs(contrast),
        order=order,
        place=place,
        grid=grid.cropped(place),
    )
    _refuse_if_flat(window, name=image.name)
    return window


def _smoothed(voxels: Array, spacing: Triple, *, name: str) -> Array:
    """Return intensities smoothed by the same length along each axis."""
    if not np.isfinite(voxels).all():
        msg = f"{name}: NaN or infinite voxels in or around the box; mend the image"
        raise RegionError(msg, code="non_finite_voxels")
    length = SMOOTHING * min(spacing)
    return ndimage.gaussian_filter(voxels, [length / s for s in spacing], mode="nearest")


def _contrast(voxels: Array, *, core: Array, rim: Array) -> float:
    """Return by how much the core is brighter than the rim, as medians; 0 without a rim."""
    if not rim.any():
        return 0.0
    return float(np.median(voxels[core]) - np.median(voxels[rim]))


def _refuse_if_flat(window: Window, *, name: str) -> None:
    """Refuse a box without contrast."""
    if window.contrast == 0 or np.ptp(window.intensity[window.rounded]) == 0:
        value = float(np.median(window.intensity[window.core])) * (-1 if window.is_dark else 1)
        msg = (
            f"{name}: the middle of the box and its rim have the same intensity, {value:.6g}; "
            "draw the box around a lesion that differs from its surroundings"
        )
        raise RegionError(msg, code="flat")


def _settled(grid: Grid) -> Grid:
    """Return ``grid`` without the rounding errors of turning its axes."""
    x, y, z = (round(o, ROUNDING) for o in grid.origin)
    return replace(grid, origin=(x, y, z))
