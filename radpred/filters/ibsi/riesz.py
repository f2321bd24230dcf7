"""The Riesz transform of IBSI 2 (AYRS): derivatives of any order that let all waves pass alike.

A derivative makes a fast wave larger than a slow one; here each wave keeps its size but for the
cosines between its own direction and those of the derivative (Unser and Van De Ville, IEEE Trans
Image Process 19, 2010). The squares of all components of one order add up to the image's. It is
taken of an image, of its response to another filter, or of a band of Simoncelli's wavelet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from radpred.backends import array_namespace
from radpred.filters._box import Beyond, whole
from radpred.filters.ibsi._axes import by_axis
from radpred.filters.ibsi._fourier import Frequencies, Gain, Spectrum, radius
from radpred.filters.ibsi._names import spelt
from radpred.filters.ibsi._steering import principal_directions, turned
from radpred.filters.ibsi.nonseparable_wavelet import nonseparable_wavelet_name, simoncelli
from radpred.image import Array, Box, Image

Order = Sequence[int]
_SLOWEST = 1e-9  # no wave but the constant, which has no direction, is as slow


def riesz_name(
    order: Order,
    *,
    level: int | None = None,
    alignment_mm: float | None = None,
    flat_axis: int | None = None,
) -> str:
    """Return the name of a response map.

    Raises
    ------
    SettingsError
        The order has not a number for each axis that is filtered.

    Examples
    --------
    >>> riesz_name((0, 2, 0))
    'riesz-0-2-0'
    >>> riesz_name((0, 2), level=1, alignment_mm=1.5, flat_axis=0)
    'riesz-0-2-aligned-1-5-mm-simoncelli-1'
    """
    name = "-".join(("riesz", *map(str, order)))
    by_axis(order, flat_axis=flat_axis, name=name)
    if alignment_mm is not None:
        name += f"-aligned-{spelt(alignment_mm)}-mm"
    return name if level is None else f"{name}-{nonseparable_wavelet_name(level)}"


def riesz(
    image: Image,
    *,
    order: Order,
    level: int | None = None,
    alignment_mm: float | None = None,
    beyond: Beyond = "periodic",
    flat_axis: int | None = None,
    box: Box | None = None,
) -> Image:
    """Return one component of the Riesz transform of an image.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are filtered in double precision. Voxels count as
        cubes.
    order : sequence of int
        How often to differentiate along x, y and z, or with ``alignment_mm`` along the principal
        directions; a number less with ``flat_axis``.
    level : int, optional
        Which band of Simoncelli's wavelet to transform; all of the image by default.
    alignment_mm : float, optional
        Width (sd) of the window in which local directions are found (``_steering``), which makes
        the response rotation invariant.
    beyond : {"zero", "edge", "periodic", "mirror"}
        What lies beyond the image; all but "periodic" make it twice as long along each axis,
        which takes eight times the memory (four, of a slice).
    flat_axis : int, optional
        The axis across slices, which are filtered one by one.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default. The
        whole image is read, or with ``flat_axis`` the whole of each slice.

    Returns
    -------
    Image
        The response inside ``box``, in the unit of the image; float32.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    name = riesz_name(order, level=level, alignment_mm=alignment_mm, flat_axis=flat_axis)
    spectrum = Spectrum.of(image.voxels, box=box, beyond=beyond, flat_axis=flat_axis)
    components = _Components(spectrum, level)
    if alignment_mm is None:
        exponents = by_axis(order, flat_axis=flat_axis, name=name)
        response = components([exponents.get(axis, 0) for axis in range(3)])
    else:
        sigma = [alignment_mm / spacing for spacing in image.grid.spacing]
        directions = principal_directions(components, spectrum.axes, sigma_voxels=sigma)
        response = turned(components, spectrum.axes, directions, order=order)
    factor = math.factorial(sum(order)) / math.prod(math.factorial(number) for number in order)
    return replace(
        image,
        voxels=xp.asarray(math.sqrt(factor) * response, dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=name,
        steps=(*image.steps, f"Riesz transform, {name}"),
    )


class _Components:
    """The Riesz transform before its components are weighed: one for each set of exponents."""

    def __init__(self, spectrum: Spectrum, level: int | None) -> None:
        self._spectrum = spectrum
        self._band = None if level is None else simoncelli(level)

    def __call__(self, exponents: Order, margins: tuple[int, int, int] = (0, 0, 0)) -> Array:
        """Return the component with these exponents of the frequencies along z, y and x."""
        return self._spectrum.filtered(
            _gain(exponents, self._band),
            # A band of the wavelet has the frequencies of IBSI's maps; otherwise they must be
            # exact, so that a constant has no direction.
            sampling="exact" if self._band is None else "reference",
            n_quarter_turns=sum(exponents),
            margins=margins,
        )


def _gain(exponents: Order, band: Gain | None) -> Gain:
    """Return the gain of a component: the product of the cosines with the axes."""

    def gain(frequencies: Frequencies) -> Array:
        """Return the real factor of each wave."""
        xp = array_namespace(frequencies[0])
        size = xp.clip(radius(frequencies), _SLOWEST, 2.0)
        factor = xp.ones_like(size) if band is None else band(frequencies)
        for line, exponent in zip(frequencies, exponents, strict=True):
            if exponent:
                factor = factor * (line / size) ** exponent
        return factor

    return gain
