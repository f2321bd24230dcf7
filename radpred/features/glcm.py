"""GLCM features: which grey levels stand side by side (IBSI LFUR; Haralick 1973).

Every direction has a symmetric matrix of its own, ``p[i, j]``, over the pairs of neighbours along
it; a feature is the mean over the directions that hold a pair (IBSI: 3D, averaged). Almost every
formula needs only the distributions of one level, of the sum and of the difference of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import Family, NotComputableError, entropy_bits, ratio
from radpred.features._maximal_correlation import maximal_correlation
from radpred.features._region import Region
from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Cooccurrence:
    """The distributions of pairs of grey levels, one row a direction.

    Parameters
    ----------
    direction, low, high : array of int, shape (n_cells,)
        The cells that occur: direction, and positions of the two grey levels, low <= high.
    p : array of float, shape (n_cells,)
        Probability of the cell; the mirrored cell has the same.
    grey_levels : array of float, shape (n_levels,)
        The levels that occur.
    p_level : array of float, shape (n_directions, n_levels)
        Probability of a level.
    p_sum, p_difference : array of float, shape (n_directions, n_sums or n_differences)
        Probability that two neighbours' levels have sum k (column k), and difference k.
    """

    direction: Array
    low: Array
    high: Array
    p: Array
    grey_levels: Array
    p_level: Array
    p_sum: Array
    p_difference: Array

    @property
    def first(self) -> Array:
        """Return where each direction's cells start."""
        return np.flatnonzero(np.diff(self.direction, prepend=-1))

    @property
    def weight(self) -> Array:
        """Return how many cells of the matrix each stored one stands for: 2 off the diagonal."""
        return np.where(self.low == self.high, 1.0, 2.0)

    @property
    def highest_level(self) -> float:
        """Return the highest grey level, which PyRadiomics takes for the number of levels."""
        return self.grey_levels[-1]

    @property
    def k_sum(self) -> Array:
        """Return the sums of two levels that ``p_sum`` counts."""
        return np.arange(self.p_sum.shape[1], dtype=float)

    @property
    def k_difference(self) -> Array:
        """Return the differences of two levels that ``p_difference`` counts."""
        return np.arange(self.p_difference.shape[1], dtype=float)

    @cached_property
    def mean(self) -> Array:
        """Return the mean level, one a direction."""
        return self.p_level @ self.grey_levels

    @cached_property
    def variance(self) -> Array:
        """Return the variance of the level, one a direction."""
        return (self.p_level * (self.grey_levels - self.mean[:, None]) ** 2).sum(axis=1)

    @cached_property
    def joint_entropy(self) -> Array:
        """Return the entropy of the pairs in bits, one a direction."""
        return np.add.reduceat(-self.weight * self.p * np.log2(self.p), self.first)

    @cached_property
    def level_entropy(self) -> Array:
        """Return the entropy of one level in bits, one a direction."""
        return entropy_bits(self.p_level, axis=1)

    def sum_moment(self, order: int) -> Array:
        """Return the central moment of the sum of two levels, one a direction."""
        return (self.p_sum * (self.k_sum - 2 * self.mean[:, None]) ** order).sum(axis=1)

    def expected_difference(self, weight: Array) -> Array:
        """Return the mean of a weight of the difference of two levels, one a direction."""
        return self.p_difference @ weight


def _cooccurrence(region: Region) -> Cooccurrence:
    """Return the region's pair distributions."""
    region.require_texture()
    found, low, high, count = region.texture.pairs.T
    if not count.size:
        raise NotComputableError("no_neighbours")
    direction = np.cumsum(np.diff(found, prepend=found[0]) != 0)
    n_directions, n_levels = int(direction[-1]) + 1, region.grey_levels.size
    share = count / np.bincount(direction, count)[direction]  # of unordered pairs
    i, j = region.grey_levels[low].astype(int), region.grey_levels[high].astype(int)

    def distribution(value: Array, size: int) -> Array:
        flat = np.bincount(direction * size + value, share, n_directions * size)
        return flat.reshape(n_directions, size)

    highest = int(region.grey_levels[-1])
    return Cooccurrence(
        direction=direction,
        low=low,
        high=high,
        p=np.where(low == high, share, share / 2),
        grey_levels=region.grey_levels,
        p_level=(distribution(low, n_levels) + distribution(high, n_levels)) / 2,
        p_sum=distribution(i + j, 2 * highest + 1),
        p_difference=distribution(j - i, highest),
    )


def _unless_all(value: Array, undefined: Array, convention: float) -> Array:
    """Return a convention where single directions are undefined, NaN where all are."""
    return np.where(undefined, np.nan if undefined.all() else convention, value)


glcm = Family(name="glcm", prepare=_cooccurrence)


@glcm.feature("Autocorrelation", ibsi="QWB0")
def autocorrelation(c: Cooccurrence) -> Array:
    """Return the mean product of two levels: i j = ((i + j)^2 - (i - j)^2) / 4."""
    return (c.p_sum @ c.k_sum**2 - c.expected_difference(c.k_difference**2)) / 4


@glcm.feature("ClusterProminence", ibsi="AE86")
def cluster_prominence(c: Cooccurrence) -> Array:
    """Return the fourth central moment of the sum of two levels."""
    return c.sum_moment(4)


@glcm.feature("ClusterShade", ibsi="7NFM")
def cluster_shade(c: Cooccurrence) -> Array:
    """Return the third central moment of the sum of two levels."""
    return c.sum_moment(3)


