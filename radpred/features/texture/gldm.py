"""GLDM features: how many neighbours share a voxel's grey level (IBSI REK0; Sun and Wee 1983).

A voxel's dependence is 1 + the number of its 26 neighbours of the same level. Every voxel has one,
so that the matrix counts voxels.
"""

from __future__ import annotations

import numpy as np

from radpred.features._family import Family
from radpred.features._region import Region
from radpred.features.texture._size_matrix import SizeMatrix
from radpred.image import Array


def _dependences(region: Region) -> SizeMatrix:
    """Return the region's voxels by grey level and dependence."""
    region.require_texture()
    return SizeMatrix(
        cells=region.dependences, grey_levels=region.grey_levels, n_regions=region.n_regions
    )


gldm = Family(name="gldm", prepare=_dependences)


@gldm.feature("DependenceEnergy", ibsi="CAS9", is_pyradiomics=False)
def dependence_energy(d: SizeMatrix) -> Array:
    """Return the sum of the squared shares of voxels of each level and dependence."""
    return d.cells.total(d.count**2) / d.n**2


@gldm.feature("DependenceEntropy", ibsi="FCBV")
def dependence_entropy(d: SizeMatrix) -> Array:
    """Return the entropy of level and dependence, in bits."""
    return d.entropy()


@gldm.feature("DependenceNonUniformity", ibsi="Z87G")
def dependence_non_uniformity(d: SizeMatrix) -> Array:
    """Return the sum of the squared numbers of voxels of each dependence, over all voxels."""
    return (d.by_size**2).sum(axis=1) / d.n


@gldm.feature("DependenceNonUniformityNormalized", ibsi="OKJI")
def dependence_non_uniformity_normalised(d: SizeMatrix) -> Array:
    """Return the sum of the squared shares of voxels of each dependence."""
    return (d.by_size**2).sum(axis=1) / d.n**2


@gldm.feature("DependencePercentage", ibsi="6XV8", is_pyradiomics=False)
def dependence_percentage(d: SizeMatrix) -> Array:
    """Return the share of voxels that have a dependence: 1, since every voxel has one."""
    return np.ones_like(d.n)


@gldm.feature("DependenceVariance", ibsi="DNX2")
def dependence_variance(d: SizeMatrix) -> Array:
    """Return the variance of the dependence."""
    return d.size_variance()


@gldm.feature("GrayLevelNonUniformity", ibsi="FP8K")
def grey_level_non_uniformity(d: SizeMatrix) -> Array:
    """Return the sum of the squared numbers of voxels of each level, over all voxels."""
    return (d.by_level**2).sum(axis=1) / d.n


@gldm.feature("GrayLevelNonUniformityNormalized", ibsi="5SPA", is_pyradiomics=False)
def grey_level_non_uniformity_normalised(d: SizeMatrix) -> Array:
    """Return the sum of the squared shares of voxels of each level."""
    return (d.by_level**2).sum(axis=1) / d.n**2


@gldm.feature("GrayLevelVariance", ibsi="1PFV")
def grey_level_variance(d: SizeMatrix) -> Array:
    """Return the variance of the level."""
    return d.level_variance()


@gldm.feature("HighGrayLevelEmphasis", ibsi="OAE7")
def high_grey_level_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of level^2."""
    return d.emphasis(level=2)


@gldm.feature("LargeDependenceEmphasis", ibsi="IMOQ")
def large_dependence_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of dependence^2."""
    return d.emphasis(size=2)


@gldm.feature("LargeDependenceHighGrayLevelEmphasis", ibsi="9QMG")
def large_dependence_high_grey_level_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of dependence^2 level^2."""
    return d.emphasis(level=2, size=2)


@gldm.feature("LargeDependenceLowGrayLevelEmphasis", ibsi="NBZI")
def large_dependence_low_grey_level_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of dependence^2 / level^2."""
    return d.emphasis(level=-2, size=2)


@gldm.feature("LowGrayLevelEmphasis", ibsi="TL9H")
def low_grey_level_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of 1 / level^2."""
    return d.emphasis(level=-2)


@gldm.feature("SmallDependenceEmphasis", ibsi="SODN")
def small_dependence_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of 1 / dependence^2."""
    return d.emphasis(size=-2)


@gldm.feature("SmallDependenceHighGrayLevelEmphasis", ibsi="JA6D")
def small_dependence_high_grey_level_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of level^2 / dependence^2."""
    return d.emphasis(level=2, size=-2)


@gldm.feature("SmallDependenceLowGrayLevelEmphasis", ibsi="EQ3F")
def small_dependence_low_grey_level_emphasis(d: SizeMatrix) -> Array:
    """Return the mean of 1 / (dependence^2 level^2)."""
    return d.emphasis(level=-2, size=-2)
