"""The separable wavelets of IBSI 2: undecimated, by the algorithm *à trous*.

Each level filters what the low-pass filter of the level before let through; from level to level
the filters are spread, with zeros between their taps. An image is filtered at every level as if
it went on beyond its border by the same rule without end; where it repeats, the sub-bands are
those of PyWavelets. PyRadiomics' transform does not spread its filters: it is in
``radpred.filters.pyradiomics.wavelet``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pywt

from radpred.backends import array_namespace
from radpred.filters._box import Beyond, whole
from radpred.filters._convolve import convolved, rotation_invariant
from radpred.filters._rotations import NOTHING, Kernel, Pooling, Separable
from radpred.filters.ibsi._axes import by_axis
from radpred.image import Box, Image


@dataclass(frozen=True, kw_only=True)
class WaveletBand:
    """A sub-band of a separable wavelet transform.

    Parameters
    ----------
    wavelet : str
        A discrete wavelet that PyWavelets knows (``haar``, ``db3``, ``coif1``).
    letters : str
        The filters, low-pass (L) or high-pass (H), along x, y and z: ``LHL``; where slices are
        filtered, along the two axes that lie in them.
    level : int
        From 1; at each the wavelet is twice as long.
    """

    wavelet: str
    letters: str
    level: int = 1

    @property
    def reach(self) -> tuple[int, int]:
        """Return how many voxels before and after its own a response depends on, along an axis.

        Examples
        --------
        >>> WaveletBand(wavelet="haar", letters="LHL").reach
        (0, 1)
        >>> WaveletBand(wavelet="coif1", letters="LHL", level=2).reach
        (6, 9)
        """
        return _kernel(self.wavelet, "H", self.level).reach

    def __str__(self) -> str:
        """Return what the sub-band is called."""
        return f"{self.wavelet}-{self.letters}-{self.level}"


def separable_wavelet_name(
    band: WaveletBand, *, pooling: Pooling | None = None, flat_axis: int | None = None
) -> str:
    """Return the name of a response map; ``pooling`` where it is rotation invariant.

    Raises
    ------
    SettingsError
        The sub-band has not a letter for each axis that is filtered.

    Examples
    --------
    >>> separable_wavelet_name(WaveletBand(wavelet="db3", letters="LLH"), pooling="mean")
    'wavelet-db3-LLH-1-mean'
    """
    name = f"wavelet-{band}"
    by_axis(band.letters, flat_axis=flat_axis, name=name)
    return name if pooling is None else f"{name}-{pooling}"


def separable_wavelet(
    image: Image,
    *,
    band: WaveletBand,
    pooling: Pooling | None = None,
    beyond: Beyond = "mirror",
    flat_axis: int | None = None,
    box: Box | None = None,
) -> Image:
    """Return one sub-band of the undecimated wavelet transform of an image.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are filtered in double precision.
    band : WaveletBand
        Which wavelet, filters and level.
    pooling : {"max", "min", "mean"}, optional
        How the responses to all right-angle rotations of the filter become one, which is then
        rotation invariant; no rotations by default.
    beyond : {"zero", "edge", "periodic", "mirror"}
        What lies beyond the image.
    flat_axis : int, optional
        The axis that is not filtered: slices across it are.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The response inside ``box``, in the unit of the image; float32.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    name = separable_wavelet_name(band, pooling=pooling, flat_axis=flat_axis)
    kernels = _kernels(band, flat_axis)
    if pooling is None:
        response = convolved(image.voxels, kernels, box=box, beyond=beyond)
    else:
        response = rotation_invariant(
            image.voxels, kernels, box=box, beyond=beyond, flat_axis=flat_axis, pooling=pooling
        )
    return replace(
        image,
        voxels=xp.asarray(response, dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=name,
        steps=(*image.steps, f"undecimated wavelet transform, {band}"),
    )


def _kernels(band: WaveletBand, flat_axis: int | None) -> Separable:
    """Return the filters of a sub-band along z, y and x."""
    letters = by_axis(band.letters, flat_axis=flat_axis, name=f"wavelet-{band}")
    z, y, x = (
        _kernel(band.wavelet, letters[axis], band.level) if axis in letters else NOTHING
        for axis in range(3)
    )
    return z, y, x


@lru_cache(maxsize=64)
def _kernel(wavelet: str, letter: str, level: int) -> Kernel:
    """Return what the filters of all levels up to ``level`` do together along one axis."""
    known = pywt.Wavelet(wavelet)
    taps, centre = np.ones(1), 0
    for number in range(1, level + 1):
        is_high = letter == "H" and number == level
        step = 2 ** (number - 1)
        spread = np.zeros(step * (known.dec_len - 1) + 1)
        spread[::step] = known.dec_hi if is_high else known.dec_lo
        taps = np.convolve(taps, spread)
        centre += step * (known.dec_len // 2)
    return Kernel(tuple(taps.tolist()), centre)
