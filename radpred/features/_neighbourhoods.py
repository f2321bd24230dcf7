"""The cubes around many voxels as families see them: regions that are measured together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._cells import Cells
from radpred.features._convention import PYRADIOMICS, Convention
from radpred.features._texture import TOUCHING, Texture
from radpred.image import Array, Triple
from radpred.kernels.neighbourhoods import NeighbourhoodCounts, count_neighbourhoods


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhoods:
    """The part of the cube around each of n voxels that lies in an array, or in a region.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        Intensities.
    level_map : array of int16, shape (z, y, x)
        1 + the position of each voxel's level in ``grey_levels``, 0 where no cube reaches.
    grey_levels : array of float, shape (n_levels,)
        The levels that occur in all of ``level_map``, ascending.
    centres : array of int, shape (n, 3)
        The voxels.
    radius : int
        Half the side of a cube, in voxels.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.
    texture : Texture
        Which voxels texture compares.
    convention : Convention
        Whose values.
    """

    voxels: Array
    level_map: Array
    grey_levels: Array
    centres: Array
    radius: int
    spacing: Triple
    texture: Texture = TOUCHING
    convention: Convention = PYRADIOMICS

    @property
    def n_regions(self) -> int:
        """Return how many cubes are measured together."""
        return len(self.centres)

    @property
    def highest_level(self) -> float:
        """Return the highest grey level of all cubes, as PyRadiomics does for a map."""
        return float(self.grey_levels[-1])

    def require_texture(self) -> None:
        """Let every cube be measured: those without texture get no value later."""

    @cached_property
    def pairs(self) -> Cells:
        """Return neighbours' levels, one matrix a cube and direction."""
        texture = self.texture
        found = self._counted("pairs").pairs
        return self._directed(found, len(texture.walk.offsets), texture.pair_weights)

    @cached_property
    def runs(self) -> Cells:
        """Return runs by level and length, one matrix a cube and direction."""
        texture = self.texture
        found = self._counted("runs").runs
        return self._directed(found, len(texture.walk.lines), texture.run_weights)

    @cached_property
    def zones(self) -> Cells:
        """Return zones by level and size."""
        return Cells.of(self._counted("zones").zones, np.arange(self.n_regions))

    @cached_property
    def dependences(self) -> Cells:
        """Return voxels by level and dependence."""
        return Cells.of(self._around.dependences, np.arange(self.n_regions))

    @property
    def compared_voxels(self) -> Array:
        """Return how many voxels of each level NGTDM counts: all, in a cube."""
        return self.level_voxels

    @property
    def level_differences(self) -> Array:
        """Return each level's summed difference, shape (n_regions, n_levels)."""
        return self._around.level_differences

    @cached_property
    def level_voxels(self) -> Array:
        """Return the number of voxels of each level, shape (n_regions, n_levels)."""
        return self._counted("levels").level_voxels

    @cached_property
    def intensities(self) -> Array:
        """Return the intensities of one cube after the other, each ascending, shape (n,)."""
        return self._sorted[~np.isnan(self._sorted)]

    @cached_property
    def starts(self) -> Array:
        """Return where each cube's intensities begin."""
        size = (~np.isnan(self._sorted)).sum(axis=1)
        return np.cumsum(size) - size

    @cached_property
    def _sorted(self) -> Array:
        """Return each cube's intensities, ascending, then NaN, shape (n_regions, most)."""
        reach = [0 if axis == self.texture.flat_axis else self.radius for axis in range(3)]
        known = np.where(self.level_map > 0, self.voxels, np.nan).astype(np.float64)
        padded = np.pad(known, [(r, r) for r in reach], constant_values=np.nan)
        cubes = np.lib.stride_tricks.sliding_window_view(padded, [2 * r + 1 for r in reach])
        values = cubes[tuple(self.centres.T)].reshape(self.n_regions, -1)
        return np.sort(values, axis=1)

    @cached_property
    def _around(self) -> NeighbourhoodCounts:
        """Return dependences and differences."""
        return self._counted("around")

    def _counted(self, *what: str) -> NeighbourhoodCounts:
        """Return what is asked for, counted in every cube."""
        return count_neighbourhoods(
            self.level_map,
            self.grey_levels,
            self.centres,
            radius=self.radius,
            walk=self.texture.walk,
            flat_axis=self.texture.flat_axis,
            what=what,
        )

    def _directed(
        self, rows: Array, n_directions: int, weights: Callable[[Triple], Array]
    ) -> Cells:
        """Return matrices by direction as they are, or merged by their weights."""
        n_directions = 1 if self.texture.walk.is_merged else n_directions
        cells = Cells.of(rows, np.arange(self.n_regions * n_directions) // n_directions)
        if not (self.texture.is_weighted and cells.n_rows):
            return cells
        return cells.merged(weights(self.spacing)[cells.directions % n_directions])
