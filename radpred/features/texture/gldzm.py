"""GLDZM features: how far zones lie from the border (IBSI VMDZ; Thibault 2014).

Zones are those of the GLSZM. A zone's distance is the least number of steps, from face to face,
that lead from one of its voxels out of the region as it was before re-segmentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from radpred.features._family import Family
from radpred.features._region import Region
from radpred.features.texture._size_matrix import SizeMatrix
from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class DistanceMatrix(SizeMatrix):
    """How many zones have a grey level and a distance, which takes the place of the size.

    Parameters
    ----------
    voxels : array of int, shape (n_rows,)
        Number of voxels that the zones of each matrix cover.
    """

    voxels: Array


def _zones(region: Region) -> DistanceMatrix:
    """Return the region's zones by grey level and distance."""
    region.require_texture()
    return DistanceMatrix(
        cells=region.distance_zones,
        grey_levels=region.grey_levels,
        n_regions=region.n_regions,
        voxels=region.part_voxels,
    )


gldzm = Family(name="gldzm", prepare=_zones)


@gldzm.feature("GrayLevelNonUniformity", ibsi="VFT7", is_pyradiomics=False)
def grey_level_non_uniformity(z: DistanceMatrix) -> Array:
    """Return the sum of the squared numbers of zones of each level, over the number of zones."""
    return (z.by_level**2).sum(axis=1) / z.n


@gldzm.feature("GrayLevelNonUniformityNormalized", ibsi="7HP3", is_pyradiomics=False)
def grey_level_non_uniformity_normalised(z: DistanceMatrix) -> Array:
    """Return the sum of the squared shares of zones of each level."""
    return (z.by_level**2).sum(axis=1) / z.n**2


@gldzm.feature("GrayLevelVariance", ibsi="QK93", is_pyradiomics=False)
def grey_level_variance(z: DistanceMatrix) -> Array:
    """Return the variance of the zones' level."""
    return z.level_variance()


@gldzm.feature("HighGrayLevelZoneEmphasis", ibsi="K26C", is_pyradiomics=False)
def high_grey_level_zone_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of level^2 over the zones."""
    return z.emphasis(level=2)


@gldzm.feature("LargeDistanceEmphasis", ibsi="MB4I", is_pyradiomics=False)
def large_distance_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of distance^2 over the zones."""
    return z.emphasis(size=2)


@gldzm.feature("LargeDistanceHighGrayLevelEmphasis", ibsi="KLTH", is_pyradiomics=False)
def large_distance_high_grey_level_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of distance^2 level^2 over the zones."""
    return z.emphasis(level=2, size=2)


@gldzm.feature("LargeDistanceLowGrayLevelEmphasis", ibsi="A7WM", is_pyradiomics=False)
def large_distance_low_grey_level_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of distance^2 / level^2 over the zones."""
    return z.emphasis(level=-2, size=2)


@gldzm.feature("LowGrayLevelZoneEmphasis", ibsi="S1RA", is_pyradiomics=False)
def low_grey_level_zone_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of 1 / level^2 over the zones."""
    return z.emphasis(level=-2)


@gldzm.feature("SmallDistanceEmphasis", ibsi="0GBI", is_pyradiomics=False)
def small_distance_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of 1 / distance^2 over the zones."""
    return z.emphasis(size=-2)


@gldzm.feature("SmallDistanceHighGrayLevelEmphasis", ibsi="DKNJ", is_pyradiomics=False)
def small_distance_high_grey_level_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of level^2 / distance^2 over the zones."""
    return z.emphasis(level=2, size=-2)


@gldzm.feature("SmallDistanceLowGrayLevelEmphasis", ibsi="RUVG", is_pyradiomics=False)
def small_distance_low_grey_level_emphasis(z: DistanceMatrix) -> Array:
    """Return the mean of 1 / (distance^2 level^2) over the zones."""
    return z.emphasis(level=-2, size=-2)


@gldzm.feature("ZoneDistanceEntropy", ibsi="GBDU", is_pyradiomics=False)
def zone_distance_entropy(z: DistanceMatrix) -> Array:
    """Return the entropy of level and distance, in bits."""
    return z.entropy()


@gldzm.feature("ZoneDistanceNonUniformity", ibsi="V294", is_pyradiomics=False)
def zone_distance_non_uniformity(z: DistanceMatrix) -> Array:
    """Return the sum of the squared numbers of zones of each distance, over all zones."""
    return (z.by_size**2).sum(axis=1) / z.n


@gldzm.feature("ZoneDistanceNonUniformityNormalized", ibsi="IATH", is_pyradiomics=False)
def zone_distance_non_uniformity_normalised(z: DistanceMatrix) -> Array:
    """Return the sum of the squared shares of zones of each distance."""
    return (z.by_size**2).sum(axis=1) / z.n**2


@gldzm.feature("ZoneDistanceVariance", ibsi="7WT1", is_pyradiomics=False)
def zone_distance_variance(z: DistanceMatrix) -> Array:
    """Return the variance of the zones' distance."""
    return z.size_variance()


@gldzm.feature("ZonePercentage", ibsi="VIWW", is_pyradiomics=False)
def zone_percentage(z: DistanceMatrix) -> Array:
    """Return the number of zones over the number of voxels."""
    return z.n / z.voxels
