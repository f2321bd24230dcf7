"""First-order features: how intensities are distributed, wherever they lie.

Moments are those of the population, and kurtosis is not the excess over a normal distribution
(PyRadiomics; IBSI's kurtosis is smaller by 3). Entropy and uniformity use grey levels, all other
features the intensities themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import Family, OneEach, entropy_bits, ratio
from radpred.features._region import Region
from radpred.image import Array

_PERCENTS = (10, 25, 50, 75, 90)


@dataclass(frozen=True, kw_only=True, eq=False)
class Intensities(OneEach):
    """The intensities of regions, one region after the other.

    Parameters
    ----------
    x : array of float, shape (n_voxels,)
        Intensities, ascending inside a region.
    starts : array of int, shape (n_regions,)
        Where each region's begin; none is empty.
    regions : Region
        What they are the intensities of; discretised where a feature needs grey levels.
    shift : float
        Added to intensities in energy and root mean square.
    voxel_volume : float
        In mm3.
    """

    x: Array
    starts: Array
    regions: Region
    shift: float
    voxel_volume: float

    @cached_property
    def n(self) -> Array:
        """Return the number of voxels, one a region."""
        return np.diff(np.append(self.starts, self.x.size))

    @cached_property
    def lowest(self) -> Array:
        """Return the lowest intensity, one a region."""
        return self.x[self.starts]

    @cached_property
    def highest(self) -> Array:
        """Return the highest intensity, one a region."""
        return self.x[self.starts + self.n - 1]

    @cached_property
    def mean(self) -> Array:
        """Return the mean intensity, one a region; that of a flat one is exact."""
        mean = self.total(self.x) / self.n
        return np.where(self.lowest == self.highest, self.lowest, mean)

    @cached_property
    def centred(self) -> Array:
        """Return the intensities minus their region's mean."""
        return self.x - self.spread(self.mean)

    @cached_property
    def p(self) -> Array:
        """Return the probability of each grey level, shape (n_regions, n_levels)."""
        return self.regions.level_voxels / self.n[:, None]

    @cached_property
    def energy(self) -> Array:
        """Return the sum of the squared, shifted intensities, one a region."""
        return self.total((self.x + self.shift) ** 2)

    @cached_property
    def _square(self) -> Array:
        """Return the squared distances from the mean."""
        return self.centred * self.centred

    def total(self, values: Array) -> Array:
        """Return the sum over each region's voxels."""
        if self.starts.size == 1:
            return values.sum(keepdims=True)
        return np.add.reduceat(values, self.starts)

    def spread(self, values: Array) -> Array:
        """Return a region's value at each of its voxels."""
        return values[0] if values.size == 1 else np.repeat(values, self.n)

    @cached_property
    def variance(self) -> Array:
        """Return the second central moment of the population, one a region."""
        return self.total(self._square) / self.n

    def moment(self, order: int) -> Array:
        """Return the third or fourth central moment of the population, one a region."""
        rest = self.centred if order == 3 else self._square
        return self.total(self._square * rest) / self.n

    def percentile(self, percent: int) -> Array:
        """Return the 10th, 25th, 50th, 75th or 90th percentile, one a region."""
        return self._percentiles[_PERCENTS.index(percent)]

    @cached_property
    def _percentiles(self) -> Array:
        """Return percentiles, shape (n_percentiles, n_regions), linear between ranks.

        To NumPy's last bit, since the robust deviation asks which intensities reach it.
        """
        rank = (self.n - 1) * (np.array(_PERCENTS)[:, None] / 100)
        below = rank.astype(np.int64)
        low = self.x[self.starts + below]
        high = self.x[self.starts + np.minimum(below + 1, self.n - 1)]
        part = rank - below
        return np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))


def _intensities(region: Region) -> Intensities:
    """Return the region's intensities, ready for the formulas."""
    return Intensities(
        x=region.intensities,
        starts=region.starts,
        regions=region,
        shift=region.voxel_array_shift,
        voxel_volume=float(np.prod(region.spacing)),
    )


firstorder = Family(name="firstorder", prepare=_intensities)


