"""ITK's interpolation in array arithmetic, to its last bit: what resampling is on a device.

ITK goes along lines of the new grid. It places their ends by the grids' matrices, and voxels evenly
between; a cubic B-spline has the coefficients of Unser (IEEE Signal Process Mag 16, 1999), whose
image is mirrored at its border voxels. The same steps in the same order round alike, and an image
of integers, whose values ITK cuts, depends on that: many lie within rounding of an integer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Literal

import numpy as np
import SimpleITK as sitk

from radpred.backends import array_namespace
from radpred.image import Array, Grid

_POLE = math.sqrt(3.0) - 2.0
_GAIN = (1.0 - _POLE) * (1.0 - 1.0 / _POLE)
_TOLERANCE = 1e-10  # ITK's: powers of the pole below it are left out of the first coefficient
_AT_ONCE = 1 << 21  # voxels


def interpolated(
    voxels: Array,
    grid: Grid,
    target: Grid,
    interpolator: Literal["bspline", "linear", "nearest"],
    *,
    extends: bool = False,
) -> Array:
    """Return what ITK gives at the voxels of ``target``, in the type of ``voxels``.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        Intensities of any real type, on ``grid``.
    grid, target : Grid
        Where they lie, and where values are wanted; axes point alike.
    interpolator : {"bspline", "linear", "nearest"}
        How; ``bspline`` is of third order.
    extends : bool
        Whether the nearest voxel's value continues more than half a voxel beyond the outermost
        centres; else there is 0.
    """
    xp = array_namespace(voxels)
    known = voxels
    if interpolator != "nearest":
        known = xp.asarray(voxels, dtype=xp.float64)
    if interpolator == "bspline":
        known = _coefficients(known)
    n_z, n_y, n_x = target.shape
    n_at_once = max(1, _AT_ONCE // (n_y * n_x))
    blocks = []
    for start in range(0, n_z, n_at_once):
        slices = range(start, min(start + n_at_once, n_z))
        places = [_on(line, voxels) for line in _places(grid, target, slices)]
        # Infinite voxels may meet; what they make is NaN.
        with np.errstate(invalid="ignore", over="ignore"):
            values = _as_type(_AT[interpolator](known, places), voxels)
        beyond = _nearest(voxels, places) if extends else xp.zeros((), dtype=voxels.dtype)
        made = xp.where(_is_inside(places, voxels.shape), values, beyond)
        blocks.append(xp.broadcast_to(made, (len(slices), n_y, n_x)))
    return xp.concatenate(blocks)


def _places(grid: Grid, target: Grid, slices: range) -> list[tuple[Array, Array, Array]]:
    """Return the index in ``grid`` along z, y, x of the voxels in some slices of ``target``.

    Each as where lines along x start, how far they go, shape (z, y) or 1 where all are alike, and
    the part of the way at which each voxel of a line lies.
    """
    z, y = np.meshgrid(np.array(slices), np.arange(target.shape[1]), indexing="ij")
    forward, backward = _matrix(target)[0], _matrix(grid)[1]

    def index(x: int) -> list[Array]:
        away = []
        for row, here, origin in zip(forward, target.origin, grid.origin, strict=True):
            away.append(here + row[0] * x + row[1] * y + row[2] * z - origin)
        return [row[0] * away[0] + row[1] * away[1] + row[2] * away[2] for row in backward]

    n_x = target.shape[2]
    parts = np.arange(n_x) / float(n_x)
    lines = []
    for start, stop in zip(index(0)[::-1], index(n_x)[::-1], strict=True):
        way = stop - start
        is_one = not way.any()
        lines.append((_shortest(start), _shortest(way), parts[:1] if is_one else parts))
    return lines


def _matrix(grid: Grid) -> tuple[Array, Array]:
    """Return ITK's matrix from index to place, both x, y, z, and its inverse."""
    made = sitk.Image(1, 1, 1, sitk.sitkUInt8)
    made.SetSpacing(grid.spacing[::-1])
    made.SetDirection(grid.direction)
    columns = [made.TransformIndexToPhysicalPoint(line) for line in np.eye(3, dtype=int).tolist()]
    inverse = [made.TransformPhysicalPointToContinuousIndex(line) for line in np.eye(3).tolist()]
    return np.array(columns).T, np.array(inverse).T


def _shortest(lines: Array) -> Array:
    """Return an array, shape (z, y), with one element along axes on which all are alike."""
    for axis in range(2):
        first = lines.take([0], axis)
        lines = first if (lines == first).all() else lines
    return lines


def _on(line: tuple[Array, Array, Array], voxels: Array) -> Array:
    """Return an axis' index at every voxel, as far as it varies, where ``voxels`` live."""
    xp = array_namespace(voxels)
    start, way, parts = map(xp.asarray, line)
    return start[:, :, None] + parts * way[:, :, None]


def _is_inside(places: list[Array], shape: tuple[int, ...]) -> Array:
    """Tell where an index lies no more than half a voxel beyond the outermost centres."""
    z, y, x = (
        (place >= -0.5) & (place < size - 0.5) for place, size in zip(places, shape, strict=True)
    )
    return z & y & x


