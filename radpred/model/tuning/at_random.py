"""Points at random: Bergstra and Bengio, J Mach Learn Res 2012;13:281-305."""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np

from radpred.model.tuning.space import Axis, Choice, Params, Space, Whole, n_points
from radpred.model.tuning.trials import Objective, Trial, tried

_MOST_DRAWS = 100  # for each point of the budget, until as many different ones were found


def search_at_random(
    space: Space, objective: Objective, *, budget: int, seed: int, n_jobs: int = 1
) -> tuple[Trial, ...]:
    """Try ``budget`` different points, each axis drawn on its own; fewer where there are fewer."""
    return tried(draw(space, budget, seed=seed), objective, n_jobs=n_jobs)


def draw(space: Space, n: int, *, seed: int) -> list[Params]:
    """Return up to ``n`` different points of a space, in the order in which they were drawn."""
    rng = np.random.default_rng(seed)
    wanted = min(n, n_points(space) or n)
    found: dict[tuple[Any, ...], Params] = {}
    for _ in range(_MOST_DRAWS * wanted):
        if len(found) == wanted:
            break
        point = {name: _value(axis, rng) for name, axis in space.items()}
        found.setdefault(tuple(point.values()), point)
    return list(found.values())


def _value(axis: Axis, rng: np.random.Generator) -> Any:
    """Return one value of an axis."""
    if isinstance(axis, Choice):
        return axis.values[int(rng.integers(len(axis.values)))]
    # A whole number stands for all that round to it, so the ends are as likely as the rest.
    half = 0.5 if isinstance(axis, Whole) else 0.0
    low, high = axis.low - half, axis.high + half
    share = float(rng.random())
    if axis.log:
        value = exp(log(low) + share * (log(high) - log(low)))
    else:
        value = low + share * (high - low)
    value = min(max(value, axis.low), axis.high)
    return round(value) if isinstance(axis, Whole) else value
