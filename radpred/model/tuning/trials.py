"""What was tried and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from joblib import Parallel, delayed

from radpred.errors import InputError
from radpred.model.tuning.space import Params

Objective: TypeAlias = Callable[[Params], float]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One point and its value.

    Attributes
    ----------
    number : int
        Which try it was, from 0.
    params : dict
        The point.
    value : float
        What the objective said of it; higher is better.
    """

    number: int
    params: Params
    value: float


def tried(
    points: Sequence[Params], objective: Objective, *, first: int = 0, n_jobs: int = 1
) -> tuple[Trial, ...]:
    """Return a trial of each point, in their order, numbered from ``first``.

    Raises
    ------
    InputError
        The objective gave something that is not finite, and cannot be compared.
    """
    values = Parallel(n_jobs=n_jobs)(delayed(objective)(dict(point)) for point in points)
    trials = []
    for number, (point, value) in enumerate(zip(points, values, strict=True), start=first):
        if not math.isfinite(value):
            msg = f"the score of {point} is {value}, wanted a finite number; leave the point out"
            raise InputError(msg)
        trials.append(Trial(number=number, params=dict(point), value=float(value)))
    return tuple(trials)


def best(trials: Sequence[Trial]) -> Trial:
    """Return the trial of the highest value; of equals, the first.

    Raises
    ------
    InputError
        Nothing was tried.
    """
    if not trials:
        msg = "no trials came, so none is the best; search with a budget of at least 1"
        raise InputError(msg)
    return max(trials, key=lambda trial: (trial.value, -trial.number))
