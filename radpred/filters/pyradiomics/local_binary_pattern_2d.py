"""Local binary patterns on circles in a slice, as scikit-image has them (Ojala et al. 2002).

Which points of a circle around a voxel are at least as bright as the voxel is read as a row of
bits, and the bits become a number. Points between voxels are interpolated bilinearly; outside of
the image there is nothing, that is, 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

import numpy as np

from radpred.backends import array_namespace, is_cupy
from radpred.filters._box import along, shifted, surrounded, whole
from radpred.image import Array, Box, Image

Method = Literal["default", "ror", "uniform", "nri_uniform", "var"]
# Rows and columns of a slice across each axis; they are what PyRadiomics' swap of axes leaves.
_PLANES = {0: (1, 2), 1: (0, 2), 2: (1, 0)}
_BLOCK_OF_CARD = 1 << 22  # voxels in one go; a processor's caches hold about a slice


def local_binary_pattern_2d(
    image: Image,
    *,
    radius: float = 1.0,
    samples: int = 8,
    method: Method = "uniform",
    across: int = 0,
    box: Box | None = None,
) -> Image:
    """Return the local binary pattern of every voxel in its slice.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are compared in double precision.
    radius : float
        Of the circle, in voxels whatever the spacing.
    samples : int
        Number of points on the circle, counterclockwise from the end of the row.
    method : {"default", "ror", "uniform", "nri_uniform", "var"}
        How bits become a number: as digits; as digits turned until the number is least; as the
        number of ones where at most two neighbours differ, and ``samples`` + 1 elsewhere; as a
        number for each row of bits where at most two neighbours differ. ``var`` takes no bits,
        but the variance of intensity on the circle.
    across : int
        The axis that is perpendicular to the slices.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The patterns inside ``box``, whole numbers where the image's type is whole, as PyRadiomics
        stores them; NaN where a point or the voxel is not finite, or the variance is 0.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    circle = _Circle(radius=float(np.float32(radius)), samples=samples, plane=_PLANES[across])
    margins = tuple(circle.margin if axis in circle.plane else 0 for axis in range(3))
    voxels = surrounded(image.voxels, box, (margins[0], margins[1], margins[2]), beyond="zero")
    voxels = xp.asarray(voxels, dtype=xp.float64)
    response = xp.empty(image.grid.cropped(box).shape, dtype=xp.float64)
    n_slices = voxels.shape[across]
    n_at_once = max(1, _BLOCK_OF_CARD * n_slices // voxels.size) if is_cupy(voxels) else 1
    for start in range(0, n_slices, n_at_once):
        place = along(across, start, min(start + n_at_once, n_slices))
        response[place] = circle.patterns(voxels[place], box, method)
    is_single = image.voxels.dtype == xp.float32
    if not is_single and image.voxels.dtype != xp.float64:
        response = xp.trunc(response)
    return replace(
        image,
        voxels=xp.asarray(response, dtype=xp.float32 if is_single else xp.float64),
        grid=image.grid.cropped(box),
        name="lbp-2D",
        steps=(*image.steps, f"local binary pattern ({method}), {samples} points, {radius:g}"),
    )


@dataclass(frozen=True, kw_only=True)
class _Circle:
    """The points around a voxel; ``plane`` holds the axes of rows and columns."""

    radius: float
    samples: int
    plane: tuple[int, int]

    @property
    def offsets(self) -> Iterator[tuple[float, float]]:
        """Yield each point's row and column from the centre, rounded as scikit-image does."""
        angles = 2 * np.pi * np.arange(self.samples, dtype=float) / self.samples
        rows, columns = -self.radius * np.sin(angles), self.radius * np.cos(angles)
        yield from zip(np.round(rows, 5).tolist(), np.round(columns, 5).tolist(), strict=True)

    @property
    def margin(self) -> int:
        """Return how many voxels around its own a pattern depends on."""
        return math.ceil(self.radius)

    def patterns(self, voxels: Array, box: Box, method: Method) -> Array:
        """Return the patterns of one slice, given with its margin."""
        xp = array_namespace(voxels)
        centre = voxels
        for axis in self.plane:
            centre = shifted(centre, 0, axis, margin=self.margin)
        points = xp.stack([self._interpolated(voxels, box, offset) for offset in self.offsets])
        if method == "var":
            numbers = _variance(points)
        else:
            numbers = _NUMBERS[method](xp.asarray(points >= centre, dtype=xp.int64))
            numbers = xp.asarray(numbers, dtype=xp.float64)
        # A point that is no number is no bit.
        known = xp.isfinite(centre) & xp.all(xp.isfinite(points), axis=0)
        return xp.where(known, numbers, xp.asarray(xp.nan, dtype=xp.float64))

    def _interpolated(self, voxels: Array, box: Box, offset: tuple[float, float]) -> Array:
        """Return the intensities at one point of every circle."""
        (row, column), (of_rows, of_columns) = self.plane, offset
        down, right = (
            _fractions(voxels, box[axis], number, axis)
            for axis, number in zip(self.plane, offset, strict=True)
        )
        top, bottom = (
            self._mixed(shifted(voxels, end, row, margin=self.margin), of_columns, column, right)
            for end in (math.floor(of_rows), math.ceil(of_rows))
        )
        return (1 - down) * top + down * bottom

    def _mixed(self, voxels: Array, offset: float, axis: int, part: Array) -> Array:
        """Return the mean of the voxels on both sides of an offset, by ``part`` the farther."""
        near, far = (
            shifted(voxels, end, axis, margin=self.margin)
            for end in (math.floor(offset), math.ceil(offset))
        )
        with np.errstate(invalid="ignore"):  # infinite voxels may meet; what they make is NaN
            return (1 - part) * near + part * far


def _fractions(voxels: Array, part: slice, offset: float, axis: int) -> Array:
    """Return how far beyond a voxel each point lies, rounded as its place in the image is."""
    xp = array_namespace(voxels)
    places = np.arange(part.start, part.stop) + offset
    shape = [1, 1, 1]
    shape[axis] = len(places)
    return xp.reshape(xp.asarray(places - np.floor(places)), tuple(shape))


# Bits come as 0 and 1, those of one voxel along the first axis.


def _digits(bits: Array) -> Array:
    """Return bits read as the digits of a number, the lowest first."""
    return sum(bits[number, ...] * 2**number for number in range(bits.shape[0]))


def _least_turned(bits: Array) -> Array:
    """Return the least number that bits give when turned."""
    xp = array_namespace(bits)
    turned = (_digits(xp.roll(bits, number, axis=0)) for number in range(bits.shape[0]))
    return reduce(xp.minimum, turned)


def _is_uniform(bits: Array) -> Array:
    """Tell whether at most two bits differ from the next; the last has no next."""
    xp = array_namespace(bits)
    differs = bits[1:, ...] != bits[:-1, ...]
    return xp.sum(xp.asarray(differs, dtype=xp.int64), axis=0) <= 2


def _ones(bits: Array) -> Array:
    """Return the number of ones where bits are uniform, and one more than all of them elsewhere."""
    xp = array_namespace(bits)
    n_ones = xp.sum(bits, axis=0)
    return xp.where(_is_uniform(bits), n_ones, xp.full_like(n_ones, bits.shape[0] + 1))


def _rows_of_bits(bits: Array) -> Array:
    """Return the number of each row of bits that is uniform, and the next number elsewhere.

    First come the zeros alone, then the rows of one 1, of two, and so on, each in the order of
    how often they are turned (Ahonen et al. 2004), then the ones alone.
    """
    xp = array_namespace(bits)
    n_bits, n_ones = bits.shape[0], xp.sum(bits, axis=0)
    first_one, first_zero = xp.argmax(bits, axis=0), xp.argmin(bits, axis=0)
    n_turns = xp.where(first_one == 0, n_ones - first_zero, n_bits - first_one)
    numbers = 1 + (n_ones - 1) * n_bits + n_turns
    numbers = xp.where(n_ones == 0, xp.zeros_like(numbers), numbers)
    last = n_bits * (n_bits - 1) + 1
    numbers = xp.where(n_ones == n_bits, xp.full_like(numbers, last), numbers)
    return xp.where(_is_uniform(bits), numbers, xp.full_like(numbers, last + 1))


_NUMBERS: dict[Method, Callable[[Array], Array]] = {
    "default": _digits,
    "ror": _least_turned,
    "uniform": _ones,
    "nri_uniform": _rows_of_bits,
}


def _variance(points: Array) -> Array:
    """Return the variance on the circle; NaN where there is none.

    Terms are summed as scikit-image sums them, so that both round alike.
    """
    xp = array_namespace(points)
    n_points = points.shape[0]
    each = [points[number, ...] for number in range(n_points)]
    with np.errstate(invalid="ignore"):  # infinite voxels may meet; what they make is NaN
        total, total_of_squares = sum(each), sum(point * point for point in each)
        variance = (total_of_squares - total * total / n_points) / n_points
    return xp.where(variance != 0, variance, xp.asarray(xp.nan, dtype=xp.float64))
