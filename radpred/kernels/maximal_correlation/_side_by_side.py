"""Few levels: many matrices are solved whole, side by side, for the processor works on several.

The known eigenvector is taken out, Householder's reflections turn a matrix tridiagonal, and
Laguerre's method finds its outermost eigenvalues (Parlett, The symmetric eigenvalue problem, 1998,
chapters 7 and 8).
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled

_ROOM = 2**17  # numbers that a processor's cache holds
_MOST_AT_ONCE = 128
_START = 1.0 + 1e-12  # no eigenvalue lies above, but for rounding
_PATIENCE = 200  # steps
_TOLERANCE = 1e-12


def solve(rows: Array, n: Array, cells: tuple[Array, Array, Array, Array], root: Array) -> Array:
    """Return the second largest magnitude of some rows' matrices.

    Parameters
    ----------
    rows : array of int, shape (m,)
        Which rows, in ascending order of their number of levels; each has two.
    n : array of int, shape (n_rows,)
        Number of levels of each row.
    cells : tuple of array
        Where each row's cells start; their levels, the lower and the higher; their probabilities.
    root : array of float, shape (n_rows, n_levels)
        Root of each level's probability.
    """
    found = np.empty(rows.size)
    place = np.empty(root.shape[1], dtype=np.int64)
    stop = rows.size
    while stop > 0:
        tallest = int(n[rows[stop - 1]])
        start = max(stop - min(max(_ROOM // tallest**2, 8), _MOST_AT_ONCE), 0)
        width = -(-(stop - start) // 8) * 8
        matrices = np.empty((tallest, tallest, width))
        vectors, lanes = np.empty((4, tallest, width)), np.empty((8, width))
        _solve(rows[start:stop], *cells, root, place, matrices, vectors, lanes, found[start:stop])
        stop = start
    return found


@compiled
def _solve(rows, first, low, high, p, root, place, a, vectors, lanes, found):  # type: ignore[no-untyped-def]
    """Write the answer of each row to ``found``; a row's matrix lies in ``a[:, :, lane]``."""
    n_levels = root.shape[1]
    n, width = a.shape[0], a.shape[2]
    roots = vectors[0]
    for k in range(n):
        for lane in range(width):
            roots[k, lane] = 0.0
    for lane in range(rows.size):
        k = 0
        for level in range(n_levels):
            if root[rows[lane], level] > 0:
                roots[k, lane] = root[rows[lane], level]
                k += 1
    # What remains without the known eigenvector has an eigenvalue of 0 for its 1.
    for i in range(n):
        for j in range(i, n):
            entries, one, other = a[i, j], roots[i], roots[j]
            for lane in range(width):
                entries[lane] = -one[lane] * other[lane]
    for lane in range(rows.size):
        row = rows[lane]
        k = 0
        for level in range(n_levels):
            place[level] = k
            if root[row, level] > 0:
                k += 1
        for cell in range(first[row], first[row + 1]):
            i, j = place[low[cell]], place[high[cell]]
            a[i, j, lane] += p[cell] / (roots[i, lane] * roots[j, lane])
    _reduce(a, vectors, lanes)
    _outermost(vectors, lanes)
    for lane in range(rows.size):
        found[lane] = lanes[0, lane]