@glcm.feature("ClusterTendency", ibsi="DG8W")
def cluster_tendency(c: Cooccurrence) -> Array:
    """Return the variance of the sum of two levels."""
    return c.sum_moment(2)


@glcm.feature("Contrast", ibsi="ACUI")
def contrast(c: Cooccurrence) -> Array:
    """Return the mean squared difference of two levels."""
    return c.expected_difference(c.k_difference**2)


@glcm.feature("Correlation", ibsi="NI2N")
def correlation(c: Cooccurrence) -> Array:
    """Return the correlation of two levels; a direction with one level counts 1 (PyRadiomics)."""
    covariance = (c.sum_moment(2) - c.expected_difference(c.k_difference**2)) / 4
    return _unless_all(ratio(covariance, c.variance), c.variance == 0, 1.0)


@glcm.feature("DifferenceAverage", ibsi="TF7R")
def difference_average(c: Cooccurrence) -> Array:
    """Return the mean difference of two levels."""
    return c.expected_difference(c.k_difference)


@glcm.feature("DifferenceEntropy", ibsi="NTRS")
def difference_entropy(c: Cooccurrence) -> Array:
    """Return the entropy of the difference of two levels, in bits."""
    return entropy_bits(c.p_difference, axis=1)


@glcm.feature("DifferenceVariance", ibsi="D3YU")
def difference_variance(c: Cooccurrence) -> Array:
    """Return the variance of the difference of two levels."""
    away = c.k_difference - difference_average(c)[:, None]
    return (c.p_difference * away**2).sum(axis=1)


@glcm.feature("Id", ibsi="IB1Z")
def inverse_difference(c: Cooccurrence) -> Array:
    """Return the mean of 1 / (1 + difference)."""
    return c.expected_difference(1 / (1 + c.k_difference))


@glcm.feature("Idm", ibsi="WF0Z")
def inverse_difference_moment(c: Cooccurrence) -> Array:
    """Return the mean of 1 / (1 + difference^2)."""
    return c.expected_difference(1 / (1 + c.k_difference**2))


@glcm.feature("Idmn", ibsi="1QCO")
def inverse_difference_moment_normalised(c: Cooccurrence) -> Array:
    """Return the mean of 1 / (1 + (difference / number of levels)^2)."""
    return c.expected_difference(1 / (1 + (c.k_difference / c.highest_level) ** 2))


@glcm.feature("Idn", ibsi="NDRX")
def inverse_difference_normalised(c: Cooccurrence) -> Array:
    """Return the mean of 1 / (1 + difference / number of levels)."""
    return c.expected_difference(1 / (1 + c.k_difference / c.highest_level))


@glcm.feature("Imc1", ibsi="R8DG")
def information_correlation_1(c: Cooccurrence) -> Array:
    """Return minus the mutual information of two levels over the entropy of one.

    A direction with one level counts 0 (PyRadiomics).
    """
    shared = c.joint_entropy - 2 * c.level_entropy
    return _unless_all(ratio(shared, c.level_entropy), c.level_entropy == 0, 0.0)


@glcm.feature("Imc2", ibsi="JN9H")
def information_correlation_2(c: Cooccurrence) -> Array:
    """Return sqrt(1 - exp(-2 mutual information)) of two levels."""
    information = np.maximum(2 * c.level_entropy - c.joint_entropy, 0)  # rounding goes below 0
    return np.sqrt(-np.expm1(-2 * information))


@glcm.feature("InverseVariance", ibsi="E8JP")
def inverse_variance(c: Cooccurrence) -> Array:
    """Return the sum over differences k > 0 of their probability over k^2."""
    return c.p_difference[:, 1:] @ c.k_difference[1:] ** -2


@glcm.feature("JointAverage", ibsi="60VM")
def joint_average(c: Cooccurrence) -> Array:
    """Return the mean level."""
    return c.mean


@glcm.feature("JointEnergy", ibsi="8ZQL")
def joint_energy(c: Cooccurrence) -> Array:
    """Return the sum of the squared probabilities of the pairs."""
    return np.add.reduceat(c.weight * c.p**2, c.first)


@glcm.feature("JointEntropy", ibsi="TU9B")
def joint_entropy(c: Cooccurrence) -> Array:
    """Return the Shannon entropy of the pairs of grey levels, in bits."""
    return c.joint_entropy


@glcm.feature("MCC", ibsi=None)
def maximal_correlation_coefficient(c: Cooccurrence) -> Array:
    """Return the largest correlation that any scoring of the levels reaches (Haralick's 14th)."""
    found = maximal_correlation(c.direction, c.low, c.high, c.p, c.p_level)
    return _unless_all(found, (c.p_level > 0).sum(axis=1) < 2, 0.0)


@glcm.feature("MaximumProbability", ibsi="GYBY")
def maximum_probability(c: Cooccurrence) -> Array:
    """Return the probability of the most frequent pair."""
    return np.maximum.reduceat(c.p, c.first)


@glcm.feature("SumAverage", ibsi="ZGXS")
def sum_average(c: Cooccurrence) -> Array:
    """Return the mean sum of two levels."""
    return c.p_sum @ c.k_sum


@glcm.feature("SumEntropy", ibsi="P6QZ")
def sum_entropy(c: Cooccurrence) -> Array:
    """Return the entropy of the sum of two levels, in bits."""
    return entropy_bits(c.p_sum, axis=1)


@glcm.feature("SumSquares", ibsi="UR99")
def sum_squares(c: Cooccurrence) -> Array:
    """Return the variance of the level."""
    return c.variance
