"""Histogram features: how grey levels are distributed (IBSI ZVCW).

A level's entropy and uniformity (IBSI TLU2, BJ5W) are first-order features, as in PyRadiomics.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import Family
from radpred.features._region import Region
from radpred.features.intensity._distribution import Distribution
from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Levels(Distribution):
    """The grey levels of a region, voxel by voxel and as a histogram.

    Parameters
    ----------
    grey_levels : array of float, shape (n_levels,)
        Those that occur, ascending.
    counts : array of int, shape (n_levels,)
        The number of voxels of each.
    """

    grey_levels: Array
    counts: Array

    @property
    def mode(self) -> float:
        """Return the most frequent level; of several the closest to the mean, then the lowest."""
        most = self.grey_levels[self.counts == self.counts.max()]
        return float(most[np.abs(most - self.mean).argmin()])

    @cached_property
    def gradient(self) -> Array:
        """Return the histogram's slope at each level from 1 to the highest, or NaN at level 1."""
        histogram = np.zeros(int(self.grey_levels[-1]))
        histogram[self.grey_levels.astype(np.int64) - 1] = self.counts
        return np.gradient(histogram) if histogram.size > 1 else np.full(1, np.nan)

    @property
    def steepest_rise(self) -> float:
        """Return the lowest level with the largest slope."""
        return self._level_of(int(self.gradient.argmax()))

    @property
    def steepest_fall(self) -> float:
        """Return the lowest level with the smallest slope."""
        return self._level_of(int(self.gradient.argmin()))

    def _level_of(self, place: int) -> float:
        """Return the level at a place of the histogram, NaN where that has no slope."""
        return float("nan") if np.isnan(self.gradient[place]) else place + 1.0


def _levels(region: Region) -> Levels:
    """Return the region's grey levels, ready for the formulas."""
    return Levels(
        x=np.repeat(region.grey_levels, region.level_counts),
        starts=region.starts,
        grey_levels=region.grey_levels,
        counts=region.level_counts,
    )


histogram = Family(name="histogram", prepare=_levels)


@histogram.feature("Mean", ibsi="X6K6", is_pyradiomics=False)
def mean(v: Levels) -> Array:
    """Return the mean grey level."""
    return v.mean


@histogram.feature("Variance", ibsi="CH89", is_pyradiomics=False)
def variance(v: Levels) -> Array:
    """Return the mean squared distance from the mean grey level."""
    return v.variance


@histogram.feature("Skewness", ibsi="88K1", is_pyradiomics=False)
def skewness(v: Levels) -> Array:
    """Return the grey levels' third central moment over the cubed standard deviation."""
    return v.skewness


@histogram.feature("Kurtosis", ibsi="C3I7", is_pyradiomics=False)
def kurtosis(v: Levels) -> Array:
    """Return the grey levels' fourth central moment over the squared variance, less 3."""
    return v.kurtosis - 3


@histogram.feature("Median", ibsi="WIFQ", is_pyradiomics=False)
def median(v: Levels) -> Array:
    """Return the median grey level."""
    return v.percentile(50)


@histogram.feature("Minimum", ibsi="1PR8", is_pyradiomics=False)
def minimum(v: Levels) -> Array:
    """Return the lowest grey level."""
    return v.lowest


@histogram.feature("10Percentile", ibsi="GPMT", is_pyradiomics=False)
def percentile_10(v: Levels) -> Array:
    """Return the grey level that 10 % of the voxels do not exceed."""
    return v.percentile(10)


@histogram.feature("90Percentile", ibsi="OZ0C", is_pyradiomics=False)
def percentile_90(v: Levels) -> Array:
    """Return the grey level that 90 % of the voxels do not exceed."""
    return v.percentile(90)


@histogram.feature("Maximum", ibsi="3NCY", is_pyradiomics=False)
def maximum(v: Levels) -> Array:
    """Return the highest grey level."""
    return v.highest


@histogram.feature("Mode", ibsi="AMMC", is_pyradiomics=False)
def mode(v: Levels) -> float:
    """Return the most frequent grey level; of several the one closest to the mean."""
    return v.mode


@histogram.feature("InterquartileRange", ibsi="WR0O", is_pyradiomics=False)
def interquartile_range(v: Levels) -> Array:
    """Return the distance between the 25th and the 75th percentile of the grey levels."""
    return v.interquartile_range


@histogram.feature("Range", ibsi="5Z3W", is_pyradiomics=False)
def value_range(v: Levels) -> Array:
    """Return the distance between the lowest and the highest grey level."""
    return v.highest - v.lowest


@histogram.feature("MeanAbsoluteDeviation", ibsi="D2ZX", is_pyradiomics=False)
def mean_absolute_deviation(v: Levels) -> Array:
    """Return the mean distance from the mean grey level."""
    return v.mean_absolute_deviation


@histogram.feature("RobustMeanAbsoluteDeviation", ibsi="WRZB", is_pyradiomics=False)
def robust_mean_absolute_deviation(v: Levels) -> Array:
    """Return the mean distance from the mean, both of the levels between the 10th and 90th."""
    return v.robust_mean_absolute_deviation


@histogram.feature("MedianAbsoluteDeviation", ibsi="4RNL", is_pyradiomics=False)
def median_absolute_deviation(v: Levels) -> Array:
    """Return the mean distance from the median grey level."""
    return v.median_absolute_deviation


@histogram.feature("CoefficientOfVariation", ibsi="CWYJ", is_pyradiomics=False)
def coefficient_of_variation(v: Levels) -> Array:
    """Return the grey levels' standard deviation over their mean."""
    return v.variation


@histogram.feature("QuartileCoefficientOfDispersion", ibsi="SLWD", is_pyradiomics=False)
def quartile_coefficient_of_dispersion(v: Levels) -> Array:
    """Return the grey levels' interquartile range over the sum of their quartiles."""
    return v.quartile_dispersion


@histogram.feature("MaximumHistogramGradient", ibsi="12CE", is_pyradiomics=False)
def maximum_histogram_gradient(v: Levels) -> float:
    """Return the largest slope of the histogram, in voxels a grey level."""
    return v.gradient.max()


@histogram.feature("MaximumHistogramGradientGrayLevel", ibsi="8E6O", is_pyradiomics=False)
def maximum_histogram_gradient_grey_level(v: Levels) -> float:
    """Return the grey level at which the histogram's slope is largest."""
    return v.steepest_rise


@histogram.feature("MinimumHistogramGradient", ibsi="VQB3", is_pyradiomics=False)
def minimum_histogram_gradient(v: Levels) -> float:
    """Return the smallest slope of the histogram, in voxels a grey level."""
    return v.gradient.min()


@histogram.feature("MinimumHistogramGradientGrayLevel", ibsi="RHQZ", is_pyradiomics=False)
def minimum_histogram_gradient_grey_level(v: Levels) -> float:
    """Return the grey level at which the histogram's slope is smallest."""
    return v.steepest_fall