@compiled
def _reduce(a, vectors, lanes):  # type: ignore[no-untyped-def]
    """Turn matrices tridiagonal; their upper triangles are overwritten."""
    n, width = a.shape[0], a.shape[2]
    q, diagonal, square = vectors[1], vectors[2], vectors[3]
    scale, along, total = lanes[1], lanes[2], lanes[3]
    for k in range(n - 2):
        v = a[k]
        for lane in range(width):
            diagonal[k, lane] = v[k, lane]
            along[lane] = 0.0
            total[lane] = 0.0
        for j in range(k + 2, n):
            other = v[j]
            for lane in range(width):
                total[lane] += other[lane] * other[lane]
        for lane in range(width):
            here, tail = v[k + 1, lane], total[lane]
            square[k, lane] = here * here + tail
            size = np.sqrt(here * here + tail)
            leading = here + (size if here >= 0 else -size)
            is_done = tail == 0.0
            v[k + 1, lane] = 0.0 if is_done else leading
            scale[lane] = 0.0 if is_done else 2.0 / (leading * leading + tail)
        for j in range(k + 1, n):
            for lane in range(width):
                q[j, lane] = 0.0
        for i in range(k + 1, n):
            row, one = a[i], v[i]
            for lane in range(width):
                total[lane] = row[i, lane] * one[lane]
            for j in range(i + 1, n):
                entries, other, sums = row[j], v[j], q[j]
                for lane in range(width):
                    total[lane] += entries[lane] * other[lane]
                    sums[lane] += entries[lane] * one[lane]
            for lane in range(width):
                q[i, lane] += total[lane]
        for j in range(k + 1, n):
            for lane in range(width):
                q[j, lane] *= scale[lane]
                along[lane] += 0.5 * scale[lane] * q[j, lane] * v[j, lane]
        for j in range(k + 1, n):
            for lane in range(width):
                q[j, lane] -= along[lane] * v[j, lane]
        for i in range(k + 1, n):
            one, sums = v[i], q[i]
            for j in range(i, n):
                entries, other, others = a[i, j], v[j], q[j]
                for lane in range(width):
                    entries[lane] -= one[lane] * others[lane] + sums[lane] * other[lane]
    for lane in range(width):
        diagonal[n - 2, lane] = a[n - 2, n - 2, lane]
        square[n - 2, lane] = a[n - 2, n - 1, lane] * a[n - 2, n - 1, lane]
        diagonal[n - 1, lane] = a[n - 1, n - 1, lane]


@compiled
def _outermost(vectors, lanes):  # type: ignore[no-untyped-def]
    """Write the largest magnitude among the eigenvalues of tridiagonal matrices to ``lanes[0]``.

    From above, Laguerre's steps never pass the largest eigenvalue, of which there are two sums to
    go by: over all eigenvalues, of one over the distance, and of its square. The pivots of the
    matrix and their first two derivatives give both.
    """
    diagonal, square = vectors[2], vectors[3]
    n, width = diagonal.shape
    best, x, g, h = lanes[0], lanes[1], lanes[2], lanes[3]
    inverse, s, u, going = lanes[4], lanes[5], lanes[6], lanes[7]
    for side in range(2):
        sign = 1.0 - 2.0 * side
        for lane in range(width):
            x[lane] = _START
            going[lane] = 1.0
        for _ in range(_PATIENCE):
            for lane in range(width):
                g[lane] = 0.0
                h[lane] = 0.0
                inverse[lane] = 0.0
                s[lane] = 0.0
                u[lane] = 0.0
            for i in range(n):
                here, beside = diagonal[i], square[i - 1 if i > 0 else 0]
                for lane in range(width):
                    w = beside[lane] * inverse[lane]
                    first = 1.0 + w * s[lane]
                    second = w * (u[lane] - 2.0 * s[lane] * s[lane])
                    pivot = x[lane] - sign * here[lane] - w
                    is_above = pivot > 0
                    going[lane] = going[lane] if is_above else 0.0
                    inverse[lane] = 1.0 / (pivot if is_above else 1.0)
                    s[lane] = first * inverse[lane]
                    u[lane] = second * inverse[lane]
                    g[lane] += s[lane]
                    h[lane] += s[lane] * s[lane] - u[lane]
            n_going = 0.0
            for lane in range(width):
                rest = (n - 1) * (n * h[lane] - g[lane] * g[lane])
                step = n / (g[lane] + np.sqrt(rest if rest > 0 else 0.0))
                is_on = going[lane] > 0
                # The largest eigenvalue lies no more than sqrt(n / h) below.
                is_far = h[lane] * (_TOLERANCE * _TOLERANCE) < n
                x[lane] -= step if is_on else 0.0
                going[lane] = 1.0 if is_on and is_far else 0.0
                n_going += going[lane]
            if n_going == 0.0:
                break
        for lane in range(width):
            found = min(max(x[lane], 0.0), 1.0)
            best[lane] = found if side == 0 else max(best[lane], found)
