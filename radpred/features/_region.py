"""A region as families see it: each quantity is made on first use and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.errors import RegionError
from radpred.features._cells import Cells
from radpred.features._family import NotComputableError
from radpred.features._texture import TOUCHING, Texture
from radpred.image import Array, Triple
from radpred.kernels.size_zone import find_zones
from radpred.kernels.texture_sweep import TextureCounts, sweep
from radpred.preprocess import MANY_GREY_LEVELS, discretise, fitting_width

# More levels than this say nothing about a texture, and take minutes.
_MOST_GREY_LEVELS = 2**11


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """The voxels of a region, cut to its bounding box.

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
    voxel_array_shift : float
        Added to intensities in energy and root mean square.
    texture : Texture
        Which voxels texture compares.
    """

    voxels: Array
    mask: Array
    spacing: Triple
    bin_width: float | None = None
    bin_count: int | None = None
    voxel_array_shift: float = 0.0
    texture: Texture = TOUCHING

    @cached_property
    def stored(self) -> Array:
        """Return the intensities in the region as they were stored, shape (n,)."""
        return self.voxels[self.mask]

    @cached_property
    def intensities(self) -> Array:
        """Return the intensities in the region, float64, ascending, shape (n,)."""
        return np.sort(self.stored).astype(np.float64)

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
        return self.stored.dtype.kind != "f" or bool(np.isfinite(self.stored).all())

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
        """Return the grey levels that occur, each voxel's position among them, and the counts."""
        level = discretise(self.stored, bin_width=self.bin_width, bin_count=self.bin_count)
        count = np.bincount(level)
        present = np.flatnonzero(count)
        position = np.zeros(count.size, dtype=np.int32)
        position[present] = np.arange(present.size)
        return present.astype(np.float64), position[level], count[present]

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
        levels = np.zeros(self.mask.shape, dtype=np.int16)
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
    def counts(self) -> TextureCounts:
        """Return pairs, runs, dependences and differences of grey levels."""
        return sweep(self.level_map, self.grey_levels, self.texture.walk)

    @cached_property
    def pairs(self) -> Cells:
        """Return neighbours' levels, one matrix a direction; those without a pair are left out."""
        return self._aggregated(Cells.of(self.counts.pairs), self.texture.pair_weights)

    @cached_property
    def runs(self) -> Cells:
        """Return runs by level and length, one matrix a direction that holds two voxels."""
        return self._aggregated(Cells.of(self.counts.runs), self.texture.run_weights)

    @cached_property
    def zones(self) -> Cells:
        """Return zones by level and size."""
        level, size = find_zones(self.level_map, flat_axis=self.texture.flat_axis).T
        width = int(size.max()) + 1
        found, count = np.unique((level - 1) * width + size, return_counts=True)
        rows = [np.zeros_like(found), found // width, found % width, count]
        return Cells.of(np.column_stack(rows))

    @cached_property
    def dependences(self) -> Cells:
        """Return voxels by level and dependence, which is 1 without dependent neighbours."""
        counts = self.counts.dependence
        level, neighbours = np.nonzero(counts)
        rows = [np.zeros_like(level), level, neighbours + 1, counts[level, neighbours]]
        return Cells.of(np.column_stack(rows))

    @property
    def level_voxels(self) -> Array:
        """Return the number of voxels of each level, shape (1, n_levels)."""
        return self.level_counts[None, :]

    @property
    def level_differences(self) -> Array:
        """Return each level's summed difference from its neighbourhood, shape (1, n_levels)."""
        return self.counts.difference[None, :]

    def _aggregated(self, cells: Cells, weights: Callable[[Triple], Array]) -> Cells:
        """Return directions as they are, or merged by their weights."""
        if not (self.texture.is_weighted and cells.n_rows):
            return cells
        return cells.merged(weights(self.spacing)[cells.directions])

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
