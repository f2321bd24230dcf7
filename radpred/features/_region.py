"""A region as families see it: each quantity is made on first use and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from radpred.backends import array_namespace, beside, is_cupy, to_host
from radpred.errors import RegionError
from radpred.features._cells import Cells
from radpred.features._convention import PYRADIOMICS, Convention
from radpred.features._family import NotComputableError
from radpred.features._texture import TOUCHING, Texture
from radpred.image import Array, Box, Triple, bounding_box
from radpred.kernels.distance_zone import border_distances, find_distance_zones
from radpred.kernels.size_zone import find_zones
from radpred.kernels.texture_sweep import TextureCounts, sweep
from radpred.preprocess import MANY_GREY_LEVELS, discretise, fitting_width

# More levels than this say nothing about a texture, and take minutes.
_MOST_GREY_LEVELS = 2**11


@dataclass(frozen=True, kw_only=True, eq=False)
class Surroundings:
    """An image, and where a region lies in it; on the image's grid.

    Parameters
    ----------
    image : array, shape (z, y, x)
        Intensities; perhaps on another device.
    region : array of bool, shape (z, y, x)
        The region (IBSI: the intensity mask).
    outline : array of bool, shape (z, y, x)
        The region before re-segmentation (IBSI: the morphological mask).
    box : tuple of slice
        The bounding box of the region.
    """

    image: Array
    region: Array
    outline: Array
    box: Box


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """The voxels of a region, cut to its bounding box.

    Voxels and mask may live on a device. What is counted or sorted there comes to the host, where
    formulas make numbers of it.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        Intensities, in the type they were stored in.
    mask : array of bool, shape (z, y, x)
        The region; at least one voxel of it lies on each side of the box.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    bin_width, bin_count : float or int, optional
        How intensities become grey levels; see ``radpred.preprocess.discretise``.
    texture : Texture
        Which voxels texture compares.
    convention : Convention
        Whose values.
    surroundings : Surroundings, optional
        What lies around it, for the families that look there.
    """

    voxels: Array
    mask: Array
    spacing: Triple
    bin_width: float | None = None
    bin_count: int | None = None
    texture: Texture = TOUCHING
    convention: Convention = PYRADIOMICS
    surroundings: Surroundings | None = None

    @cached_property
    def on_host(self) -> Region:
        """Return the region with voxels and mask on the host, for what only the host measures."""
        if not is_cupy(self.voxels):
            return self
        return replace(self, voxels=to_host(self.voxels), mask=to_host(self.mask))

    @cached_property
    def stored(self) -> Array:
        """Return the intensities in the region as they were stored, shape (n,)."""
        return self.voxels[self.mask]

    @cached_property
    def intensities(self) -> Array:
        """Return the intensities in the region, float64, ascending, on the host, shape (n,)."""
        ordered = array_namespace(self.stored).sort(self.stored)
        return to_host(ordered).astype(np.float64)

    @property
    def starts(self) -> Array:
        """Return where each region's intensities begin."""
        return np.zeros(1, dtype=np.int64)

    @property
    def n_voxels(self) -> int:
        """Return the number of voxels in the region."""
        return int(self.stored.size)

    @property
    def is_finite(self) -> bool:
        """Tell whether all intensities are numbers."""
        xp = array_namespace(self.stored)
        return self.stored.dtype.kind != "f" or bool(xp.isfinite(self.stored).all())

    @property
    def limits(self) -> tuple[float, float]:
        """Return the lowest and the highest intensity."""
        return float(self.intensities[0]), float(self.intensities[-1])

    @property
    def is_flat(self) -> bool:
        """Tell whether all intensities are the same."""
        return self.limits[0] == self.limits[1]

    @property
    def n_dimensions(self) -> int:
        """Return along how many axes the region extends over more than one voxel."""
        return sum(size > 1 for size in self.mask.shape)

    @cached_property
    def _levels(self) -> tuple[Array, Array, Array]:
        """Return the grey levels that occur, each voxel's position among them, and the counts.

        The positions live where the voxels do.
        """
        level = discretise(
            self.stored,
            bin_width=self.bin_width,
            bin_count=self.bin_count,
            first_edge=self.convention.first_edge,
        )
        count = to_host(array_namespace(level).bincount(level))
        present = np.flatnonzero(count)
        position = np.zeros(count.size, dtype=np.int32)
        position[present] = np.arange(present.size)
        return present.astype(np.float64), beside(position, level)[level], count[present]

    @property
    def grey_levels(self) -> Array:
        """Return the grey levels that occur, ascending, shape (n_levels,)."""
        return self._levels[0]

    @property
    def level_counts(self) -> Array:
        """Return the number of voxels of each grey level, shape (n_levels,)."""
        return self._levels[2]

    @cached_property
    def level_map(self) -> Array:
        """Return 1 + the position of each voxel's grey level, and 0 outside, shape (z, y, x)."""
        levels = array_namespace(self.mask).zeros(self.mask.shape, dtype=np.int16)
        levels[self.mask] = self._levels[1] + 1
        return levels

    @property
    def n_regions(self) -> int:
        """Return how many regions are measured together: one."""
        return 1

    @property
    def highest_level(self) -> float:
        """Return the highest grey level, which PyRadiomics takes for the number of levels."""
        return float(self.grey_levels[-1])

    @cached_property
    def counts(self) -> list[TextureCounts]:
        """Return pairs, runs, dependences and differences of grey levels, of each part."""
        walk = self.texture.walk
        return [sweep(levels, self.grey_levels, walk) for levels in self._parts(self.level_map)]

    @cached_property
    def pairs(self) -> Cells:
        """Return neighbours' levels, one matrix a direction; those without a pair are left out."""
        return self._aggregated([part.pairs for part in self.counts], self.texture.pair_weights)

    @cached_property
    def runs(self) -> Cells:
        """Return runs by level and length, one matrix a direction that holds two voxels."""
        return self._aggregated([part.runs for part in self.counts], self.texture.run_weights)

    @cached_property
    def zones(self) -> Cells:
        """Return zones by level and size."""
        flat_axis = self.texture.flat_axis
        zones = [
            find_zones(levels, flat_axis=flat_axis).T for levels in self._parts(self.level_map)
        ]
        return Cells.joined([Cells.counted(level - 1, size) for level, size in zones])

    @cached_property
    def distance_zones(self) -> Cells:
        """Return zones by level and distance from the border of the outline."""
        flat_axis = self.texture.flat_axis
        parts = zip(self._parts(self.level_map), self._parts(self._border_distances), strict=True)
        zones = [find_distance_zones(*part, flat_axis=flat_axis).T for part in parts]
        return Cells.joined([Cells.counted(level - 1, distance) for level, distance in zones])

    @cached_property
    def dependences(self) -> Cells:
        """Return voxels by level and dependence, which is 1 without dependent neighbours."""
        parts = []
        for counts in (part.dependence for part in self.counts):
            level, neighbours = np.nonzero(counts)
            rows = [np.zeros_like(level), level, neighbours + 1, counts[level, neighbours]]
            parts.append(Cells.of(np.column_stack(rows)))
        return Cells.joined(parts)

    @property
    def level_voxels(self) -> Array:
        """Return the number of voxels of each level, shape (1, n_levels)."""
        return self.level_counts[None, :]

    @property
    def compared_voxels(self) -> Array:
        """Return how many voxels of each level NGTDM counts, shape (n_parts, n_levels)."""
        if self.convention.has_isolated_voxels:
            return np.stack([part.voxels for part in self.counts])
        return np.stack([part.voxels - part.isolated for part in self.counts])

    @property
    def level_differences(self) -> Array:
        """Return each level's summed difference from neighbours, shape (n_parts, n_levels)."""
        return np.stack([part.difference for part in self.counts])

    @property
    def part_voxels(self) -> Array:
        """Return the number of voxels of each part that has matrices of its own."""
        xp = array_namespace(self.mask)
        return np.array([int(xp.count_nonzero(part)) for part in self._parts(self.mask)])

    def _parts(self, array: Array) -> list[Array]:
        """Return an array, shape (z, y, x), in the parts that have matrices of their own.

        That is the whole or, where slices are averaged, each slice that holds a voxel.
        """
        axis = self.texture.flat_axis
        if axis is None or not self.texture.is_sliced:
            return [array]
        xp = array_namespace(self.mask)
        is_filled = to_host(xp.moveaxis(self.mask, axis, 0).any(axis=(1, 2)))
        slices = xp.moveaxis(array, axis, 0)
        return [
            xp.moveaxis(slices[place : place + 1], 0, axis)
            for place in np.flatnonzero(is_filled).tolist()
        ]

    @cached_property
    def _border_distances(self) -> Array:
        """Return how many steps each voxel lies inside the outline, shape (z, y, x)."""
        flat_axis, around = self.texture.flat_axis, self.surroundings
        box = None if around is None else bounding_box(around.outline)
        if around is None or box is None:
            return border_distances(self.mask, flat_axis=flat_axis)
        found = border_distances(beside(around.outline[box], self.mask), flat_axis=flat_axis)
        places = zip(around.box, box, strict=True)
        return found[tuple(slice(p.start - q.start, p.stop - q.start) for p, q in places)]

    def _aggregated(self, parts: list[Array], weights: Callable[[Triple], Array]) -> Cells:
        """Return directions as they are, or those of each part merged by their weights."""
        cells = [Cells.of(rows) for rows in parts]
        if self.texture.is_weighted:
            by_direction = weights(self.spacing)
            cells = [c.merged(by_direction[c.directions]) if c.n_rows else c for c in cells]
        return Cells.joined(cells)

    def require_texture(self) -> None:
        """Raise unless grey levels can form a pattern.

        Raises
        ------
        NotComputableError
            ``too_small`` (one voxel), ``flat`` (one intensity) or ``too_few_grey_levels``.
        RegionError
            There are so many levels that their matrices would say nothing and take minutes.
        """
        if self.n_voxels == 1:
            raise NotComputableError("too_small")
        if self.texture.minimum_grey_levels > 1 and self.is_flat:
            raise NotComputableError("flat")
        if self.grey_levels.size < self.texture.minimum_grey_levels:
            raise NotComputableError("too_few_grey_levels")
        if self.grey_levels.size > _MOST_GREY_LEVELS:
            raise RegionError(self._too_many(), code="too_many_grey_levels")

    def _too_many(self) -> str:
        """Return how large matrices would become, and what makes fewer levels."""
        n_levels, n_directions = self.grey_levels.size, len(self.texture.walk.offsets)
        advice = f"bin_count={MANY_GREY_LEVELS}"
        if self.bin_width is not None:
            ends = self.intensities[0], self.intensities[-1]
            advice = f"bin_width={fitting_width(*ends, n_levels=MANY_GREY_LEVELS):g}"
        return (
            f"{n_levels} grey levels need {n_directions} matrices of {8e-6 * n_levels**2:.0f} MB, "
            f"texture is measured of at most {_MOST_GREY_LEVELS} levels; use {advice}"
        )
