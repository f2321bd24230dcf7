"""GLRLM features: how long grey levels run along a line (IBSI TP0I; Galloway 1975).

Every direction has a matrix of its own; a feature is the mean over the directions in which a line
holds at least two voxels of the region (IBSI: averaged), unless directions are merged.
"""

from __future__ import annotations

from radpred.features._family import Family, NotComputableError
from radpred.features._region import Region
from radpred.features.texture._size_matrix import SizeMatrix
from radpred.image import Array


def _runs(region: Region) -> SizeMatrix:
    """Return the region's runs by grey level and length."""
    region.require_texture()
    if not region.runs.n_rows:
        raise NotComputableError("no_neighbours")
    return SizeMatrix(cells=region.runs, grey_levels=region.grey_levels, n_regions=region.n_regions)


glrlm = Family(name="glrlm", prepare=_runs)


@glrlm.feature("GrayLevelNonUniformity", ibsi="R5YN")
def grey_level_non_uniformity(r: SizeMatrix) -> Array:
    """Return the sum of the squared numbers of runs of each level, over the number of runs."""
    return (r.by_level**2).sum(axis=1) / r.n


@glrlm.feature("GrayLevelNonUniformityNormalized", ibsi="OVBL")
def grey_level_non_uniformity_normalised(r: SizeMatrix) -> Array:
    """Return the sum of the squared shares of runs of each level."""
    return (r.by_level**2).sum(axis=1) / r.n**2


@glrlm.feature("GrayLevelVariance", ibsi="8CE5")
def grey_level_variance(r: SizeMatrix) -> Array:
    """Return the variance of the runs' level."""
    return r.level_variance()


@glrlm.feature("HighGrayLevelRunEmphasis", ibsi="G3QZ")
def high_grey_level_run_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of level^2 over the runs."""
    return r.emphasis(level=2)


@glrlm.feature("LongRunEmphasis", ibsi="W4KF")
def long_run_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of length^2 over the runs."""
    return r.emphasis(size=2)


@glrlm.feature("LongRunHighGrayLevelEmphasis", ibsi="3KUM")
def long_run_high_grey_level_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of length^2 level^2 over the runs."""
    return r.emphasis(level=2, size=2)


@glrlm.feature("LongRunLowGrayLevelEmphasis", ibsi="IVPO")
def long_run_low_grey_level_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of length^2 / level^2 over the runs."""
    return r.emphasis(level=-2, size=2)


@glrlm.feature("LowGrayLevelRunEmphasis", ibsi="V3SW")
def low_grey_level_run_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of 1 / level^2 over the runs."""
    return r.emphasis(level=-2)


@glrlm.feature("RunEntropy", ibsi="HJ9O")
def run_entropy(r: SizeMatrix) -> Array:
    """Return the entropy of level and length, in bits."""
    return r.entropy()


@glrlm.feature("RunLengthNonUniformity", ibsi="W92Y")
def run_length_non_uniformity(r: SizeMatrix) -> Array:
    """Return the sum of the squared numbers of runs of each length, over the number of runs."""
    return (r.by_size**2).sum(axis=1) / r.n


@glrlm.feature("RunLengthNonUniformityNormalized", ibsi="IC23")
def run_length_non_uniformity_normalised(r: SizeMatrix) -> Array:
    """Return the sum of the squared shares of runs of each length."""
    return (r.by_size**2).sum(axis=1) / r.n**2


@glrlm.feature("RunPercentage", ibsi="9ZK5")
def run_percentage(r: SizeMatrix) -> Array:
    """Return the number of runs over the number of voxels."""
    return r.n / r.n_voxels


@glrlm.feature("RunVariance", ibsi="SXLW")
def run_variance(r: SizeMatrix) -> Array:
    """Return the variance of the runs' length."""
    return r.size_variance()


@glrlm.feature("ShortRunEmphasis", ibsi="22OV")
def short_run_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of 1 / length^2 over the runs."""
    return r.emphasis(size=-2)


@glrlm.feature("ShortRunHighGrayLevelEmphasis", ibsi="GD3A")
def short_run_high_grey_level_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of level^2 / length^2 over the runs."""
    return r.emphasis(level=2, size=-2)


@glrlm.feature("ShortRunLowGrayLevelEmphasis", ibsi="HTZT")
def short_run_low_grey_level_emphasis(r: SizeMatrix) -> Array:
    """Return the mean of 1 / (length^2 level^2) over the runs."""
    return r.emphasis(level=-2, size=-2)
