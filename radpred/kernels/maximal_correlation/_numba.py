"""The fast variant, on the cells that occur.

A matrix of few levels is reduced to a tridiagonal one by Householder's reflections, and its
eigenvalues are counted in ever smaller intervals, in many matrices at once. For many levels,
Lanczos' search looks for the answer beside the known eigenvector.
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array
from radpred.kernels._compiled import compiled

_SOLVED_WHOLE = 48  # levels
_PATIENCE = 96  # steps
_TOLERANCE = 1e-9
_LANES = 16  # matrices whose eigenvalues are counted at once
_HALVINGS = 33  # of an interval of length 1


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
        np.empty((_SOLVED_WHOLE, _SOLVED_WHOLE)),
        np.zeros((2, _SOLVED_WHOLE, _LANES)),
        np.empty((7, _LANES)),
        found,
    )
    return found


@compiled
def _search(  # type: ignore[no-untyped-def]
    first, low, high, p, p_level, noise, basis, small, root, s, whole, dense, bands, lanes, found
):
    """Write the second largest magnitude of every row's matrix to ``found``.

    The root of the level's probability leads the basis. From ``basis`` on, the arguments before
    the last are room to work in.
    """
    n_levels = p_level.shape[1]
    diagonal, beside, last = small[0], small[1], small[4]
    place, i, j = whole[0], whole[1], whole[2]
    of_lane = lanes[6]
    n_lanes, tallest = 0, 0
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
        if n <= dense.shape[0]:
            _reduce(i, j, s, n_cells, n, dense, diagonal, beside, last)
            for k in range(dense.shape[0]):
                bands[0, k, n_lanes] = diagonal[k] if k < n else 0.0
                bands[1, k, n_lanes] = beside[k] ** 2 if k < n - 1 else 0.0
            of_lane[n_lanes] = row
            n_lanes += 1
            tallest = max(tallest, n)
            if n_lanes == lanes.shape[1]:
                _halve(bands, tallest, lanes, n_lanes, found)
                n_lanes, tallest = 0, 0
        else:
            found[row] = _searched(i, j, s, n_cells, n, noise, basis, small)
    if n_lanes > 0:
        _halve(bands, tallest, lanes, n_lanes, found)


@compiled
def _halve(bands, n, lanes, n_lanes, found):  # type: ignore[no-untyped-def]
    """Write the second largest magnitude of the tridiagonal matrix of each lane to ``found``.

    The sign changes of Sturm's sequence count the eigenvalues below a number. Those of a shorter
    matrix are filled up with 0, which no count sees.
    """
    diagonal, square = bands[0], bands[1]
    low, high, middle = lanes[0], lanes[1], lanes[2]
    above, below, count = lanes[3], lanes[4], lanes[5]
    width = lanes.shape[1]
    for lane in range(width):
        low[lane] = 0.0
        high[lane] = 1.0
    for _ in range(_HALVINGS):
        for lane in range(width):
            middle[lane] = 0.5 * (low[lane] + high[lane])
            above[lane] = 1.0
            below[lane] = 1.0
            count[lane] = 0.0
        for k in range(n):
            for lane in range(width):
                beside = square[k - 1, lane] if k > 0 else 0.0
                # A pivot of 0 stands for a tiny one.
                a = diagonal[k, lane] - middle[lane] - beside / above[lane]
                b = diagonal[k, lane] + middle[lane] - beside / below[lane]
                above[lane] = a if abs(a) > 1e-290 else -1e-290
                below[lane] = b if abs(b) > 1e-290 else 1e-290
                count[lane] += (1.0 if above[lane] > 0 else 0.0) + (1.0 if below[lane] < 0 else 0.0)
        for lane in range(width):
            if count[lane] > 1.0:
                low[lane] = middle[lane]
            else:
                high[lane] = middle[lane]
    for lane in range(n_lanes):
        found[np.int64(lanes[6, lane])] = 0.5 * (low[lane] + high[lane])


@compiled
def _reduce(i, j, s, n_cells, n, a, diagonal, beside, p):  # type: ignore[no-untyped-def]
    """Turn the symmetric matrix of some cells tridiagonal by reflections (Householder 1958)."""
    for k in range(n):
        for other in range(n):
            a[k, other] = 0.0
    for k in range(n_cells):
        a[i[k], j[k]] = s[k]
        a[j[k], i[k]] = s[k]
    for k in range(n - 1):
        diagonal[k] = a[k, k]
        tail = 0.0
        for x in range(k + 2, n):
            tail += a[k, x] * a[k, x]
        first = a[k, k + 1]
        if tail == 0.0:
            beside[k] = first
            continue
        beside[k] = -np.sqrt(first * first + tail) if first > 0 else np.sqrt(first * first + tail)
        a[k, k + 1] = first - beside[k]
        half = (a[k, k + 1] * a[k, k + 1] + tail) / 2
        # Row by row, as the processor adds many numbers at once to as many sums.
        for x in range(k + 1, n):
            p[x] = 0.0
        for y in range(k + 1, n):
            v = a[k, y] / half
            for x in range(k + 1, n):
                p[x] += a[y, x] * v
        along = 0.0
        for x in range(k + 1, n):
            along += p[x] * a[k, x]
        along /= 2 * half
        for y in range(k + 1, n):
            p[y] -= along * a[k, y]
        for y in range(k + 1, n):
            v, w = a[k, y], p[y]
            for x in range(k + 1, n):
                a[y, x] -= v * p[x] + w * a[k, x]
    diagonal[n - 1] = a[n - 1, n - 1]
    beside[n - 1] = 0.0


@compiled
def _searched(i, j, s, n_cells, n, noise, basis, small):  # type: ignore[no-untyped-def]
    """Return the largest magnitude beside that of the first vector of ``basis``, NaN if not found.

    Each new vector is made orthogonal to all before it, so that the search stays beside the first.
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
                answer = min(radius, 1.0)
                break
            next_look += max(4, step // 4)
        for k in range(n):
            image[k] /= beta
    return answer


@compiled
def _largest(diagonal, beside, n, values, below, last):  # type: ignore[no-untyped-def]
    """Return a tridiagonal matrix's largest eigenvalue in magnitude, and how far off it may be.

    The error of a Ritz value is at most its residual, and at most the squared residual over the
    distance to the next (Parlett, The symmetric eigenvalue problem, 1998, chapter 11).
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
    gap = 1.0
    for k in range(n):
        if k != best:
            gap = min(gap, abs(values[best] - values[k]))
    return abs(values[best]), residual * min(1.0, residual / max(gap, 1e-300))


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
