"""Sparse matrices, one a row: which cells occur, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpred.image import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """The cells of many matrices.

    Parameters
    ----------
    row : array of int, shape (n_cells,)
        Which matrix a cell belongs to: 0, 1, ... ascending, none left out.
    first, second : array of int, shape (n_cells,)
        Which cell of the matrix.
    count : array of float, shape (n_cells,)
        How often it occurs.
    owner : array of int, shape (n_rows,)
        Which region, of those that are measured together, a matrix belongs to; ascending.
    directions : array of int, shape (n_rows,)
        The number that a matrix came with.
    """

    row: Array
    first: Array
    second: Array
    count: Array
    owner: Array
    directions: Array

    @classmethod
    def of(cls, rows: Array, owner: Array | None = None) -> Cells:
        """Return cells from rows (matrix, first, second, count), sorted by matrix.

        Matrices without a cell are left out. ``owner`` says which region each matrix belongs
        to; all to one by default.
        """
        matrix, first, second, count = np.ascontiguousarray(rows.T)
        is_start = np.ones(matrix.size, dtype=bool)
        np.not_equal(matrix[1:], matrix[:-1], out=is_start[1:])
        row = np.cumsum(is_start) - 1
        found = matrix[is_start]
        return cls(
            row=row,
            first=first,
            second=second,
            count=count.astype(float),
            owner=np.zeros_like(found) if owner is None else owner[found],
            directions=found,
        )

    @classmethod
    def counted(cls, first: Array, second: Array) -> Cells:
        """Return one matrix from the cell of each element, which are not negative."""
        width = int(second.max(initial=0)) + 1
        found, count = np.unique(first * width + second, return_counts=True)
        rows = [np.zeros_like(found), found // width, found % width, count]
        return cls.of(np.column_stack(rows))

    @classmethod
    def joined(cls, parts: Sequence[Cells]) -> Cells:
        """Return the matrices of parts of a region as those of the region."""
        if len(parts) == 1:
            return parts[0]
        n_rows = [part.n_rows for part in parts]
        shifts = np.cumsum([0, *n_rows[:-1]])
        return cls(
            row=np.concatenate([p.row + shift for p, shift in zip(parts, shifts, strict=True)]),
            first=np.concatenate([part.first for part in parts]),
            second=np.concatenate([part.second for part in parts]),
            count=np.concatenate([part.count for part in parts]),
            owner=np.zeros(sum(n_rows), dtype=np.int64),
            directions=np.concatenate([part.directions for part in parts]),
        )

    @property
    def n_rows(self) -> int:
        """Return the number of matrices."""
        return int(self.owner.size)

    @cached_property
    def starts(self) -> Array:
        """Return where each matrix's cells start."""
        return np.searchsorted(self.row, np.arange(self.n_rows))

    def total(self, values: Array) -> Array:
        """Return the sum over each matrix's cells, shape (n_rows,)."""
        if self.n_rows == 1:
            return values.sum(keepdims=True)
        return np.add.reduceat(values, self.starts) if values.size else np.zeros(0)

    def distribution(self, value: Array, weight: Array, n_values: int) -> Array:
        """Return the sum of weights of each value 0, 1, ..., shape (n_rows, n_values)."""
        flat = np.bincount(self.row * n_values + value, weight, self.n_rows * n_values)
        return flat.reshape(self.n_rows, n_values)

    def merged(self, weight: Array) -> Cells:
        """Return one matrix a region: the sum of its own, each multiplied by its weight."""
        width, height = int(self.second.max(initial=0)) + 1, int(self.first.max(initial=0)) + 1
        key = (self.owner[self.row] * height + self.first) * width + self.second
        found, place = np.unique(key, return_inverse=True)
        region, first = np.divmod(found // width, height)
        count = np.bincount(place, self.count * weight[self.row], found.size)
        row = np.cumsum(np.diff(region, prepend=region[:1]) != 0)
        owner = region[np.flatnonzero(np.diff(row, prepend=-1))]
        return Cells(
            row=row, first=first, second=found % width, count=count, owner=owner, directions=owner
        )
