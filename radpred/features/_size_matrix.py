"""Counts by grey level and size: what runs, zones and dependences have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class SizeMatrix:
    """How many elements (runs, zones, voxels) have a grey level and a size, one row a direction.

    Parameters
    ----------
    direction : array of int, shape (n_cells,)
        Which matrix a cell belongs to: 0, 1, ... ascending, none left out.
    level, size, count : array of float, shape (n_cells,)
        Grey level, size and number of elements of the cells that occur.
    """

    direction: Array
    level: Array
    size: Array
    count: Array

    @cached_property
    def first(self) -> Array:
        """Return where each direction's cells start."""
        return np.flatnonzero(np.diff(self.direction, prepend=-1))

    @cached_property
    def n(self) -> Array:
        """Return the number of elements, one a direction."""
        return self._total(self.count)

    @cached_property
    def n_voxels(self) -> Array:
        """Return the number of voxels that the elements cover, one a direction."""
        return self._total(self.count * self.size)

    @cached_property
    def by_level(self) -> Array:
        """Return the number of elements of each grey level, shape (n_directions, n_levels)."""
        return self._marginal(self.level)

    @cached_property
    def by_size(self) -> Array:
        """Return the number of elements of each size, shape (n_directions, n_sizes)."""
        return self._marginal(self.size)

    def emphasis(self, *, level: int = 0, size: int = 0) -> Array:
        """Return the mean of level^a size^b over the elements, one a direction."""
        return self._total(self.count * self.level**level * self.size**size) / self.n

    def level_variance(self) -> Array:
        """Return the variance of the elements' grey level, one a direction."""
        return self._variance(self.level, self.emphasis(level=1))

    def size_variance(self) -> Array:
        """Return the variance of the elements' size, one a direction."""
        return self._variance(self.size, self.emphasis(size=1))

    def entropy(self) -> Array:
        """Return the entropy of the cells in bits, one a direction."""
        p = self.count / self.n[self.direction]
        return self._total(-p * np.log2(p))

    def _total(self, values: Array) -> Array:
        """Return the sum over each direction's cells."""
        return np.add.reduceat(values, self.first)

    def _variance(self, values: Array, mean: Array) -> Array:
        """Return the mean squared distance from each direction's mean."""
        return self._total(self.count * (values - mean[self.direction]) ** 2) / self.n

    def _marginal(self, values: Array) -> Array:
        """Return the number of elements of each value, one row a direction."""
        column = values.astype(np.int64)
        n_columns = int(column.max()) + 1
        flat = np.bincount(
            self.direction * n_columns + column, self.count, len(self.first) * n_columns
        )
        return flat.reshape(len(self.first), n_columns)
