"""Filters defined by what they make of each wave: products in Fourier space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpred.backends import array_namespace, fft_of
from radpred.filters._box import Beyond, surrounded
from radpred.image import Array, Box

Frequencies = tuple[Array, Array, Array]
Gain = Callable[[Frequencies], Array]
Sampling = Literal["exact", "reference"]
Vector = np.ndarray[Any, np.dtype[Any]]

_QUARTER_TURNS = (1.0, -1.0j, -1.0, 1.0j)  # powers of -j
_PLANES = 16  # of frequencies at a time, so that a gain never fills an array of its own


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """The waves of an image that repeats without end.

    Parameters
    ----------
    waves : array of complex
        One half of them along the last axis that is transformed; the other is conjugate.
    shape : tuple of int
        Of the image that repeats, with what was added around it.
    axes : tuple of int
        Along which it is transformed.
    box : tuple of slice
        Where in that image the wanted part lies.
    """

    waves: Array
    shape: tuple[int, int, int]
    axes: tuple[int, ...]
    box: Box

    @classmethod
    def of(cls, voxels: Array, *, box: Box, beyond: Beyond, flat_axis: int | None) -> Spectrum:
        """Return the waves of an image, whole but for slices that nobody asked for.

        Waves have no end, so that other rules than "periodic" are kept only some way: the image
        is made twice as long along each axis before it repeats. A mirrored image is exact.
        """
        xp = array_namespace(voxels)
        axes = tuple(axis for axis in range(3) if axis != flat_axis)
        sizes = [voxels.shape[axis] if axis in axes else 0 for axis in range(3)]
        margins = tuple((0, 0) if beyond == "periodic" else (n // 2, n - n // 2) for n in sizes)
        read, wanted = [], []
        for part, size, (before, _) in zip(box, sizes, margins, strict=True):
            read.append(slice(0, size) if size else part)
            start = part.start + before if size else 0
            wanted.append(slice(start, start + part.stop - part.start))
        padded = surrounded(voxels, (read[0], read[1], read[2]), margins, beyond=beyond)
        padded = xp.asarray(padded, dtype=xp.float64)
        return cls(
            waves=fft_of(padded).rfftn(padded, axes=axes),
            shape=tuple(padded.shape),
            axes=axes,
            box=(wanted[0], wanted[1], wanted[2]),
        )

    def filtered(
        self,
        gain: Gain,
        *,
        sampling: Sampling,
        n_quarter_turns: int = 0,
        margins: tuple[int, int, int] = (0, 0, 0),
    ) -> Array:
        """Return the real response in the wanted part, with a margin around it.

        Parameters
        ----------
        gain : function
            From the frequencies along z, y and x, which broadcast, to the factor of each wave.
            Nyquist's frequency is 1.
        sampling : {"exact", "reference"}
            What frequencies the waves are taken to have.
        n_quarter_turns : int
            By how many quarters of its length each wave is moved: the factor is multiplied by
            this power of -j.
        margins : tuple of int
            How many voxels to add on both sides of each axis.
        """
        xp = array_namespace(self.waves)
        products = xp.empty_like(self.waves)
        turn = _QUARTER_TURNS[n_quarter_turns % 4]
        sides = self._frequencies(sampling)
        for start in range(0, self.waves.shape[0], _PLANES):
            planes = slice(start, start + _PLANES)
            # A gain that does not treat a wave and its conjugate alike would make a complex
            # response; its real part is that to the mean of both.
            one, other = (gain((z[planes, ...], y, x)) for z, y, x in sides)
            with np.errstate(invalid="ignore"):  # infinite voxels make waves that are none
                products[planes, ...] = self.waves[planes, ...] * (one + other) * (0.5 * turn)
        sizes = [self.shape[axis] for axis in self.axes]
        response = fft_of(products).irfftn(products, s=sizes, axes=self.axes)
        return surrounded(response, self.box, margins, beyond="periodic")

    def _frequencies(self, sampling: Sampling) -> tuple[Frequencies, Frequencies]:
        """Return the frequencies of the waves, and those of their conjugates, turned round."""
        xp = array_namespace(self.waves)
        sides = []
        for is_conjugate in (False, True):
            lines = []
            for axis, size in enumerate(self.shape):
                line = _frequencies(size, sampling) if axis in self.axes else np.zeros(size)
                line = _turned_round(line) if is_conjugate else line
                shape = [1, 1, 1]
                shape[axis] = self.waves.shape[axis]
                lines.append(xp.reshape(xp.asarray(line[: shape[axis]]), tuple(shape)))
            sides.append((lines[0], lines[1], lines[2]))
        return sides[0], sides[1]


def radius(frequencies: Frequencies) -> Array:
    """Return the frequency of each wave in its own direction."""
    z, y, x = frequencies
    return array_namespace(z).sqrt(z * z + y * y + x * x)


def _frequencies(size: int, sampling: Sampling) -> Vector:
    """Return the frequency of each wave along an axis, in the order of a Fourier transform.

    IBSI's reference maps take the frequencies to lie evenly from -1 to 1, with both ends. On an
    axis of odd length that stretches them; on one of even length it also moves them by half a
    step, so that a constant is a slow wave. It matters less the longer the axis is.
    """
    if sampling == "exact" or size == 1:
        return np.fft.fftfreq(size, 0.5)
    return np.fft.ifftshift(np.linspace(-1.0, 1.0, size))


def _turned_round(line: Vector) -> Vector:
    """Return minus the frequency of each wave's conjugate."""
    return -np.roll(np.flip(line), 1)
