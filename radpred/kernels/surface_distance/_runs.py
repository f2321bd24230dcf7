"""Loops along lines of samples, for the nearest sample of the other kind."""

from __future__ import annotations

import numpy as np

from radpred.kernels._compiled import compiled


@compiled
def along_rows(cost, inside, step2):  # type: ignore[no-untyped-def]
    """Write the squared distance to the nearest sample of the other kind in each row along x."""
    n = cost.shape[2]
    for z in range(cost.shape[0]):
        for y in range(cost.shape[1]):
            apart = np.inf
            cost[z, y, 0] = apart
            for x in range(1, n):
                apart = 1.0 if inside[z, y, x] != inside[z, y, x - 1] else apart + 1.0
                cost[z, y, x] = apart
            apart = np.inf
            cost[z, y, n - 1] = cost[z, y, n - 1] * cost[z, y, n - 1] * step2
            for back in range(1, n):
                x = n - 1 - back
                apart = 1.0 if inside[z, y, x] != inside[z, y, x + 1] else apart + 1.0
                nearer = min(apart, cost[z, y, x])
                cost[z, y, x] = nearer * nearer * step2


@compiled
def lower_in_runs(  # type: ignore[no-untyped-def]
    cost,
    inside,
    start,
    n_outer,
    s_outer,
    n_inner,
    s_inner,
    n,
    stride,
    step2,
    numbers,
    values,
    inverse,
):
    """Take the lowest parabolas in each run of one kind; beside it the other kind is at hand."""
    for outer in range(n_outer):
        for inner in range(n_inner):
            base = start + outer * s_outer + inner * s_inner
            first = 0
            while first < n:
                kind = inside[base + first * stride]
                end = first + 1
                while end < n and inside[base + end * stride] == kind:
                    end += 1
                last = -1
                if first > 0:
                    last = _raised(numbers, values, inverse, last, first - 1, 0, 0.0, step2, n)
                for i in range(first, end):
                    height = cost[base + i * stride]
                    if height < np.inf:
                        last = _raised(numbers, values, inverse, last, i, 0, height, step2, n)
                if end < n:
                    last = _raised(numbers, values, inverse, last, end, 0, 0.0, step2, n)
                k = 0
                for i in range(first, end if last >= 0 else first):
                    while k < last and values[1, k + 1] < i:
                        k += 1
                    site = numbers[0, k]
                    apart = i - site
                    found = values[0, k] - step2 * site * site + step2 * apart * apart
                    cost[base + i * stride] = found
                first = end


@compiled
def lower_at_centres(  # type: ignore[no-untyped-def]
    cost, inside, start, n_outer, s_outer, n_inner, s_inner, n, stride, step2,
    numbers, values, inverse, factor, low_middle, high_middle, half,
):  # fmt: skip
    """Write the signed distance to the faces at the middle of ``factor`` samples in each voxel."""
    for outer in range(n_outer):
        for inner in range(n_inner):
            base = start + outer * s_outer + inner * s_inner
            first = 0
            while first < n:
                kind = inside[base + first * stride]
                last = -1
                if first > 0:
                    last = _raised(
                        numbers,
                        values,
                        inverse,
                        last,
                        first * factor - 1,
                        0,
                        0.0,
                        step2,
                        n * factor,
                    )
                end = first
                while end < n and inside[base + end * stride] == kind:
                    height = cost[base + end * stride]
                    for i in range(end * factor, (end + 1) * factor if height < np.inf else 0):
                        last = _raised(
                            numbers, values, inverse, last, i, 0, height, step2, n * factor
                        )
                    end += 1
                if end < n:
                    last = _raised(
                        numbers, values, inverse, last, end * factor, 0, 0.0, step2, n * factor
                    )
                k = 0
                for voxel in range(first, end if last >= 0 else first):
                    total = 0.0
                    for pick in range(2):
                        i = voxel * factor + (low_middle if pick == 0 else high_middle)
                        while k < last and values[1, k + 1] < i:
                            k += 1
                        site = numbers[0, k]
                        square = (
                            values[0, k] - step2 * site * site + step2 * (i - site) * (i - site)
                        )
                        apart = square**0.5
                        total += half - apart if kind != 0 else apart - half
                    cost[base + voxel * stride] = total / 2
                first = end


@compiled
def _raised(numbers, values, inverse, last, i, owner, height, step2, n):  # type: ignore[no-untyped-def]
    """Put the parabola of a sample among those of its line; return which is the last of them."""
    lifted = height + step2 * i * i
    begin = -1.0
    while last >= 0:
        begin = (lifted - values[0, last]) * inverse[i - numbers[0, last]]
        if begin > values[1, last]:
            break
        last -= 1
    if last < 0:
        begin = -1.0
    if begin >= n:
        return last
    last += 1
    numbers[0, last] = i
    numbers[1, last] = owner
    values[0, last] = lifted
    values[1, last] = begin
    return last
