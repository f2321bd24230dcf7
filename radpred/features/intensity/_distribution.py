"""How values are distributed in each of several regions that are measured together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import OneEach, ratio
from radpred.image import Array

_PERCENTS = (10, 25, 50, 75, 90)


@dataclass(frozen=True, kw_only=True, eq=False)
class Distribution(OneEach):
    """Values of regions, one region after the other; moments are those of the population.

    Parameters
    ----------
    x : array of float, shape (n_voxels,)
        Values, ascending inside a region.
    starts : array of int, shape (n_regions,)
        Where each region's begin; none is empty.
    """

    x: Array
    starts: Array

    @cached_property
    def n(self) -> Array:
        """Return the number of voxels, one a region."""
        return np.diff(np.append(self.starts, self.x.size))

    @cached_property
    def lowest(self) -> Array:
        """Return the lowest value, one a region."""
        return self.x[self.starts]

    @cached_property
    def highest(self) -> Array:
        """Return the highest value, one a region."""
        return self.x[self.starts + self.n - 1]

    @cached_property
    def mean(self) -> Array:
        """Return the mean, one a region; that of a flat one is exact."""
        mean = self.total(self.x) / self.n
        return np.where(self.lowest == self.highest, self.lowest, mean)

    @cached_property
    def centred(self) -> Array:
        """Return the values minus their region's mean."""
        return self.x - self.spread(self.mean)

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
        """Return the second central moment, one a region."""
        return self.total(self._square) / self.n

    def moment(self, order: int) -> Array:
        """Return the third or fourth central moment, one a region."""
        rest = self.centred if order == 3 else self._square
        return self.total(self._square * rest) / self.n

    @property
    def skewness(self) -> Array:
        """Return the third central moment over the cubed standard deviation."""
        return ratio(self.moment(3), self.variance**1.5)

    @property
    def kurtosis(self) -> Array:
        """Return the fourth central moment over the squared variance (normal: 3)."""
        return ratio(self.moment(4), self.variance**2)

    @property
    def variation(self) -> Array:
        """Return the standard deviation over the mean."""
        return ratio(np.sqrt(self.variance), self.mean)

    @property
    def mean_absolute_deviation(self) -> Array:
        """Return the mean distance from the mean."""
        return self.total(np.abs(self.centred)) / self.n

    @property
    def median_absolute_deviation(self) -> Array:
        """Return the mean distance from the median."""
        return self.total(np.abs(self.x - self.spread(self.percentile(50)))) / self.n

    @property
    def robust_mean_absolute_deviation(self) -> Array:
        """Return the mean distance from the mean, both of what lies between 10th and 90th."""
        low, high = self.spread(self.percentile(10)), self.spread(self.percentile(90))
        middle = ((self.x >= low) & (self.x <= high)).astype(float)
        n = self.total(middle)
        mean = ratio(self.total(middle * self.centred), n)
        return ratio(self.total(middle * np.abs(self.centred - self.spread(mean))), n)

    @property
    def interquartile_range(self) -> Array:
        """Return the distance between the 25th and the 75th percentile."""
        return self.percentile(75) - self.percentile(25)

    @property
    def quartile_dispersion(self) -> Array:
        """Return the interquartile range over the sum of the two quartiles."""
        return ratio(self.interquartile_range, self.percentile(75) + self.percentile(25))

    def percentile(self, percent: int) -> Array:
        """Return the 10th, 25th, 50th, 75th or 90th percentile, one a region."""
        return self._percentiles[_PERCENTS.index(percent)]

    @cached_property
    def _percentiles(self) -> Array:
        """Return percentiles, shape (n_percentiles, n_regions), linear between ranks.

        To NumPy's last bit, since the robust deviation asks which values reach it.
        """
        rank = (self.n - 1) * (np.array(_PERCENTS)[:, None] / 100)
        below = rank.astype(np.int64)
        low = self.x[self.starts + below]
        high = self.x[self.starts + np.minimum(below + 1, self.n - 1)]
        part = rank - below
        return np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))