def _as_type(values: Array, voxels: Array) -> Array:
    """Return values in the type of ``voxels``, cut towards 0 if that is whole."""
    xp = array_namespace(voxels)
    if voxels.dtype.kind in "iu":
        limits = np.iinfo(voxels.dtype)
        values = xp.clip(values, limits.min, limits.max)
    return values.astype(voxels.dtype)


def _nearest(known: Array, places: list[Array]) -> Array:
    """Return the value of the nearest voxel; halves go up."""
    xp = array_namespace(known)
    z, y, x = (
        xp.clip(xp.floor(place + 0.5), 0, size - 1).astype(xp.int64)
        for place, size in zip(places, known.shape, strict=True)
    )
    return known[z, y, x]


def _linear(known: Array, places: list[Array]) -> Array:
    """Return the values between voxels, first along x, then y, then z."""
    xp = array_namespace(known)
    lows, highs, parts = [], [], []
    for place, size in zip(places, known.shape, strict=True):
        low = xp.clip(xp.floor(place), 0, size - 1).astype(xp.int64)
        lows.append(low)
        highs.append(xp.clip(low + 1, 0, size - 1))
        # ITK does not look at the voxel ahead where the place is a voxel's, or there is none.
        parts.append(xp.where(highs[-1] > low, xp.clip(place - low, 0.0, 1.0), 0.0))
    corners = [
        known[tuple((lows, highs)[end][axis] for axis, end in enumerate(ends))]
        for ends in product(range(2), repeat=3)
    ]
    for part in parts[::-1]:
        pairs = zip(corners[::2], corners[1::2], strict=True)
        corners = [xp.where(part > 0, a + (b - a) * part, a) for a, b in pairs]
    return corners[0]


def _cubic(known: Array, places: list[Array]) -> Array:
    """Return the spline's values from its coefficients, its 64 terms in ITK's order."""
    axes = [_taps(place, size) for place, size in zip(places, known.shape, strict=True)]
    total: Array = 0.0
    for z, y, x in product(range(4), repeat=3):
        taps = [axis[n] for axis, n in zip(axes, (z, y, x), strict=True)]
        weight = taps[2][1] * taps[1][1] * taps[0][1]
        total = total + weight * known[taps[0][0], taps[1][0], taps[2][0]]
    return total


def _taps(place: Array, size: int) -> list[tuple[Array, Array]]:
    """Return the four coefficients that count along an axis: which, and their weights."""
    xp = array_namespace(place)
    # ITK finds the first of them in single precision.
    first = xp.floor(place.astype(xp.float32)).astype(xp.int64) - 1
    part = place - (first + 1)
    last = (1.0 / 6.0) * part * part * part
    before = (1.0 / 6.0) + 0.5 * part * (part - 1.0) - last
    third = part + before - 2.0 * last
    second = 1.0 - before - third - last
    taps = []
    for number, weight in enumerate((before, second, third, last)):
        index = xp.abs(first + number)
        index = xp.where(index >= size - 1, 2 * (size - 1) - index, index)
        taps.append((xp.zeros_like(index) if size == 1 else index, weight))
    return taps


def _coefficients(voxels: Array) -> Array:
    """Return the coefficients of the cubic spline through voxels in double precision."""
    xp = array_namespace(voxels)
    for axis in (2, 1, 0):
        if voxels.shape[axis] > 1:
            lines = xp.ascontiguousarray(xp.moveaxis(voxels, axis, 0)) * _GAIN
            _filter(lines)
            voxels = xp.moveaxis(lines, 0, axis)
    return xp.ascontiguousarray(voxels)


def _filter(lines: Array) -> None:
    """Run the recursion of a spline forth and back along the first axis, in place."""
    n = lines.shape[0]
    lines[0] = _first_of_mirrored(lines)
    for k in range(1, n):
        lines[k] += _POLE * lines[k - 1]
    ahead = _POLE * lines[n - 2] + lines[n - 1]
    lines[n - 1] = (_POLE / (_POLE * _POLE - 1.0)) * ahead
    for k in range(n - 2, -1, -1):
        lines[k] = _POLE * (lines[k + 1] - lines[k])


def _first_of_mirrored(lines: Array) -> Array:
    """Return where the recursion starts that went through all that lies mirrored before."""
    n, power = lines.shape[0], _POLE
    n_terms = math.ceil(math.log(_TOLERANCE) / math.log(abs(_POLE)))
    if n_terms < n:
        total = lines[0]
        for k in range(1, n_terms):
            total = total + power * lines[k]
            power *= _POLE
        return total
    back = _POLE ** (n - 1.0)
    total = lines[0] + back * lines[n - 1]
    back *= back / _POLE
    for k in range(1, n - 1):
        total = total + (power + back) * lines[k]
        power *= _POLE
        back /= _POLE
    return total / (1.0 - power * power)


_AT: dict[str, Callable[[Array, list[Array]], Array]] = {
    "bspline": _cubic,
    "linear": _linear,
    "nearest": _nearest,
}
