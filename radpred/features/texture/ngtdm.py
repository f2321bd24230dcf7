"""NGTDM features: how far voxels are from their neighbours' mean (IBSI IPET; Amadasun 1989).

A voxel without neighbours differs from nothing and adds 0, as in PyRadiomics; IBSI's matrix leaves
it out. Where a divisor is 0, PyRadiomics answers 0 or 10^6; here the feature has no value, and a
slice with matrices of its own is left out of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._family import Family, NotComputableError, OneEach, averaged, ratio
from radpred.features._region import Region
from radpred.image import Array

_BLOCK = 2**20  # pairs of levels looked at in one go


@dataclass(frozen=True, kw_only=True, eq=False)
class Differences(OneEach):
    """One row a region or slice, one column a grey level: its voxels, its summed difference.

    Parameters
    ----------
    level : array of float, shape (n_levels,)
        The grey levels; one that a row lacks has 0 voxels there.
    voxels, s : array of float, shape (n_rows, n_levels)
        Number of voxels, and the sum of their differences from the neighbourhood.
    n_regions : int
        How many regions the rows belong to: one each, or all, which are its slices, to one.
    """

    level: Array
    voxels: Array
    s: Array
    n_regions: int

    def by_region(self, values: Array) -> Array:
        """Return the values, or the mean over a region's slices that have one."""
        values = super().by_region(values)
        if values.size == self.n_regions:
            return values
        known = values[~np.isnan(values)]
        return averaged(known, np.zeros_like(known), 1)

    @cached_property
    def n_voxels(self) -> Array:
        """Return the number of voxels of each row."""
        return self.voxels.sum(axis=1)

    @cached_property
    def n_levels(self) -> Array:
        """Return the number of grey levels of each row."""
        return (self.voxels > 0).sum(axis=1)

    @cached_property
    def p(self) -> Array:
        """Return the probability of each level."""
        return self.voxels / self.n_voxels[:, None]

    @cached_property
    def ps(self) -> Array:
        """Return the probability of each level times its summed difference."""
        return self.p * self.s


def _differences(region: Region) -> Differences:
    """Return the region's differences from the neighbourhood."""
    region.require_texture()
    voxels = region.compared_voxels
    is_filled = voxels.any(axis=1)
    if not is_filled.any():
        raise NotComputableError("no_neighbours")
    return Differences(
        level=region.grey_levels,
        voxels=voxels[is_filled],
        s=region.level_differences[is_filled],
        n_regions=region.n_regions,
    )


ngtdm = Family(name="ngtdm", prepare=_differences)


@ngtdm.feature("Busyness", ibsi="NQ30")
def busyness(d: Differences) -> Array:
    """Return the weighted difference over the sum of |i p_i - j p_j| over pairs of levels."""
    x = np.sort(np.where(d.voxels > 0, d.level * d.p, np.inf), axis=1)  # absent levels last
    x[np.isinf(x)] = 0.0
    rank = 2 * np.arange(d.level.size) - d.n_levels[:, None] + 1
    return ratio(d.ps.sum(axis=1), 2 * (rank * x).sum(axis=1))


@ngtdm.feature("Coarseness", ibsi="QCDE")
def coarseness(d: Differences) -> Array:
    """Return one over the weighted difference."""
    return ratio(1.0, d.ps.sum(axis=1))


@ngtdm.feature("Complexity", ibsi="HDEZ")
def complexity(d: Differences) -> Array:
    """Return the mean of |i - j| (p_i s_i + p_j s_j) / (p_i + p_j), summed over pairs of levels."""
    total = np.zeros(len(d.p))
    rows = max(_BLOCK // d.p.size, 1)
    for start in range(0, d.level.size, rows):
        part = slice(start, start + rows)
        apart = np.abs(d.level[part, None] - d.level)
        is_pair = (d.voxels[:, part, None] > 0) & (d.voxels[:, None, :] > 0)
        weighted = d.ps[:, part, None] + d.ps[:, None, :]
        p = d.p[:, part, None] + d.p[:, None, :]
        total += np.where(is_pair, apart * weighted / np.where(is_pair, p, 1.0), 0.0).sum((1, 2))
    return total / d.n_voxels


@ngtdm.feature("Contrast", ibsi="65HE")
def contrast(d: Differences) -> Array:
    """Return the levels' variance times the mean difference, over the number of level pairs."""
    away = d.level - (d.p @ d.level)[:, None]
    spread = 2 * (d.p * away**2).sum(axis=1)  # sum of p_i p_j (i - j)^2
    return ratio(spread * d.s.sum(axis=1) / d.n_voxels, d.n_levels * (d.n_levels - 1))


@ngtdm.feature("Strength", ibsi="1X9X")
def strength(d: Differences) -> Array:
    """Return the sum of (p_i + p_j) (i - j)^2 over pairs of levels, over the summed difference."""
    is_level = d.voxels > 0
    n = d.n_levels[:, None]
    mean = (is_level @ d.level)[:, None] / n
    away = np.where(is_level, d.level - mean, 0.0)
    spread = (away**2).sum(axis=1)[:, None] + n * away**2
    return ratio(2 * (d.p * spread).sum(axis=1), d.s.sum(axis=1))
