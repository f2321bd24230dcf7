"""NGTDM features: how far voxels are from their neighbours' mean (IBSI IPET; Amadasun 1989).

A voxel without neighbours differs from nothing and adds 0, as in PyRadiomics. Where a divisor is
0, PyRadiomics answers 0 or 10^6; here the feature has no value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.features._family import Family, ratio
from radpred.features._region import Region
from radpred.image import Array

_BLOCK = 2**20  # pairs of levels looked at in one go


@dataclass(frozen=True, kw_only=True, eq=False)
class Differences:
    """One row a grey level that occurs: the level, its probability, its summed difference."""

    level: Array
    p: Array
    s: Array
    n_voxels: int

    @property
    def weighted_difference(self) -> float:
        """Return the mean over the voxels of their level's summed difference."""
        return float(self.p @ self.s)


def _differences(region: Region) -> Differences:
    """Return the region's differences from the neighbourhood."""
    region.require_texture()
    return Differences(
        level=region.grey_levels,
        p=region.level_counts / region.n_voxels,
        s=region.texture.difference,
        n_voxels=region.n_voxels,
    )


ngtdm = Family(name="ngtdm", prepare=_differences)


@ngtdm.feature("Busyness", ibsi="NQ30")
def busyness(d: Differences) -> Array:
    """Return the weighted difference over the sum of |i p_i - j p_j| over pairs of levels."""
    x = np.sort(d.level * d.p)
    rank = 2 * np.arange(x.size) - x.size + 1
    return ratio(d.weighted_difference, 2 * (rank @ x))


@ngtdm.feature("Coarseness", ibsi="QCDE")
def coarseness(d: Differences) -> Array:
    """Return one over the weighted difference."""
    return ratio(1.0, d.weighted_difference)


@ngtdm.feature("Complexity", ibsi="HDEZ")
def complexity(d: Differences) -> float:
    """Return the mean of |i - j| (p_i s_i + p_j s_j) / (p_i + p_j), summed over pairs of levels."""
    rows = max(_BLOCK // d.level.size, 1)
    total = 0.0
    for start in range(0, d.level.size, rows):
        part = slice(start, start + rows)
        apart = np.abs(d.level[part, None] - d.level)
        weighted = (d.p * d.s)[part, None] + d.p * d.s
        total += float((apart * weighted / (d.p[part, None] + d.p)).sum())
    return total / d.n_voxels


@ngtdm.feature("Contrast", ibsi="65HE")
def contrast(d: Differences) -> float:
    """Return the levels' variance times the mean difference, over the number of level pairs."""
    spread = 2 * float(d.p @ (d.level - d.p @ d.level) ** 2)  # sum of p_i p_j (i - j)^2
    return spread * d.s.sum() / d.n_voxels / (d.level.size * (d.level.size - 1))


@ngtdm.feature("Strength", ibsi="1X9X")
def strength(d: Differences) -> Array:
    """Return the sum of (p_i + p_j) (i - j)^2 over pairs of levels, over the summed difference."""
    mean = d.level.mean()
    spread = float(((d.level - mean) ** 2).sum()) + d.level.size * (d.level - mean) ** 2
    return ratio(2 * float(d.p @ spread), d.s.sum())
