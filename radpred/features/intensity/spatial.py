"""Spatial features: how intensities lie in space (IBSI: morphology that looks at intensities)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.backends import to_host
from radpred.features._family import Family, OneEach, ratio
from radpred.features._region import Region
from radpred.image import Array, bounding_box
from radpred.kernels.autocorrelation import PairSums, pair_sums
from radpred.kernels.mesh import surface_area_and_volume


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout(OneEach):
    """Where the intensities of a region lie.

    Parameters
    ----------
    region : Region
        The region.
    outline : array of bool, shape (z, y, x)
        The region before re-segmentation, cropped to its bounding box.
    offset : array of int, shape (3,)
        Where the region's box begins, in voxels from where the outline's does.
    """

    region: Region
    outline: Array
    offset: Array

    @property
    def mean(self) -> float:
        """Return the mean intensity."""
        return float(self.region.intensities.mean())

    @property
    def volume(self) -> float:
        """Return the volume inside the outline's mesh in mm3, NaN for a line of voxels."""
        if sum(size > 1 for size in self.outline.shape) < 2:
            return float("nan")
        return surface_area_and_volume(self.outline, spacing=self.region.spacing)[1]

    @property
    def shift(self) -> float:
        """Return how far the centres of the outline and of the intensities are apart, in mm."""
        weight = np.where(self.region.mask, self.region.voxels, 0).astype(np.float64)
        apart = _centre(self.outline) - _centre(weight) - self.offset
        return float(np.linalg.norm(apart * self.region.spacing))

    @property
    def n(self) -> int:
        """Return the number of voxels."""
        return self.region.n_voxels

    @cached_property
    def centred(self) -> Array:
        """Return the intensities minus their mean, 0 outside the region, shape (z, y, x)."""
        mask, intensities = self.region.mask, self.region.stored.astype(np.float64)
        centred = np.zeros(mask.shape)
        # Of a flat region exactly 0, whatever its mean is rounded to.
        centred[mask] = 0.0 if self.region.is_flat else intensities - self.mean
        return centred

    @cached_property
    def squares(self) -> float:
        """Return the sum of the squared distances from the mean."""
        return float((self.centred**2).sum())

    @cached_property
    def pairs(self) -> PairSums:
        """Return sums over all pairs of voxels, weighted by the inverse of their distance."""
        return pair_sums(self.centred, self.region.mask, spacing=self.region.spacing)


def _centre(weight: Array) -> Array:
    """Return the weighted mean index, shape (3,); NaN where the weights sum to 0."""
    along = [weight.sum(axis=others) for others in ((1, 2), (0, 2), (0, 1))]
    moments = np.array([line @ np.arange(line.size) for line in along], dtype=float)
    return ratio(moments, along[0].sum())


def _layout(region: Region) -> Layout:
    """Return the region in its outline."""
    region = region.on_host
    around = region.surroundings
    if around is None:
        return Layout(region=region, outline=region.mask, offset=np.zeros(3))
    outline = to_host(around.outline)
    box = bounding_box(outline) or around.box
    return Layout(
        region=region,
        outline=outline[box],
        offset=np.array([a.start - b.start for a, b in zip(around.box, box, strict=True)]),
    )


spatial = Family(name="spatial", prepare=_layout)


@spatial.feature("CentreOfMassShift", ibsi="KLMA", is_pyradiomics=False)
def centre_of_mass_shift(s: Layout) -> float:
    """Return the distance from the region's centre to that of its intensities, in mm."""
    return s.shift


@spatial.feature("IntegratedIntensity", ibsi="99N0", is_pyradiomics=False)
def integrated_intensity(s: Layout) -> float:
    """Return the mean intensity times the volume inside the mesh, in mm3."""
    return s.mean * s.volume


@spatial.feature("MoransI", ibsi="N365", is_pyradiomics=False)
def morans_i(s: Layout) -> Array:
    """Return Moran's I: whether close voxels are alike (1: all are, 0: none more than chance)."""
    return ratio(s.n * s.pairs.products, s.pairs.weights * s.squares)


@spatial.feature("GearysC", ibsi="NPT7", is_pyradiomics=False)
def gearys_c(s: Layout) -> Array:
    """Return Geary's C: how much close voxels differ (1: as much as chance has it, 0: not)."""
    return ratio((s.n - 1) * s.pairs.square_differences, 2 * s.pairs.weights * s.squares)
