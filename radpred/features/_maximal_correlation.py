"""The maximal correlation coefficient of symmetric pair distributions.

Haralick's ``Q[i, j] = sum_k p[i, k] p[j, k] / (p[i] p[k])`` is similar to the square of the
symmetric ``S[i, j] = p[i, j] / sqrt(p[i] p[j])``, so the root of its second largest eigenvalue is
the second largest magnitude among the eigenvalues of S. The largest is 1, with the known vector
``sqrt(p)``; few levels are solved whole, many by a Lanczos search for the largest of the rest.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from radpred.image import Array

_SOLVED_WHOLE = 112  # levels
_STORED_DENSE = 1024  # levels
_PATIENCE = 96  # steps
_TOLERANCE = 1e-9


def maximal_correlation(
    direction: Array, low: Array, high: Array, p: Array, p_level: Array
) -> Array:
    """Return the coefficient of every direction.

    Parameters
    ----------
    direction, low, high : array of int, shape (n_cells,)
        The cells of the upper triangles that occur.
    p : array of float, shape (n_cells,)
        Their probabilities.
    p_level : array of float, shape (n_directions, n_levels)
        Probability of each level; a level may be absent in a direction.

    Returns
    -------
    array of float, shape (n_directions,)
        0 where a direction holds one level.
    """
    s = p / np.sqrt(p_level[direction, low] * p_level[direction, high])
    n_directions, n_levels = p_level.shape
    if n_levels <= _SOLVED_WHOLE:
        dense = np.zeros((n_directions, n_levels, n_levels))
        dense[direction, low, high] = s
        dense[direction, high, low] = s
        magnitudes = np.sort(np.abs(np.linalg.eigvalsh(dense)), axis=1)
        return np.minimum(magnitudes[:, -2], 1.0)
    found = np.empty(n_directions)
    for d in range(n_directions):
        here = slice(*np.searchsorted(direction, [d, d + 1]))
        matrix = _symmetric(low[here], high[here], s[here], n_levels)
        found[d] = min(_radius_beside(matrix, np.sqrt(p_level[d])), 1.0)
    return found


def _symmetric(low: Array, high: Array, s: Array, n: int) -> Array:
    """Return the symmetric matrix of an upper triangle, dense where that is small."""
    if n <= _STORED_DENSE:
        dense = np.zeros((n, n))
        dense[low, high] = s
        dense[high, low] = s
        return dense
    off = low != high
    rows, columns = np.concatenate([low, high[off]]), np.concatenate([high, low[off]])
    return sparse.csr_array((np.concatenate([s, s[off]]), (rows, columns)), shape=(n, n))


def _radius_beside(matrix: Array, top: Array) -> float:
    """Return the largest magnitude among the eigenvalues but for that of the unit ``top``.

    Lanczos with full reorthogonalisation; ``top`` leads the basis, so that every vector stays
    orthogonal to it. A stored matrix that resists (levels that mix slowly) is solved whole.
    """
    n = top.size
    patience = _PATIENCE if n <= _STORED_DENSE else n - 1
    basis = np.empty((min(n, patience + 2), n))
    basis[0], basis[1] = top, _start(top)
    diagonal, beside = np.zeros(n), np.zeros(n)
    next_look = 8
    for step in range(1, min(n, patience + 1)):
        image = matrix @ basis[step]
        diagonal[step - 1] = image @ basis[step]
        for _ in range(2):
            image -= (basis[: step + 1] @ image) @ basis[: step + 1]
        beside[step - 1] = np.linalg.norm(image)
        is_complete = step == n - 1 or beside[step - 1] < _TOLERANCE
        if is_complete or step == next_look:
            radius, doubt = _largest(diagonal[:step], beside[:step])
            if is_complete or doubt < _TOLERANCE:
                return radius
            next_look += max(8, step // 4)
        basis[step + 1] = image / beside[step - 1]
    return float(np.sort(np.abs(np.linalg.eigvalsh(matrix)))[-2])


def _start(top: Array) -> Array:
    """Return a unit vector orthogonal to ``top``: the centred level, near the answer, and noise."""
    noise = np.random.default_rng(0).standard_normal(top.size) / np.sqrt(top.size)
    start = top * np.linspace(-1, 1, top.size) + 0.1 * noise
    start -= (top @ start) * top
    return start / np.linalg.norm(start)


def _largest(diagonal: Array, beside: Array) -> tuple[float, float]:
    """Return a tridiagonal matrix's largest eigenvalue in magnitude, and how far off it may be.

    The error of a Ritz value is at most its residual, and at most the squared residual over the
    distance to the next (Parlett, The symmetric eigenvalue problem, 1998, chapter 11).
    """
    small = np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1)
    eigenvalues, vectors = np.linalg.eigh(small)
    largest = int(np.argmax(np.abs(eigenvalues)))
    residual = float(beside[-1] * abs(vectors[-1, largest]))
    gap = float(np.abs(eigenvalues[largest] - np.delete(eigenvalues, largest)).min(initial=1.0))
    return float(abs(eigenvalues[largest])), residual * min(1.0, residual / max(gap, 1e-300))
