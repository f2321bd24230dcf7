"""GLSZM features: how large connected parts of one grey level are (IBSI 9SAK; Thibault 2009)."""

from __future__ import annotations

from radpred.features._family import Family
from radpred.features._region import Region
from radpred.features.texture._size_matrix import SizeMatrix
from radpred.image import Array


def _zones(region: Region) -> SizeMatrix:
    """Return the region's zones by grey level and size."""
    region.require_texture()
    return SizeMatrix(
        cells=region.zones, grey_levels=region.grey_levels, n_regions=region.n_regions
    )


glszm = Family(name="glszm", prepare=_zones)


@glszm.feature("GrayLevelNonUniformity", ibsi="JNSA")
def grey_level_non_uniformity(z: SizeMatrix) -> Array:
    """Return the sum of the squared numbers of zones of each level, over the number of zones."""
    return (z.by_level**2).sum(axis=1) / z.n


@glszm.feature("GrayLevelNonUniformityNormalized", ibsi="Y1RO")
def grey_level_non_uniformity_normalised(z: SizeMatrix) -> Array:
    """Return the sum of the squared shares of zones of each level."""
    return (z.by_level**2).sum(axis=1) / z.n**2


@glszm.feature("GrayLevelVariance", ibsi="BYLV")
def grey_level_variance(z: SizeMatrix) -> Array:
    """Return the variance of the zones' level."""
    return z.level_variance()


@glszm.feature("HighGrayLevelZoneEmphasis", ibsi="5GN9")
def high_grey_level_zone_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of level^2 over the zones."""
    return z.emphasis(level=2)


@glszm.feature("LargeAreaEmphasis", ibsi="48P8")
def large_area_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of size^2 over the zones."""
    return z.emphasis(size=2)


@glszm.feature("LargeAreaHighGrayLevelEmphasis", ibsi="J17V")
def large_area_high_grey_level_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of size^2 level^2 over the zones."""
    return z.emphasis(level=2, size=2)


@glszm.feature("LargeAreaLowGrayLevelEmphasis", ibsi="YH51")
def large_area_low_grey_level_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of size^2 / level^2 over the zones."""
    return z.emphasis(level=-2, size=2)


@glszm.feature("LowGrayLevelZoneEmphasis", ibsi="XMSY")
def low_grey_level_zone_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of 1 / level^2 over the zones."""
    return z.emphasis(level=-2)


@glszm.feature("SizeZoneNonUniformity", ibsi="4JP3")
def size_zone_non_uniformity(z: SizeMatrix) -> Array:
    """Return the sum of the squared numbers of zones of each size, over the number of zones."""
    return (z.by_size**2).sum(axis=1) / z.n


@glszm.feature("SizeZoneNonUniformityNormalized", ibsi="VB3A")
def size_zone_non_uniformity_normalised(z: SizeMatrix) -> Array:
    """Return the sum of the squared shares of zones of each size."""
    return (z.by_size**2).sum(axis=1) / z.n**2


@glszm.feature("SmallAreaEmphasis", ibsi="5QRC")
def small_area_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of 1 / size^2 over the zones."""
    return z.emphasis(size=-2)


@glszm.feature("SmallAreaHighGrayLevelEmphasis", ibsi="HW1V")
def small_area_high_grey_level_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of level^2 / size^2 over the zones."""
    return z.emphasis(level=2, size=-2)


@glszm.feature("SmallAreaLowGrayLevelEmphasis", ibsi="5RAI")
def small_area_low_grey_level_emphasis(z: SizeMatrix) -> Array:
    """Return the mean of 1 / (size^2 level^2) over the zones."""
    return z.emphasis(level=-2, size=-2)


@glszm.feature("ZoneEntropy", ibsi="GU8N")
def zone_entropy(z: SizeMatrix) -> Array:
    """Return the entropy of level and size, in bits."""
    return z.entropy()


@glszm.feature("ZonePercentage", ibsi="P30P")
def zone_percentage(z: SizeMatrix) -> Array:
    """Return the number of zones over the number of voxels."""
    return z.n / z.n_voxels


@glszm.feature("ZoneVariance", ibsi="3NSA")
def zone_variance(z: SizeMatrix) -> Array:
    """Return the variance of the zones' size."""
    return z.size_variance()
