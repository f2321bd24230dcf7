"""The non-separable wavelet of IBSI 2: Simoncelli's (PRT7), defined in Fourier space.

A band lets waves of two octaves pass, whatever their direction: those of a frequency in its
middle wholly, others the less, the farther they lie from it in octaves. The squares of the bands
add up to 1, so that they part an image's energy.

The response in a voxel depends on the whole image: it falls with the third power of the distance,
and there is no support that would hold all but a millionth of it.
"""

from __future__ import annotations

import math
from dataclasses import replace

from radpred.backends import array_namespace
from radpred.filters._box import Beyond, whole
from radpred.filters.ibsi._fourier import Frequencies, Gain, Spectrum, radius
from radpred.image import Array, Box, Image


def nonseparable_wavelet_name(level: int) -> str:
    """Return the name of a response map.

    Examples
    --------
    >>> nonseparable_wavelet_name(2)
    'simoncelli-2'
    """
    return f"simoncelli-{level}"


def nonseparable_wavelet(
    image: Image,
    *,
    level: int,
    beyond: Beyond = "periodic",
    flat_axis: int | None = None,
    box: Box | None = None,
) -> Image:
    """Return one band of Simoncelli's wavelet, which is rotation invariant.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are filtered in double precision. Frequencies are
        counted per voxel, so that the filter is isotropic where voxels are.
    level : int
        Which band, from 1: it reaches from a quarter of its highest frequency to that, which is
        Nyquist's at level 1 and half as high from level to level.
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

    Notes
    -----
    Frequencies are those of IBSI's reference maps: see ``radpred.filters.ibsi._fourier``.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    spectrum = Spectrum.of(image.voxels, box=box, beyond=beyond, flat_axis=flat_axis)
    response = spectrum.filtered(simoncelli(level), sampling="reference")
    return replace(
        image,
        voxels=xp.asarray(response, dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=nonseparable_wavelet_name(level),
        steps=(*image.steps, f"Simoncelli wavelet, level {level}"),
    )


def simoncelli(level: int) -> Gain:
    """Return the gain of a band: a cosine over two octaves (Portilla and Simoncelli 2000)."""
    highest = 2.0 ** (1 - level)

    def gain(frequencies: Frequencies) -> Array:
        """Return the factor of each wave; at the ends of the band, and beyond, it is 0."""
        xp = array_namespace(frequencies[0])
        inside = xp.clip(radius(frequencies), highest / 4.0, highest)
        return xp.cos(0.5 * math.pi * xp.log2(inside * (2.0 / highest)))

    return gain
