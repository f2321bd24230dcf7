"""First-order features: how intensities are distributed, wherever they lie.

Moments are those of the population, and kurtosis is not the excess over a normal distribution
(PyRadiomics; IBSI's kurtosis is smaller by 3). Entropy and uniformity use grey levels, all other
features the intensities themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import Family, entropy_bits, ratio
from radpred.features._region import Region
from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Intensities:
    """Sorted intensities ``x``, ``x`` minus its mean, quantiles, and level probabilities ``p``."""

    x: Array
    centred: Array
    p: Array
    shifted_energy: float
    voxel_volume: float

    def percentile(self, percent: float) -> float:
        """Return the percentile, linear between neighbours in rank (NumPy's default)."""
        rank = (self.x.size - 1) * percent / 100
        below = int(rank)
        low, high = self.x[below], self.x[min(below + 1, self.x.size - 1)]
        return float(low + (high - low) * (rank - below))

    @cached_property
    def _square(self) -> Array:
        """Return the squared distances from the mean."""
        return self.centred * self.centred

    def moment(self, order: int) -> float:
        """Return the second, third or fourth central moment of the population."""
        rest = {2: 1.0, 3: self.centred, 4: self._square}[order]
        return float(np.mean(self._square * rest))


def _intensities(region: Region) -> Intensities:
    """Return the region's intensities, ready for the formulas."""
    x = region.intensities
    return Intensities(
        x=x,
        centred=np.zeros_like(x) if region.is_flat else x - x.mean(),
        p=region.level_counts / x.size,
        shifted_energy=float(np.sum((x + region.voxel_array_shift) ** 2)),
        voxel_volume=float(np.prod(region.spacing)),
    )


firstorder = Family(name="firstorder", prepare=_intensities)


@firstorder.feature("10Percentile", ibsi="QG58")
def percentile_10(i: Intensities) -> float:
    """Return the intensity that 10 % of the voxels do not exceed."""
    return i.percentile(10)


@firstorder.feature("90Percentile", ibsi="8DWT")
def percentile_90(i: Intensities) -> float:
    """Return the intensity that 90 % of the voxels do not exceed."""
    return i.percentile(90)


@firstorder.feature("Energy", ibsi="N8CA")
def energy(i: Intensities) -> float:
    """Return the sum of the squared intensities, each raised by the voxel array shift."""
    return i.shifted_energy


@firstorder.feature("Entropy", ibsi="TLU2")
def entropy(i: Intensities) -> float:
    """Return the Shannon entropy of the grey levels, in bits."""
    return entropy_bits(i.p)


@firstorder.feature("InterquartileRange", ibsi="SALO")
def interquartile_range(i: Intensities) -> float:
    """Return the distance between the 25th and the 75th percentile."""
    return i.percentile(75) - i.percentile(25)


@firstorder.feature("Kurtosis", ibsi="IPH6")
def kurtosis(i: Intensities) -> float:
    """Return the fourth central moment over the squared variance (normal: 3)."""
    return ratio(i.moment(4), i.moment(2) ** 2)


@firstorder.feature("Maximum", ibsi="84IY")
def maximum(i: Intensities) -> float:
    """Return the highest intensity."""
    return i.x[-1]


@firstorder.feature("MeanAbsoluteDeviation", ibsi="4FUA")
def mean_absolute_deviation(i: Intensities) -> float:
    """Return the mean distance from the mean."""
    return float(np.mean(np.abs(i.centred)))


@firstorder.feature("Mean", ibsi="Q4LE")
def mean(i: Intensities) -> float:
    """Return the mean intensity."""
    return float(np.mean(i.x))


@firstorder.feature("Median", ibsi="Y12H")
def median(i: Intensities) -> float:
    """Return the median intensity."""
    return i.percentile(50)


@firstorder.feature("Minimum", ibsi="1GSF")
def minimum(i: Intensities) -> float:
    """Return the lowest intensity."""
    return i.x[0]


@firstorder.feature("Range", ibsi="2OJQ")
def value_range(i: Intensities) -> float:
    """Return the distance between the lowest and the highest intensity."""
    return i.x[-1] - i.x[0]


@firstorder.feature("RobustMeanAbsoluteDeviation", ibsi="1128")
def robust_mean_absolute_deviation(i: Intensities) -> float:
    """Return the mean distance from the mean, both of the voxels between the 10th and 90th."""
    first = np.searchsorted(i.x, i.percentile(10), side="left")
    last = np.searchsorted(i.x, i.percentile(90), side="right")
    middle = i.x[first:last]
    return ratio(np.abs(middle - middle.mean()).sum(), middle.size) if middle.size else np.nan


@firstorder.feature("RootMeanSquared", ibsi="5ZWQ")
def root_mean_squared(i: Intensities) -> float:
    """Return the root of the mean squared intensity, each raised by the voxel array shift."""
    return np.sqrt(i.shifted_energy / i.x.size)


@firstorder.feature("Skewness", ibsi="KE2A")
def skewness(i: Intensities) -> float:
    """Return the third central moment over the cubed standard deviation."""
    return ratio(i.moment(3), i.moment(2) ** 1.5)


@firstorder.feature("TotalEnergy", ibsi=None)
def total_energy(i: Intensities) -> float:
    """Return the energy times the volume of a voxel in mm3."""
    return i.shifted_energy * i.voxel_volume


@firstorder.feature("Uniformity", ibsi="BJ5W")
def uniformity(i: Intensities) -> float:
    """Return the sum of the squared probabilities of the grey levels."""
    return np.sum(i.p**2)


@firstorder.feature("Variance", ibsi="ECT3")
def variance(i: Intensities) -> float:
    """Return the mean squared distance from the mean."""
    return i.moment(2)
