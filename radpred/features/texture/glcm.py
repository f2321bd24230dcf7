"""GLCM features: which grey levels stand side by side (IBSI LFUR; Haralick 1973).

Every direction has a matrix of its own, ``p[i, j]``, over the pairs of neighbours along it; a
feature is the mean over the directions that hold a pair (IBSI: averaged), unless directions are
merged. Almost every formula needs only the distributions of one level, and of the sum and the
difference of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._cells import Cells
from radpred.features._family import Family, NotComputableError, averaged, entropy_bits, ratio
from radpred.features._region import Region
from radpred.image import Array
from radpred.kernels.maximal_correlation import maximal_correlation

# IBSI gives two features a second time: dissimilarity is the mean difference of two levels, and
# the variance of their sum is the cluster tendency. From each code to the one under which it is.
SAME_AS = {"8S9J": "TF7R", "OEEB": "DG8W"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Cooccurrence:
    """The distributions of pairs of grey levels, one row a matrix.

    Parameters
    ----------
    cells : Cells
        The pairs that occur, by the positions of their two levels, and how often.
    grey_levels : array of float, shape (n_levels,)
        The levels that occur.
    highest_level : float
        The highest grey level, which PyRadiomics takes for the number of levels.
    is_symmetric : bool
        Whether a pair counts both ways; its lower level then comes first.
    n_regions : int
        How many regions the matrices belong to.
    """

    cells: Cells
    grey_levels: Array
    highest_level: float
    is_symmetric: bool
    n_regions: int

    def by_region(self, values: Array) -> Array:
        """Return the mean over each region's matrices."""
        return averaged(values, self.cells.owner, self.n_regions)

    @cached_property
    def share(self) -> Array:
        """Return the probability of each stored pair, whichever level comes first."""
        cells = self.cells
        return cells.count / np.bincount(cells.row, cells.count, cells.n_rows)[cells.row]

    @cached_property
    def is_mirrored(self) -> Array:
        """Tell whether a stored cell stands for two of the matrix."""
        if not self.is_symmetric:
            return np.zeros(self.share.shape, dtype=bool)
        return self.cells.first != self.cells.second

    @cached_property
    def p(self) -> Array:
        """Return the probability of each stored cell; a mirrored one has the same."""
        return np.where(self.is_mirrored, self.share / 2, self.share)

    @cached_property
    def p_first(self) -> Array:
        """Return the probability of each level of the first voxel, shape (n_rows, n_levels)."""
        first = self.cells.distribution(self.cells.first, self.share, self.grey_levels.size)
        if not self.is_symmetric:
            return first
        second = self.cells.distribution(self.cells.second, self.share, self.grey_levels.size)
        return (first + second) / 2

    @cached_property
    def p_second(self) -> Array:
        """Return the probability of each level of the second voxel, shape (n_rows, n_levels)."""
        if self.is_symmetric:
            return self.p_first
        return self.cells.distribution(self.cells.second, self.share, self.grey_levels.size)

    @cached_property
    def _levels(self) -> tuple[Array, Array]:
        """Return the two grey levels of each cell."""
        levels = self.grey_levels.astype(np.int64)
        return levels[self.cells.first], levels[self.cells.second]

    @cached_property
    def p_sum(self) -> Array:
        """Return the probability that two levels have sum k (column k)."""
        first, second = self._levels
        n_sums = 2 * int(self.highest_level) + 1
        return self.cells.distribution(first + second, self.share, n_sums)

    @cached_property
    def p_difference(self) -> Array:
        """Return the probability that two levels have difference k (column k)."""
        first, second = self._levels
        n_differences = int(self.highest_level)
        return self.cells.distribution(np.abs(first - second), self.share, n_differences)

    @cached_property
    def k_sum(self) -> Array:
        """Return the sums of two levels that ``p_sum`` counts."""
        return np.arange(self.p_sum.shape[1], dtype=float)

    @cached_property
    def k_difference(self) -> Array:
        """Return the differences of two levels that ``p_difference`` counts."""
        return np.arange(self.p_difference.shape[1], dtype=float)

    @cached_property
    def mean(self) -> Array:
        """Return the mean level of the first voxel, one a matrix."""
        return self.p_first @ self.grey_levels

    @cached_property
    def mean_sum(self) -> Array:
        """Return the mean sum of two levels, one a matrix."""
        return self.mean + self.p_second @ self.grey_levels

    @cached_property
    def variance(self) -> Array:
        """Return the variance of the level of the first voxel, one a matrix."""
        return self._spread(self.p_first, self.mean)

    @cached_property
    def variance_second(self) -> Array:
        """Return the variance of the level of the second voxel, one a matrix."""
        if self.is_symmetric:
            return self.variance
        return self._spread(self.p_second, self.mean_sum - self.mean)

    def _spread(self, p: Array, mean: Array) -> Array:
        """Return the variance of a level, exactly 0 where there is one."""
        variance = (p * (self.grey_levels - mean[:, None]) ** 2).sum(axis=1)
        return np.where((p > 0).sum(axis=1) > 1, variance, 0.0)

    @cached_property
    def joint_entropy(self) -> Array:
        """Return the entropy of the pairs in bits, one a matrix."""
        return self.cells.total(-self.share * np.log2(self.p))

    @cached_property
    def entropy_first(self) -> Array:
        """Return the entropy of the level of the first voxel in bits, one a matrix."""
        return entropy_bits(self.p_first, axis=1)

    @cached_property
    def entropy_second(self) -> Array:
        """Return the entropy of the level of the second voxel in bits, one a matrix."""
        return self.entropy_first if self.is_symmetric else entropy_bits(self.p_second, axis=1)

    @cached_property
    def _away(self) -> tuple[Array, Array, Array]:
        """Return each sum's distance from the mean sum, its square, and that times p."""
        away = self.k_sum - self.mean_sum[:, None]
        square = away * away
        return away, square, self.p_sum * square

    def sum_moment(self, order: int) -> Array:
        """Return the second, third or fourth central moment of the sum of two levels."""
        away, square, weighted = self._away
        if order == 2:
            return weighted.sum(axis=1)
        return np.einsum("ij,ij->i", weighted, away if order == 3 else square)

    def expected_difference(self, weight: Array) -> Array:
        """Return the mean of a weight of the difference of two levels, one a matrix."""
        return self.p_difference @ weight

    def unless_all(self, value: Array, undefined: Array, convention: float) -> Array:
        """Return a convention where single matrices are undefined, NaN where all of a region."""
        if not undefined.any():
            return value
        share = averaged(undefined.astype(float), self.cells.owner, self.n_regions)
        of_all = share[self.cells.owner] == 1
        return np.where(undefined, np.where(of_all, np.nan, convention), value)


