"""What a person marks of a lesion, in the patient's space (LPS, mm): a box, a point, six points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from radpred.errors import RegionError
from radpred.image import Array, Grid
from radpred.segment.box import middle_and_half

MARGIN = 0.2  # by how much a box is larger than its lesion, at each end, as a part of the lesion
LARGEST_MM = 60.0
WIDER = 1.0 + 2.0 * MARGIN  # methods look at boxes that are so much longer than the lesion
_NUMBERS = 3
_POINTS = 6
_SPREAD = 2  # axes along which extreme points must lie apart: all three, but for a single slice


@dataclass(frozen=True)
class BoxPrompt:
    """A box around a lesion.

    Parameters
    ----------
    corners : sequence of float
        Two opposite ones (x0, y0, z0, x1, y1, z1), mm in LPS. No voxel outside belongs.
    margin : float
        How much larger than the lesion the box is drawn at each end, as a part of the lesion's
        length: 0.2 makes it 1.4 times as long.
    """

    corners: Sequence[float]
    margin: float = MARGIN

    def __str__(self) -> str:
        """Return what it is."""
        sides = zip(self.corners[:3], self.corners[3:], strict=True)
        return f"in a box of {' x '.join(f'{abs(b - a):.4g}' for a, b in sides)} mm"


@dataclass(frozen=True)
class PointPrompt:
    """A point inside a lesion.

    Parameters
    ----------
    place : sequence of float
        The point (x, y, z), mm in LPS.
    largest_mm : float
        How long a lesion can be.
    """

    place: Sequence[float]
    largest_mm: float = LARGEST_MM

    def __str__(self) -> str:
        """Return what it is."""
        return f"from the point ({', '.join(f'{p:.4g}' for p in self.place)}) mm"


@dataclass(frozen=True)
class ExtremePoints:
    """The outermost points of a lesion, in any order.

    Parameters
    ----------
    places : sequence of float
        Six points, x, y and z of one after the other, mm in LPS: the lesion's farthest left,
        right, front, back, bottom and top. Points are voxel centres: no voxel beyond belongs.
    """

    places: Sequence[float]

    def __str__(self) -> str:
        """Return what it is."""
        apart = np.ptp(np.reshape(self.places, (_POINTS, _NUMBERS)), axis=0)
        return f"between extreme points {' x '.join(f'{a:.4g}' for a in apart)} mm apart"


Prompt = BoxPrompt | PointPrompt | ExtremePoints


def place_in(point: Sequence[float], grid: Grid) -> Array:
    """Return a point inside an image as an array.

    Raises
    ------
    RegionError
        ``bad_point``, or ``point_outside_image``.
    """
    place = np.asarray(point, dtype=float)
    if place.shape != (_NUMBERS,) or not np.isfinite(place).all():
        msg = f"point {tuple(point)}: wanted three numbers x, y, z in mm; correct the point"
        raise RegionError(msg, code="bad_point")
    index = grid.to_index(place)
    if (index < -0.5).any() or (index > np.array(grid.shape) - 0.5).any():
        msg = (
            f"the point ({', '.join(f'{p:.4g}' for p in place)}) mm lies outside the image of "
            f"{grid}; give points in LPS (from RAS, negate x and y)"
        )
        raise RegionError(msg, code="point_outside_image")
    return place


def places_in(points: Sequence[float], grid: Grid) -> Array:
    """Return six extreme points inside an image, shape (6, 3).

    Raises
    ------
    RegionError
        ``bad_extreme_points``, or ``point_outside_image``.
    """
    numbers = np.asarray(points, dtype=float)
    is_whole = numbers.shape == (_POINTS * _NUMBERS,) and bool(np.isfinite(numbers).all())
    if not is_whole or (np.ptp(numbers.reshape(-1, _NUMBERS), axis=0) > 0).sum() < _SPREAD:
        msg = (
            f"extreme points {tuple(points)}: wanted x, y, z in mm of six points that lie apart, "
            "the lesion's outermost along each axis; correct them"
        )
        raise RegionError(msg, code="bad_extreme_points")
    return np.array([place_in(point.tolist(), grid) for point in numbers.reshape(-1, _NUMBERS)])


def bounds_of(centres: Array, grid: Grid) -> tuple[Array, Array]:
    """Return the middle of the voxels at ``centres`` and half their extent, (x, y, z) in mm.

    Parameters
    ----------
    centres : array
        Shape (n, 3), LPS in mm.
    grid : Grid
        Whose voxels they are.
    """
    half_voxel = np.abs(np.reshape(grid.direction, (3, 3))) @ np.array(grid.spacing)[::-1] / 2
    low, high = centres.min(axis=0) - half_voxel, centres.max(axis=0) + half_voxel
    return (low + high) / 2, (high - low) / 2


def box_prompt_of(points: ExtremePoints, grid: Grid) -> BoxPrompt:
    """Return the box that extreme points span.

    Raises
    ------
    RegionError
        As `places_in`.
    """
    return BoxPrompt(box_about(*bounds_of(places_in(points.places, grid), grid)), margin=0.0)


def box_about(middle: Array, half: Array) -> tuple[float, ...]:
    """Return the lowest and the highest corner of a box."""
    return tuple(float(edge) for edge in (*(middle - half), *(middle + half)))


def wider_box(box: BoxPrompt) -> tuple[float, ...]:
    """Return the box that methods look at: `WIDER` times as long as the lesion should be.

    Examples
    --------
    >>> wider_box(BoxPrompt((0, 0, 0, 10, 10, 10), margin=0.0))
    (-2.0, -2.0, -2.0, 12.0, 12.0, 12.0)
    """
    middle, half = middle_and_half(box.corners)
    return box_about(middle, half * (WIDER / (1.0 + 2.0 * box.margin)))
