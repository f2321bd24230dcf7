"""The fast variant: Lanczos' search beside the known eigenvector, on the cells that occur."""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled

_PATIENCE = 96  # steps
_TOLERANCE = 1e-9


def maximal_correlation(first: Array, low: Array, high: Array, p: Array, p_level: Array) -> Array:
    """Return the second largest magnitude, NaN where the search took too long."""
    n_levels, widest = p_level.shape[1], int(np.diff(first).max(initial=0))
    noise = np.random.default_rng(0).standard_normal(n_levels)
    n_steps = min(n_levels, _PATIENCE)
    found = np.empty(len(p_level))
    _search(
        np.ascontiguousarray(first, dtype=np.int64),
        np.ascontiguousarray(low, dtype=np.int64),
        np.ascontiguousarray(high, dtype=np.int64),
        np.ascontiguousarray(p, dtype=np.float64),
        np.ascontiguousarray(p_level, dtype=np.float64),
        noise,
        np.empty((n_steps + 2, n_levels)),
        np.empty((5, n_steps + 1)),
        np.empty(n_levels),
        np.empty(widest),
        np.empty((3, max(widest, n_levels)), dtype=np.int64),
        found,
    )
    return found


@compiled
def _search(first, low, high, p, p_level, noise, basis, small, root, s, whole, found):  # type: ignore[no-untyped-def]
    """Write the second largest magnitude of every row's matrix to ``found``.

    The root of the level's probability leads the basis, and each new vector is made orthogonal to
    all before it, so that the search stays beside the known eigenvector. From ``basis`` on, the
    arguments before the last are room to work in.
    """
    n_levels = p_level.shape[1]
    n_steps = basis.shape[0] - 2
    diagonal, beside, values, below, last = small[0], small[1], small[2], small[3], small[4]
    place, i, j = whole[0], whole[1], whole[2]
    for row in range(found.size):
        n = 0
        for level in range(n_levels):
            if p_level[row, level] > 0:
                place[level] = n
                root[level] = np.sqrt(p_level[row, level])
                basis[0, n] = root[level]
                n += 1
        if n < 2:
            found[row] = 0.0
            continue
        n_cells = first[row + 1] - first[row]
        for k in range(n_cells):
            cell = first[row] + k
            i[k], j[k] = place[low[cell]], place[high[cell]]
            s[k] = p[cell] / (root[low[cell]] * root[high[cell]])
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
        found[row] = np.nan
        next_look = 6
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
                if is_complete or doubt < _TOLERANCE:
                    found[row] = min(radius, 1.0)
                    break
                next_look += max(4, step // 4)
            for k in range(n):
                image[k] /= beta


@compiled
def _largest(diagonal, beside, n, values, below, last):  # type: ignore[no-untyped-def]
    """Return a tridiagonal matrix's largest eigenvalue in magnitude, and how far off it may be.

    The error of a Ritz value is at most its residual, and at most the squared residual over the
    distance to the next (Parlett, The symmetric eigenvalue problem, 1998, chapter 11). Implicit QL
    steps turn the matrix diagonal; of the eigenvectors only the last entry is followed.
    """
    for k in range(n):
        values[k] = diagonal[k]
        below[k] = beside[k] if k < n - 1 else 0.0
        last[k] = 1.0 if k == n - 1 else 0.0
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
            r = np.hypot(g, 1.0)
            g = values[high] - values[low] + below[low] / (g + (r if g >= 0 else -r))
            sine, cosine, shift = 1.0, 1.0, 0.0
            split = False
            for k in range(high - 1, low - 1, -1):
                f, b = sine * below[k], cosine * below[k]
                r = np.hypot(f, g)
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
    best = 0
    for k in range(1, n):
        if abs(values[k]) > abs(values[best]):
            best = k
    residual = beside[n - 1] * abs(last[best])
    gap = 1.0
    for k in range(n):
        if k != best:
            gap = min(gap, abs(values[best] - values[k]))
    return abs(values[best]), residual * min(1.0, residual / max(gap, 1e-300))