def _cooccurrence(region: Region) -> Cooccurrence:
    """Return the region's pair distributions."""
    region.require_texture()
    if not region.pairs.n_rows:
        raise NotComputableError("no_neighbours")
    return Cooccurrence(
        cells=region.pairs,
        grey_levels=region.grey_levels,
        highest_level=region.highest_level,
        is_symmetric=region.texture.is_symmetric,
        n_regions=region.n_regions,
    )


glcm = Family(name="glcm", prepare=_cooccurrence)


@glcm.feature("Autocorrelation", ibsi="QWB0")
def autocorrelation(c: Cooccurrence) -> Array:
    """Return the mean product of two levels."""
    # 4 i j = (i + j)^2 - (i - j)^2
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
    # E[i j], from (i + j)^2 - (i - j)^2 = 4 i j; both about the two means.
    apart = 2 * c.mean - c.mean_sum
    covariance = (c.sum_moment(2) - c.expected_difference(c.k_difference**2) + apart**2) / 4
    spread = np.sqrt(c.variance * c.variance_second)
    return c.unless_all(ratio(covariance, spread), spread == 0, 1.0)


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
    """Return minus the mutual information of two levels over the higher entropy of one.

    A direction with one level counts 0 (PyRadiomics).
    """
    shared = c.joint_entropy - c.entropy_first - c.entropy_second
    highest = np.maximum(c.entropy_first, c.entropy_second)
    return c.unless_all(ratio(shared, highest), highest == 0, 0.0)


@glcm.feature("Imc2", ibsi="JN9H")
def information_correlation_2(c: Cooccurrence) -> Array:
    """Return sqrt(1 - exp(-2 mutual information)) of two levels."""
    information = c.entropy_first + c.entropy_second - c.joint_entropy
    information = np.maximum(information, 0)  # rounding goes below 0
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
    return c.cells.total(c.share * c.p)


@glcm.feature("JointEntropy", ibsi="TU9B")
def joint_entropy(c: Cooccurrence) -> Array:
    """Return the Shannon entropy of the pairs of grey levels, in bits."""
    return c.joint_entropy


@glcm.feature("MCC", ibsi=None)
def maximal_correlation_coefficient(c: Cooccurrence) -> Array:
    """Return the largest correlation that any scoring of the levels reaches (Haralick's 14th)."""
    if c.is_symmetric:
        found = maximal_correlation(c.cells.row, c.cells.first, c.cells.second, c.p, c.p_first)
    else:
        found = _ordered_maximal_correlation(c)
    n_levels = ((c.p_first > 0) | (c.p_second > 0)).sum(axis=1)
    return c.unless_all(found, n_levels < 2, 0.0)


def _ordered_maximal_correlation(c: Cooccurrence) -> Array:
    """Return the coefficient where pairs are ordered: a second largest singular value."""
    found = np.zeros(c.cells.n_rows)
    n_levels = c.grey_levels.size
    ends = np.append(c.cells.starts, c.cells.row.size)
    for row in range(c.cells.n_rows if n_levels > 1 else 0):
        cells = slice(ends[row], ends[row + 1])
        first, second = c.cells.first[cells], c.cells.second[cells]
        matrix = np.zeros((n_levels, n_levels))
        scale = np.sqrt(c.p_first[row, first] * c.p_second[row, second])
        matrix[first, second] = c.p[cells] / scale
        found[row] = min(np.linalg.svd(matrix, compute_uv=False)[1], 1.0)
    return found


@glcm.feature("MaximumProbability", ibsi="GYBY")
def maximum_probability(c: Cooccurrence) -> Array:
    """Return the probability of the most frequent pair."""
    return np.maximum.reduceat(c.p, c.cells.starts)


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
