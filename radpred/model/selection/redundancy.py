"""Keep one column of those that rank the patients alike; the outcome is not looked at."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from radpred.model.frames import ColumnChooser, as_frame
from radpred.model.selection.ranks import centred_ranks

BLOCK = 256


class DropRedundant(ColumnChooser):
    """Walk the columns in order and keep each that no kept one resembles.

    Two columns resemble each other when the absolute value of Spearman's rank correlation is
    above ``limit``. Plain measures come first in a feature table, so they speak for the derived
    ones that follow.

    Parameters
    ----------
    limit : float, default 0.9
        The largest absolute rank correlation between two kept columns.
    """

    def __init__(self, limit: float = 0.9) -> None:
        self.limit = limit

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the representatives among the columns of ``X``; ``y`` is not looked at."""
        frame = as_frame(X)
        ranks = centred_ranks(frame.to_numpy(dtype=np.float64))
        return self._keep(frame, representatives(ranks, limit=self.limit))


def representatives(ranks: NDArray[np.float64], *, limit: float) -> NDArray[np.intp]:
    """Return the positions of the columns that stay.

    Parameters
    ----------
    ranks : ndarray of shape (p, n)
        Centred ranks, one row a column of the table.
    limit : float
        The largest absolute rank correlation between two that stay.
    """
    # Two resemble each other when |a . b| > limit |a| |b|. The products are whole numbers, hence
    # exact; the margin lets a correlation of exactly 1 pass a limit of 1.
    squares = [(row**2).sum() for row in ranks]
    lengths = np.sqrt(np.array(squares, dtype=np.float64) * limit * (1 + 1e-12))
    lengths[lengths == 0] = 1.0
    kept = np.empty_like(ranks)
    positions: list[int] = []
    for start in range(0, len(ranks), BLOCK):
        block, own = ranks[start : start + BLOCK], lengths[start : start + BLOCK]
        among_kept = _resemble(block, kept[: len(positions)], own=own, theirs=lengths[positions])
        free = np.count_nonzero(among_kept, axis=1) == 0
        alike = _resemble(block, block, own=own, theirs=own)
        for i in np.flatnonzero(free):
            if free[i]:
                kept[len(positions)] = block[i]
                positions.append(start + int(i))
                free[i + 1 :] &= ~alike[i, i + 1 :]
    return np.array(positions, dtype=np.intp)


def _resemble(
    some: NDArray[np.float64],
    others: NDArray[np.float64],
    *,
    own: NDArray[np.float64],
    theirs: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Say which pairs have a dot product above the product of their lengths."""
    products = some @ others.T
    np.abs(products, out=products)
    products /= theirs
    return products > own[:, None]
