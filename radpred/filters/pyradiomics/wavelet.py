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
from radpred.filters._box import along, whole
from radpred.image import Array, Box, Image
from radpred.kernels.convolution import Taps, convolve

# The first letter of a band's name is the filter along x, the last that along z.
_AXES = (2, 1, 0)


def wavelet_names(*, level: int = 1, flat_axis: int | None = None) -> tuple[str, ...]:
    """Return the names of the bands of a transform of ``level`` levels, as PyRadiomics has them.

    Examples
    --------
    >>> wavelet_names()[:3], wavelet_names(level=2)[-1]
    (('wavelet-LLH', 'wavelet-LHL', 'wavelet-LHH'), 'wavelet2-LLL')
    >>> wavelet_names(flat_axis=0)
    ('wavelet-LH', 'wavelet-HL', 'wavelet-HH', 'wavelet-LL')
    """
    n_axes = len(_axes(flat_axis))
    lowest, *details = ("".join(letters) for letters in product("LH", repeat=n_axes))
    names = [_name(number, band) for number in range(1, level + 1) for band in details]
    return (*names, _name(level, lowest))


def wavelet_reach(wavelet: str, *, level: int = 1, start_level: int = 0) -> tuple[int, int]:
    """Return how many voxels before and after its own the last band depends on, along an axis.

    Examples
    --------
    >>> wavelet_reach("coif1")
    (2, 3)
    """
    n_rounds = start_level + level
    half = pywt.Wavelet(wavelet).dec_len // 2
    return n_rounds * (half - 1), n_rounds * half


def wavelet_bands(
    image: Image,
    *,
    wavelet: str = "coif1",
    level: int = 1,
    start_level: int = 0,
    flat_axis: int | None = None,
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
    flat_axis : int, optional
        The axis that is not filtered: bands of slices across it, with two letters.
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
    filters = _filters(wavelet, is_single=is_single)
    axes = _axes(flat_axis)
    before, after = wavelet_reach(wavelet, level=level, start_level=start_level)
    data = _periodic(image.voxels, box, axes, before=before, after=after)
    data = xp.asarray(data, dtype=xp.float32 if is_single else xp.float64)
    for _ in range(start_level):
        data = _lowest(data, filters, axes)
    lowest = "L" * len(axes)
    for number in range(1, level + 1):
        left = wavelet_reach(wavelet, level=level - number)[0]
        inside = tuple(
            slice(left, left + part.stop - part.start) if axis in axes else slice(None)
            for axis, part in enumerate(box)
        )
        approximation = data
        for band, voxels in _bands(data, filters, axes):
            if band == lowest:
                approximation = voxels
            else:
                yield _response(image, box, _name(number, band), voxels[inside], wavelet)
        data = approximation
    yield _response(image, box, _name(level, lowest), data, wavelet)


def _axes(flat_axis: int | None) -> tuple[int, ...]:
    """Return the axes that are filtered, in the order of the letters of a band."""
    return tuple(axis for axis in _AXES if axis != flat_axis)


def _name(number: int, band: str) -> str:
    """Return the name of a band; the first level has no number."""
    return f"wavelet{number if number > 1 else ''}-{band}"


def _response(image: Image, box: Box, name: str, voxels: Array, wavelet: str) -> Image:
    """Return one band as an image."""
    step = f"stationary wavelet transform, {wavelet}"
    grid = image.grid.cropped(box)
    return replace(image, voxels=voxels, grid=grid, name=name, steps=(*image.steps, step))


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


def _periodic(voxels: Array, box: Box, axes: tuple[int, ...], *, before: int, after: int) -> Array:
    """Return ``box`` and its surroundings along ``axes`` from the image that repeats forever."""
    xp = array_namespace(voxels)
    for axis, part in enumerate(box):
        size = voxels.shape[axis]
        is_filtered = axis in axes
        start, stop = part.start - before * is_filtered, part.stop + after * is_filtered
        if start >= 0 and stop <= size:
            voxels = voxels[along(axis, start, stop)]
        else:
            # An odd axis has one voxel more, equal to its first.
            index = np.arange(start, stop) % (size + size % 2) % size
            voxels = xp.take(voxels, xp.asarray(index), axis=axis)
    return voxels


def _lowest(data: Array, filters: tuple[Taps, Taps], axes: tuple[int, ...]) -> Array:
    """Return the low-pass band of one level."""
    for axis in axes:
        (data,) = convolve(data, filters[:1], axis=axis)
    return data


def _bands(
    data: Array, filters: tuple[Taps, Taps], axes: tuple[int, ...]
) -> Iterator[tuple[str, Array]]:
    """Yield the bands of one level with their letters, holding two arrays an axis at a time.

    PyWavelets adds the terms in the order of the taps, as ``convolve`` does, so that both round
    alike: where an image is flat, the sign of a rounding error decides between two grey levels.
    """
    axis, *others = axes
    for letter, part in zip("LH", convolve(data, filters, axis=axis), strict=True):
        if not others:
            yield letter, part
            continue
        for letters, band in _bands(part, filters, tuple(others)):
            yield letter + letters, band
