"""First-order features: how intensities are distributed, wherever they lie.

Moments are those of the population. Kurtosis is that of PyRadiomics, 3 for a normal distribution,
or IBSI's excess, by convention. Entropy and uniformity use grey levels, all other features the
intensities themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import Family, entropy_bits
from radpred.features._region import Region
from radpred.features.intensity._distribution import Distribution
from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Intensities(Distribution):
    """The intensities of regions.

    Parameters
    ----------
    regions : Region
        What they are the intensities of; discretised where a feature needs grey levels.
    shift : float
        Added to intensities in energy and root mean square.
    voxel_volume : float
        In mm3.
    """

    regions: Region
    shift: float
    voxel_volume: float

    @cached_property
    def p(self) -> Array:
        """Return the probability of each grey level, shape (n_regions, n_levels)."""
        return self.regions.level_voxels / self.n[:, None]

    @cached_property
    def energy(self) -> Array:
        """Return the sum of the squared, shifted intensities, one a region."""
        return self.total((self.x + self.shift) ** 2)


def _intensities(region: Region) -> Intensities:
    """Return the region's intensities, ready for the formulas."""
    return Intensities(
        x=region.intensities,
        starts=region.starts,
        regions=region,
        shift=region.convention.voxel_array_shift,
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
    return i.interquartile_range


@firstorder.feature("Kurtosis", ibsi="IPH6")
def kurtosis(i: Intensities) -> Array:
    """Return the fourth central moment over the squared variance (normal: 3; the excess: 0)."""
    return i.kurtosis - (3 if i.regions.convention.has_excess_kurtosis else 0)


@firstorder.feature("Maximum", ibsi="84IY")
def maximum(i: Intensities) -> Array:
    """Return the highest intensity."""
    return i.highest


@firstorder.feature("MeanAbsoluteDeviation", ibsi="4FUA")
def mean_absolute_deviation(i: Intensities) -> Array:
    """Return the mean distance from the mean."""
    return i.mean_absolute_deviation


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
    return i.robust_mean_absolute_deviation


@firstorder.feature("RootMeanSquared", ibsi="5ZWQ")
def root_mean_squared(i: Intensities) -> Array:
    """Return the root of the mean squared intensity, each raised by the voxel array shift."""
    return np.sqrt(i.energy / i.n)


@firstorder.feature("Skewness", ibsi="KE2A")
def skewness(i: Intensities) -> Array:
    """Return the third central moment over the cubed standard deviation."""
    return i.skewness


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


@firstorder.feature("MedianAbsoluteDeviation", ibsi="N72L", is_pyradiomics=False)
def median_absolute_deviation(i: Intensities) -> Array:
    """Return the mean distance from the median."""
    return i.median_absolute_deviation


@firstorder.feature("CoefficientOfVariation", ibsi="7TET", is_pyradiomics=False)
def coefficient_of_variation(i: Intensities) -> Array:
    """Return the standard deviation over the mean."""
    return i.variation


@firstorder.feature("QuartileCoefficientOfDispersion", ibsi="9S40", is_pyradiomics=False)
def quartile_coefficient_of_dispersion(i: Intensities) -> Array:
    """Return the interquartile range over the sum of the 25th and the 75th percentile."""
    return i.quartile_dispersion
