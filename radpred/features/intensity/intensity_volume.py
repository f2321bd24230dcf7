"""The intensity-volume histogram: which part of a region exceeds an intensity (IBSI P88C).

By convention, intensities are discretised by bins of a width, and then stand for the bins'
centres; or into a number of bins, and then are levels from 1; or stay as they are. The histogram
reaches from one bound of re-segmentation to the other, where there are bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.features._convention import Convention
from radpred.features._family import Family, OneEach
from radpred.features._region import Region
from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve(OneEach):
    """Discretised intensities, as numbers of steps.

    Parameters
    ----------
    steps : array of float, shape (n,)
        One a voxel, ascending; whole numbers, unless ``is_stepless``.
    first, last : float
        Where the histogram begins and ends.
    origin, width : float
        The intensity at step 0, and the distance between two steps.
    is_stepless : bool
        Whether no intensities lie between those that occur.
    """

    steps: Array
    first: float
    last: float
    origin: float = 0.0
    width: float = 1.0
    is_stepless: bool = False

    def volume_at(self, percent: int) -> float:
        """Return the part of the voxels that reaches ``percent`` of the histogram's range."""
        if not self.last > self.first:
            return float("nan")
        part = (self.steps - self.first) / (self.last - self.first)
        return float((part >= percent / 100).mean())

    def intensity_at(self, percent: int) -> float:
        """Return the lowest intensity that at most ``percent`` of the voxels reach.

        Where more reach even the highest of the histogram, that is returned.
        """
        present, begin = np.unique(self.steps, return_index=True)
        is_rare = 100 * (self.steps.size - begin) <= percent * self.steps.size
        n_common = present.size - int(is_rare.sum())
        following = float(present[n_common - 1]) + 1
        if self.is_stepless or (n_common == present.size and following > self.last):
            following = float(present[min(n_common, present.size - 1)])
        return self.origin + self.width * following


def _curve(region: Region) -> Curve:
    """Return the region's intensities as the convention discretises them."""
    convention, x = region.convention, region.intensities
    if convention.ivh_bin_width is not None:
        return _by_width(x, convention, convention.ivh_bin_width)
    if convention.ivh_bin_count is not None:
        return _by_count(x, convention.ivh_bin_count)
    first, last = _bounds(x, convention)
    is_whole = np.array_equal(x, np.rint(x))
    return Curve(steps=x, first=first, last=last, is_stepless=not is_whole)


def _bounds(x: Array, convention: Convention) -> tuple[float, float]:
    """Return the bounds of re-segmentation; where there is none, the limits of intensities."""
    first, last = convention.first_edge, convention.last_edge
    return (
        float(x[0]) if isinstance(first, str) else first,
        float(x[-1]) if last is None else last,
    )


def _by_width(x: Array, convention: Convention, width: float) -> Curve:
    """Return intensities as numbers of bins of a width."""
    edge, end = _bounds(x, convention)
    if convention.first_edge == "multiple":
        edge -= edge % width
    steps = np.floor((x - edge) / width)
    last = float(steps[-1]) if convention.last_edge is None else (end - edge) / width - 1
    return Curve(steps=steps, first=0.0, last=last, origin=edge + width / 2, width=width)


def _by_count(x: Array, count: int) -> Curve:
    """Return intensities as bins of equal width from the lowest to the highest."""
    spread = float(x[-1] - x[0])
    steps = np.minimum(np.floor(count * (x - x[0]) / spread), count - 1) if spread else 0 * x
    return Curve(steps=steps, first=0.0, last=float(steps[-1]), origin=1.0)


ivh = Family(name="ivh", prepare=_curve)


@ivh.feature("VolumeFractionAt10PercentIntensity", ibsi="BC2M", is_pyradiomics=False)
def volume_at_10(c: Curve) -> float:
    """Return the part of the voxels from 10 % of the range of intensities up."""
    return c.volume_at(10)


@ivh.feature("VolumeFractionAt90PercentIntensity", ibsi="BC2M", is_pyradiomics=False)
def volume_at_90(c: Curve) -> float:
    """Return the part of the voxels from 90 % of the range of intensities up."""
    return c.volume_at(90)


@ivh.feature("IntensityAt10PercentVolume", ibsi="GBPN", is_pyradiomics=False)
def intensity_at_10(c: Curve) -> float:
    """Return the lowest intensity that at most 10 % of the voxels reach."""
    return c.intensity_at(10)


@ivh.feature("IntensityAt90PercentVolume", ibsi="GBPN", is_pyradiomics=False)
def intensity_at_90(c: Curve) -> float:
    """Return the lowest intensity that at most 90 % of the voxels reach."""
    return c.intensity_at(90)


@ivh.feature("VolumeFractionDifference", ibsi="DDTU", is_pyradiomics=False)
def volume_difference(c: Curve) -> float:
    """Return how much less of the voxels lies from 90 % of the range up than from 10 % up."""
    return c.volume_at(10) - c.volume_at(90)


@ivh.feature("IntensityDifference", ibsi="CNV2", is_pyradiomics=False)
def intensity_difference(c: Curve) -> float:
    """Return how far the intensities at 10 % and at 90 % of the voxels are apart."""
    return c.intensity_at(10) - c.intensity_at(90)
