"""The reference: all eigenvalues of a dense matrix, one a row."""

from __future__ import annotations

import numpy as np

from radpred.image import Array


def maximal_correlation(first: Array, low: Array, high: Array, p: Array, p_level: Array) -> Array:
    """Return the second largest magnitude; ``first`` says where each row's cells start."""
    found = np.zeros(len(p_level))
    for row, levels in enumerate(p_level):
        cells = slice(first[row], first[row + 1])
        present = np.flatnonzero(levels)
        i, j = np.searchsorted(present, low[cells]), np.searchsorted(present, high[cells])
        matrix = np.zeros((present.size, present.size))
        matrix[i, j] = p[cells] / np.sqrt(levels[low[cells]] * levels[high[cells]])
        matrix[j, i] = matrix[i, j]
        if present.size > 1:
            found[row] = min(np.sort(np.abs(np.linalg.eigvalsh(matrix)))[-2], 1.0)
    return found