@firstorder.feature("10Percentile", ibsi="QG58")
def percentile_10(i: Intensities) -> Array:
    """Return the intensity that 10 % of the voxels do not exceed."""
    return i.percentile(10)


@firstorder.feature("90Percentile", ibsi="8DWT")
def percentile_90(i: Intensities) -> Array:
    """Return the intensity that 90 % of the voxels do not exceed."""
    return i.percentile(90)


@firstorder.feature("Energy", ibsi="N8CA")
def energy(i: Intensities) -> Array:
    """Return the sum of the squared intensities, each raised by the voxel array shift."""
    return i.energy


@firstorder.feature("Entropy", ibsi="TLU2")
def entropy(i: Intensities) -> Array:
    """Return the Shannon entropy of the grey levels, in bits."""
    return entropy_bits(i.p, axis=1)


@firstorder.feature("InterquartileRange", ibsi="SALO")
def interquartile_range(i: Intensities) -> Array:
    """Return the distance between the 25th and the 75th percentile."""
    return i.percentile(75) - i.percentile(25)


@firstorder.feature("Kurtosis", ibsi="IPH6")
def kurtosis(i: Intensities) -> Array:
    """Return the fourth central moment over the squared variance (normal: 3)."""
    return ratio(i.moment(4), i.variance**2)


@firstorder.feature("Maximum", ibsi="84IY")
def maximum(i: Intensities) -> Array:
    """Return the highest intensity."""
    return i.highest


@firstorder.feature("MeanAbsoluteDeviation", ibsi="4FUA")
def mean_absolute_deviation(i: Intensities) -> Array:
    """Return the mean distance from the mean."""
    return i.total(np.abs(i.centred)) / i.n


@firstorder.feature("Mean", ibsi="Q4LE")
def mean(i: Intensities) -> Array:
    """Return the mean intensity."""
    return i.mean


@firstorder.feature("Median", ibsi="Y12H")
def median(i: Intensities) -> Array:
    """Return the median intensity."""
    return i.percentile(50)


@firstorder.feature("Minimum", ibsi="1GSF")
def minimum(i: Intensities) -> Array:
    """Return the lowest intensity."""
    return i.lowest


@firstorder.feature("Range", ibsi="2OJQ")
def value_range(i: Intensities) -> Array:
    """Return the distance between the lowest and the highest intensity."""
    return i.highest - i.lowest


@firstorder.feature("RobustMeanAbsoluteDeviation", ibsi="1128")
def robust_mean_absolute_deviation(i: Intensities) -> Array:
    """Return the mean distance from the mean, both of the voxels between the 10th and 90th."""
    low, high = i.spread(i.percentile(10)), i.spread(i.percentile(90))
    middle = ((i.x >= low) & (i.x <= high)).astype(float)
    n = i.total(middle)
    mean = ratio(i.total(middle * i.centred), n)
    return ratio(i.total(middle * np.abs(i.centred - i.spread(mean))), n)


@firstorder.feature("RootMeanSquared", ibsi="5ZWQ")
def root_mean_squared(i: Intensities) -> Array:
    """Return the root of the mean squared intensity, each raised by the voxel array shift."""
    return np.sqrt(i.energy / i.n)


@firstorder.feature("Skewness", ibsi="KE2A")
def skewness(i: Intensities) -> Array:
    """Return the third central moment over the cubed standard deviation."""
    return ratio(i.moment(3), i.variance**1.5)


@firstorder.feature("TotalEnergy", ibsi=None)
def total_energy(i: Intensities) -> Array:
    """Return the energy times the volume of a voxel in mm3."""
    return i.energy * i.voxel_volume


@firstorder.feature("Uniformity", ibsi="BJ5W")
def uniformity(i: Intensities) -> Array:
    """Return the sum of the squared probabilities of the grey levels."""
    return (i.p**2).sum(axis=1)


@firstorder.feature("Variance", ibsi="ECT3")
def variance(i: Intensities) -> Array:
    """Return the mean squared distance from the mean."""
    return i.variance
