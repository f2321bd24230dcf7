"""Local intensity: the mean in a small sphere around a peak (IBSI 9ST6).

The sphere reads all voxels of the image whose centres it holds, inside the region or not. Where
it reaches beyond the image, or a voxel that is not finite, the others make the mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from radpred.backends import to_host
from radpred.features._family import Family, OneEach
from radpred.features._region import Region
from radpred.image import Array, Triple

# Of a sphere of 1 cm3 (IBSI 9ST6).
RADIUS_MM = 10.0 * (3.0 / (4.0 * math.pi)) ** (1.0 / 3.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spheres(OneEach):
    """A region, and the sphere around each of its voxels.

    Parameters
    ----------
    voxels : array of float, shape (z, y, x)
        The image in the region's box and as far around it as a sphere reaches; NaN beyond the
        image.
    ball : array of bool, shape (2 r_z + 1, 2 r_y + 1, 2 r_x + 1)
        Which voxels a sphere holds.
    places : array of int, shape (n, 3)
        Where in ``voxels`` the sphere around each of the region's voxels begins.
    intensities : array, shape (n,)
        Those of the region's voxels.
    """

    voxels: Array
    ball: Array
    places: Array
    intensities: Array

    @property
    def local_peak(self) -> float:
        """Return the highest mean around the voxels of the highest intensity."""
        highest = np.flatnonzero(self.intensities == self.intensities.max())
        if highest.size > 1:
            return self.mean_around(highest[self.means[highest].argmax()])
        return self.mean_around(highest[0])

    @property
    def global_peak(self) -> float:
        """Return the highest mean around any voxel."""
        return self.mean_around(self.means.argmax())

    def mean_around(self, which: int) -> float:
        """Return the mean around one of the region's voxels."""
        z, y, x = (slice(p, None) for p in self.places[which])
        depth, height, width = self.ball.shape
        inside = self.voxels[z, y, x][:depth, :height, :width][self.ball]
        # From an intensity on: the mean of equal ones is exact.
        return self._middle + float((inside[np.isfinite(inside)] - self._middle).mean())

    @cached_property
    def means(self) -> Array:
        """Return the mean around each of the region's voxels but for rounding, shape (n,)."""
        known = np.isfinite(self.voxels)
        shape = [scipy.fft.next_fast_len(size, real=True) for size in self.voxels.shape]
        ball = scipy.fft.rfftn(self.ball.astype(np.float64), s=shape)
        total, n = (
            self._summed(field, ball, shape)
            for field in (
                np.where(known, self.voxels - self._middle, 0.0),
                known.astype(np.float64),
            )
        )
        return self._middle + total / np.rint(n)

    @property
    def _middle(self) -> float:
        """Return an intensity that others are measured from."""
        return float(self.intensities[0])

    def _summed(self, field: Array, ball: Array, shape: list[int]) -> Array:
        """Return the sum of a field over the sphere around each voxel, shape (n,)."""
        # The sphere that begins at p is summed at p and its size, less 1; what a transform wraps
        # around ends before the first of these.
        summed = scipy.fft.irfftn(scipy.fft.rfftn(field, s=shape) * ball, s=shape)
        return summed[tuple((self.places + np.array(self.ball.shape) - 1).T)]


def _spheres(region: Region) -> Spheres:
    """Return the region with what lies around it."""
    region = region.on_host
    ball = _ball(region.spacing)
    return Spheres(
        voxels=_near(region, [size // 2 for size in ball.shape]),
        ball=ball,
        places=np.argwhere(region.mask),
        intensities=region.stored,
    )


def _near(region: Region, reach: list[int]) -> Array:
    """Return the image in a region's box and some voxels around it, NaN beyond the image."""
    around = region.surroundings
    image = region.voxels if around is None else around.image
    box = tuple(slice(0, size) for size in image.shape) if around is None else around.box
    ends = [(p.start - r, p.stop + r) for p, r in zip(box, reach, strict=True)]
    sizes = list(zip(ends, image.shape, strict=True))
    cut = tuple(slice(max(start, 0), min(stop, size)) for (start, stop), size in sizes)
    short = [(max(-start, 0), max(stop - size, 0)) for (start, stop), size in sizes]
    return np.pad(to_host(image[cut]).astype(np.float64), short, constant_values=np.nan)


def _ball(spacing: Triple) -> Array:
    """Return which voxels have their centre in the sphere around the middle one."""
    z, y, x = (
        (np.arange(2 * reach + 1) - reach) * step
        for reach, step in ((int(RADIUS_MM / step), step) for step in spacing)
    )
    return (z**2)[:, None, None] + (y**2)[:, None] + x**2 <= RADIUS_MM**2


local_intensity = Family(name="localIntensity", prepare=_spheres)


@local_intensity.feature("LocalIntensityPeak", ibsi="VJGA", is_pyradiomics=False)
def local_intensity_peak(s: Spheres) -> float:
    """Return the mean intensity within 6.2 mm of the voxel with the highest intensity."""
    return s.local_peak


@local_intensity.feature("GlobalIntensityPeak", ibsi="0F91", is_pyradiomics=False)
def global_intensity_peak(s: Spheres) -> float:
    """Return the highest mean intensity within 6.2 mm of any voxel."""
    return s.global_peak
