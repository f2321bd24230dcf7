"""The fast variant, on the cells that occur.

Matrices of few levels are solved whole, side by side. For many levels, Lanczos' search looks for
the answer beside the known eigenvector.
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled
from radpred.kernels.maximal_correlation import _side_by_side

_FEW = 64  # levels
_PATIENCE = 96  # steps
_TOLERANCE = 1e-9


def maximal_correlation(first: Array, low: Array, high: Array, p: Array, p_level: Array) -> Array:
    """Return the second largest magnitude, NaN where the search took too long."""
    first, low, high = (np.ascontiguousarray(x, dtype=np.int64) for x in (first, low, high))
    cells = first, low, high, np.ascontiguousarray(p, dtype=np.float64)
    root = np.sqrt(p_level)
    n = np.count_nonzero(p_level, axis=1)
    found = np.zeros(len(p_level))  # as it is where there is one level
    few = np.flatnonzero((n > 1) & (n <= _FEW))
    if few.size:
        few = few[np.argsort(n[few], kind="stable")]
        found[few] = _side_by_side.solve(few, n, cells, root)
    many = np.flatnonzero(n > _FEW)
    if many.size:
        found[many] = _search_all(many, cells, root)
    return found


def _search_all(rows: Array, cells: tuple[Array, Array, Array, Array], root: Array) -> Array:
    """Return what Lanczos' search finds in some rows' matrices."""
    n_levels, widest = root.shape[1], int(np.diff(cells[0]).max())
    n_steps = min(n_levels, _PATIENCE)
    found = np.empty(rows.size)
    _search(
        rows,
        *cells,
        root,
        np.random.default_rng(0).standard_normal(n_levels),
        np.empty((n_steps + 2, n_levels)),
        np.empty((5, n_steps + 1)),
        np.empty(widest),
        np.empty((3, max(widest, n_levels)), dtype=np.int64),
        found,
    )
    return found


@compiled
def _search(rows, first, low, high, p, root, noise, basis, small, s, whole, found):  # type: ignore[no-untyped-def]
    """Write the second largest magnitude of every row's matrix to ``found``.

    The root of the level's probability leads the basis. From ``basis`` on, the arguments before
    the last are room to work in.
    """
    n_levels = root.shape[1]
    place, i, j = whole[0], whole[1], whole[2]
    for number in range(rows.size):
        row = rows[number]
        n = 0
        for level in range(n_levels):
            if root[row, level] > 0:
                place[level] = n
                basis[0, n] = root[row, level]
                n += 1
        n_cells = first[row + 1] - first[row]
        for k in range(n_cells):
            cell = first[row] + k
            i[k], j[k] = place[low[cell]], place[high[cell]]
            s[k] = p[cell] / (root[row, low[cell]] * root[row, high[cell]])
        found[number] = _searched(i, j, s, n_cells, n, noise, basis, small)


@compiled
def _searched(i, j, s, n_cells, n, noise, basis, small):  # type: ignore[no-untyped-def]
    """Return the largest magnitude beside that of the first vector of ``basis``, NaN if not found.

    Each new vector is made orthogonal to all before it, so that the search stays beside the first.
    The answer must hold at two looks: a larger one of which the start holds little shows late.
    """
    n_steps = basis.shape[0] - 2
    diagonal, beside, values, below, last = small[0], small[1], small[2], small[3], small[4]
    answer = np.nan
    # The start: the centred level, which lies near the answer, and noise.
    along, size = 0.0, 0.0
    for k in range(n):
        basis[1, k] = basis[0, k] * (2.0 * k / (n - 1) - 1.0) + 0.1 * noise[k] / np.sqrt(n)
        along += basis[0, k] * basis[1, k]
    for k in range(n):
        basis[1, k] -= along * basis[0, k]
        size += basis[1, k] ** 2
    for k in range(n):
        basis[1, k] /= np.sqrt(size)
    next_look, was_sure = 6, False
    for step in range(1, min(n, n_steps + 1)):
        image = basis[step + 1]
        here = basis[step]
        for k in range(n):
            image[k] = 0.0
        for k in range(n_cells):
            image[i[k]] += s[k] * here[j[k]]
            if i[k] != j[k]:
                image[j[k]] += s[k] * here[i[k]]
        alpha = 0.0
        for k in range(n):
            alpha += image[k] * here[k]
        diagonal[step - 1] = alpha
        for _ in range(2):
            for other in range(step + 1):
                along = 0.0
                for k in range(n):
                    along += basis[other, k] * image[k]
                for k in range(n):
                    image[k] -= along * basis[other, k]
        size = 0.0
        for k in range(n):
            size += image[k] ** 2
        beta = np.sqrt(size)
        beside[step - 1] = beta
        is_complete = step == n - 1 or beta < _TOLERANCE
        if is_complete or step == next_look:
            radius, doubt = _largest(diagonal, beside, step, values, below, last)
            is_sure = doubt < _TOLERANCE
            if is_complete or (is_sure and was_sure):
                answer = min(radius, 1.0)
                break
            was_sure = is_sure
            next_look += max(4, step // 4)
        for k in range(n):
            image[k] /= beta
    return answer


@compiled
def _largest(diagonal, beside, n, values, below, last):  # type: ignore[no-untyped-def]
    """Return a tridiagonal matrix's largest eigenvalue in magnitude, and how far off it may be.

    The error of a Ritz value is at most its residual, and at most the squared residual over the
    distance to the next (Parlett, The symmetric eigenvalue problem, 1998, chapter 11). Another,
    often of the other sign, may pass it as long as its own residual reaches so far.
    """
    for k in range(n):
        values[k] = diagonal[k]
        below[k] = beside[k] if k < n - 1 else 0.0
        last[k] = 1.0 if k == n - 1 else 0.0
    _diagonalise(values, below, last, n)
    best = 0
    for k in range(1, n):
        if abs(values[k]) > abs(values[best]):
            best = k
    residual = beside[n - 1] * abs(last[best])
    gap, higher = 1.0, 0.0
    for k in range(n):
        if k != best:
            gap = min(gap, abs(values[best] - values[k]))
            highest = abs(values[k]) + beside[n - 1] * abs(last[k])
            higher = max(higher, highest - abs(values[best]))
    return abs(values[best]), max(higher, residual * min(1.0, residual / max(gap, 1e-300)))


@compiled
def _diagonalise(values, below, last, n):  # type: ignore[no-untyped-def]
    """Turn a tridiagonal matrix diagonal by implicit QL steps (Bowdler et al. 1968).

    Of the eigenvectors only their last entry is followed, which ``last`` holds.
    """
    for low in range(n):
        for _ in range(60):
            high = low
            while high < n - 1:
                scale = abs(values[high]) + abs(values[high + 1])
                if abs(below[high]) <= 1e-16 * scale:
                    break
                high += 1
            if high == low:
                break
            g = (values[low + 1] - values[low]) / (2.0 * below[low])
            r = np.sqrt(g * g + 1.0)
            g = values[high] - values[low] + below[low] / (g + (r if g >= 0 else -r))
            sine, cosine, shift = 1.0, 1.0, 0.0
            split = False
            for k in range(high - 1, low - 1, -1):
                f, b = sine * below[k], cosine * below[k]
                r = np.sqrt(f * f + g * g)
                below[k + 1] = r
                if r == 0.0:
                    values[k + 1] -= shift
                    below[high] = 0.0
                    split = True
                    break
                sine, cosine = f / r, g / r
                g = values[k + 1] - shift
                r = (values[k] - g) * sine + 2.0 * cosine * b
                shift = sine * r
                values[k + 1] = g + shift
                g = cosine * r - b
                f = last[k + 1]
                last[k + 1] = sine * last[k] + cosine * f
                last[k] = cosine * last[k] - sine * f
            if not split:
                values[low] -= shift
                below[low] = g
                below[high] = 0.0
