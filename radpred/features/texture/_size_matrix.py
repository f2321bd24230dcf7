"""Counts by grey level and size: what runs, zones and dependences have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.features._cells import Cells
from radpred.features._family import averaged
from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class SizeMatrix:
    """How many elements (runs, zones, voxels) have a grey level and a size, one row a matrix.

    Parameters
    ----------
    cells : Cells
        ``first`` is the position of the grey level, ``second`` the size.
    grey_levels : array of float, shape (n_levels,)
        The levels that occur.
    n_regions : int
        How many regions the matrices belong to.
    """

    cells: Cells
    grey_levels: Array
    n_regions: int

    def by_region(self, values: Array) -> Array:
        """Return the mean over each region's matrices."""
        return averaged(values, self.cells.owner, self.n_regions)

    @cached_property
    def count(self) -> Array:
        """Return the number of elements of each cell."""
        return self.cells.count

    @cached_property
    def level(self) -> Array:
        """Return the grey level of each cell."""
        return self.grey_levels[self.cells.first]

    @cached_property
    def size(self) -> Array:
        """Return the size of each cell's elements."""
        return self.cells.second.astype(float)

    @cached_property
    def n(self) -> Array:
        """Return the number of elements, one a matrix."""
        return self.cells.total(self.count)

    @cached_property
    def n_voxels(self) -> Array:
        """Return the number of voxels that the elements cover, one a matrix."""
        return self.cells.total(self.count * self.size)

    @cached_property
    def by_level(self) -> Array:
        """Return the number of elements of each grey level, shape (n_rows, n_levels)."""
        return self.cells.distribution(self.cells.first, self.count, self.grey_levels.size)

    @cached_property
    def by_size(self) -> Array:
        """Return the number of elements of each size, shape (n_rows, n_sizes)."""
        return self.cells.distribution(
            self.cells.second, self.count, int(self.cells.second.max(initial=0)) + 1
        )

    def emphasis(self, *, level: int = 0, size: int = 0) -> Array:
        """Return the mean of level^a size^b over the elements, one a matrix."""
        return self.cells.total(self.count * self.level**level * self.size**size) / self.n

    def level_variance(self) -> Array:
        """Return the variance of the elements' grey level, one a matrix."""
        return self._variance(self.level, self.emphasis(level=1))

    def size_variance(self) -> Array:
        """Return the variance of the elements' size, one a matrix."""
        return self._variance(self.size, self.emphasis(size=1))

    def entropy(self) -> Array:
        """Return the entropy of the cells in bits, one a matrix."""
        p = self.count / self.n[self.cells.row]
        return self.cells.total(-p * np.log2(p))

    def _variance(self, values: Array, mean: Array) -> Array:
        """Return the mean squared distance from each matrix's mean."""
        return self.cells.total(self.count * (values - mean[self.cells.row]) ** 2) / self.n
