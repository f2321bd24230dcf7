"""The stationary wavelet transform as PyRadiomics applies it: undecimated, periodic, separable.

Every level filters the low-pass band of the level before with the same filters; PyRadiomics does
not spread the filters from level to level. Axes of odd length are first made even by a repeat of
their first voxel, and the image then repeats without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pywt

from radpred.backends import array_namespace
from radpred.filters._box import Box, along, whole
from radpred.image import Array, Image

Taps = tuple[float, ...]

# The first letter of a band's name is the filter along x, the last that along z.
_AXES = (2, 1, 0)
_LOWEST = "LLL"


def wavelet_names(*, level: int = 1) -> tuple[str, ...]:
    """Return the names of the bands of a transform of ``level`` levels, as PyRadiomics has them.

    Examples
    --------
    >>> wavelet_names()[:3], wavelet_names(level=2)[-1]
    (('wavelet-LLH', 'wavelet-LHL', 'wavelet-LHH'), 'wavelet2-LLL')
    """
    bands = ["".join(letters) for letters in product("LH", repeat=3)]
    names = [_name(number, b) for number in range(1, level + 1) for b in bands if b != _LOWEST]
    return (*names, _name(level, _LOWEST))


def wavelet_bands(
    image: Image,
    *,
    wavelet: str = "coif1",
    level: int = 1,
    start_level: int = 0,
    box: Box | None = None,
) -> Iterator[Image]:
    """Yield the bands of the stationary wavelet transform of an image, one at a time.

    Parameters
    ----------
    image : Image
        Intensities; single precision stays single, every other type becomes double, as in
        PyWavelets.
    wavelet : str
        A discrete wavelet that PyWavelets knows (``coif1``, ``db3``, ``bior2.2``).
    level : int
        Number of levels: seven detail bands each, and the low-pass band of the last.
    start_level : int
        How often the image is low-pass filtered before the first level.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Yields
    ------
    Image
        The response inside ``box``, named as in ``wavelet_names``, in the unit of the image.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    is_single = image.voxels.dtype == xp.float32
    low, high = _filters(wavelet, is_single=is_single)
    n_rounds = start_level + level
    data = _periodic(
        image.voxels, box, before=n_rounds * _before(low), after=n_rounds * _after(low)
    )
    data = xp.asarray(data, dtype=xp.float32 if is_single else xp.float64)
    for _ in range(start_level):
        data = _lowest(data, low)
    for number in range(1, level + 1):
        left = (level - number) * _before(low)
        inside = tuple(slice(left, left + part.stop - part.start) for part in box)
        approximation = data
        for band, voxels in _bands(data, {"L": low, "H": high}, _AXES):
            if band == _LOWEST:
                approximation = voxels
            else:
                yield _response(image, box, _name(number, band), voxels[inside], wavelet)
        data = approximation
    yield _response(image, box, _name(level, _LOWEST), data, wavelet)


def _name(number: int, band: str) -> str:
    """Return the name of a band; the first level has no number."""
    return f"wavelet{number if number > 1 else ''}-{band}"


def _response(image: Image, box: Box, name: str, voxels: Array, wavelet: str) -> Image:
    """Return one band as an image."""
    step = f"stationary wavelet transform, {wavelet}"
    grid = image.grid.cropped(box)
    return replace(image, voxels=voxels, grid=grid, name=name, steps=(*image.steps, step))


def _before(taps: Taps) -> int:
    """Return how many voxels before its own a response depends on."""
    return len(taps) // 2 - 1


def _after(taps: Taps) -> int:
    """Return how many voxels after its own a response depends on."""
    return len(taps) // 2


def _filters(wavelet: str, *, is_single: bool) -> tuple[Taps, Taps]:
    """Return the low- and high-pass filter, as PyWavelets uses them in the given precision."""
    found = pywt.Wavelet(wavelet)
    if not is_single:
        return tuple(found.dec_lo), tuple(found.dec_hi)
    # PyWavelets' single-precision filters are not its double ones rounded; a unit impulse shows
    # them, so that flat parts of an image respond alike.
    impulse = np.zeros(2 * found.dec_len, dtype=np.float32)
    impulse[found.dec_len] = 1.0
    start = found.dec_len - found.dec_len // 2
    low, high = (
        band[start : start + found.dec_len].tolist()
        for band in pywt.swt(impulse, found, level=1)[0]
    )
    return tuple(low), tuple(high)


def _periodic(voxels: Array, box: Box, *, before: int, after: int) -> Array:
    """Return ``box`` and its surroundings from the image that repeats without end."""
    xp = array_namespace(voxels)
    for axis, part in enumerate(box):
        size = voxels.shape[axis]
        start, stop = part.start - before, part.stop + after
        if start >= 0 and stop <= size:
            voxels = voxels[along(axis, start, stop)]
        else:
            # An odd axis has one voxel more, equal to its first.
            index = np.arange(start, stop) % (size + size % 2) % size
            voxels = xp.take(voxels, xp.asarray(index), axis=axis)
    return voxels


def _lowest(data: Array, low: Taps) -> Array:
    """Return the low-pass band of one level."""
    for axis in _AXES:
        data = _convolved(data, low, axis)
    return data


def _bands(
    data: Array, filters: dict[str, Taps], axes: tuple[int, ...]
) -> Iterator[tuple[str, Array]]:
    """Yield the bands of one level with their letters, holding one array an axis at a time."""
    axis, *others = axes
    for letter, taps in filters.items():
        part = _convolved(data, taps, axis)
        if not others:
            yield letter, part
            continue
        for letters, band in _bands(part, filters, tuple(others)):
            yield letter + letters, band


def _convolved(data: Array, taps: Taps, axis: int) -> Array:
    """Return the convolution of ``data`` with ``taps`` along ``axis``, where they overlap fully.

    The terms are added in PyWavelets' order, so that both round alike: where an image is flat, the
    sign of a rounding error decides between two grey levels.
    """
    n_out = data.shape[axis] - len(taps) + 1
    total: Array = 0.0
    with np.errstate(invalid="ignore"):  # infinite voxels may meet; what they make is NaN
        for number, tap in enumerate(taps):
            start = len(taps) - 1 - number
            total = total + data[along(axis, start, start + n_out)] * tap
    return total
