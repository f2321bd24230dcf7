"""What a design costs, told before it is paid."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radpred.cohort.designs.design import Design
from radpred.errors import InputError

ROUGH = 2.0  # a time is believed up to this factor, either way


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Fits, and about how long they take.

    Attributes
    ----------
    n_fits : int
        Fits of all models.
    seconds, low, high : float
        The estimate, and between which times it is to be expected.
    """

    n_fits: int
    seconds: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return the cost in words."""
        low, middle, high = (_in_words(t) for t in (self.low, self.seconds, self.high))
        return f"{self.n_fits:,} fits, about {middle} (between {low} and {high})"


def estimated_fits(
    design: Design | int,
    models: Sequence[str],
    grids: Mapping[str, Sequence[Any] | int],
    *,
    inner_folds: int = 5,
    is_final_fitted: bool = True,
) -> dict[str, int]:
    """Return how many fits each model needs when it is tuned anew in every training part.

    A part costs ``inner_folds`` fits for each grid point, and one on the whole part. So does the
    final model, on all rows.

    Parameters
    ----------
    design : Design or int
        A design, or how many training parts it will have (20 repeats of 5 folds: 100).
    models : sequence of str
        Which models.
    grids : mapping of str to sequence or int
        The grid points of each model, or how many; a model without any is not tuned.
    inner_folds : int
        Folds in which grid points are compared.
    is_final_fitted : bool
        Whether a model on all rows follows.

    Examples
    --------
    >>> estimated_fits(25, ["svm"], {"svm": 18}, inner_folds=5)
    {'svm': 2366}
    """
    n_parts = (design if isinstance(design, int) else len(design.splits)) + is_final_fitted
    return {name: n_parts * (inner_folds * _points(grids.get(name, 1)) + 1) for name in models}


def time_fits(
    fit_one: Callable[[str], Any],
    models: Sequence[str],
    *,
    n_times: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, tuple[float, ...]]:
    """Return how many seconds single fits of each model took, on the data at hand.

    Parameters
    ----------
    fit_one : callable
        ``fit_one(model)`` fits one grid point of that model once.
    models : sequence of str
        Which models.
    n_times : int
        How often each is fitted and timed, after once that is not: it pays for imports.
    clock : callable
        Returns seconds.
    """
    return {name: _times(fit_one, name, n_times=n_times, clock=clock) for name in models}


def estimated_cost(
    fits: Mapping[str, int], seconds: Mapping[str, Sequence[float]], *, n_jobs: int = 1
) -> Cost:
    """Return what ``fits`` cost when single fits take ``seconds``.

    The estimate is the median of each model's times; the range is a factor of two about it, or
    the shortest and longest time where that is wider: grid points and machines differ.

    Parameters
    ----------
    fits : mapping of str to int
        As `estimated_fits` returns it.
    seconds : mapping of str to sequence of float
        As `time_fits` returns it.
    n_jobs : int
        Processes that share the work.

    Raises
    ------
    InputError
        A model that was not timed.
    """
    untimed = [name for name in fits if not seconds.get(name)]
    if untimed or n_jobs < 1:
        msg = f"{n_jobs} jobs, no time of {', '.join(untimed) or 'none'}; time one fit of each"
        raise InputError(msg)
    middle, shortest, longest = (
        math.fsum(n * of(seconds[name]) for name, n in fits.items()) / n_jobs
        for of in (statistics.median, min, max)
    )
    low, high = min(shortest, middle / ROUGH), max(longest, middle * ROUGH)
    return Cost(n_fits=sum(fits.values()), seconds=middle, low=low, high=high)


def _points(points: Sequence[Any] | int) -> int:
    """Return the number of grid points, at least one."""
    return max(points if isinstance(points, int) else len(points), 1)


def _times(
    fit_one: Callable[[str], Any], name: str, *, n_times: int, clock: Callable[[], float]
) -> tuple[float, ...]:
    """Return the seconds of ``n_times`` fits of one model, after a first one."""
    fit_one(name)
    times = []
    for _ in range(max(n_times, 1)):
        start = clock()
        fit_one(name)
        times.append(clock() - start)
    return tuple(times)


def _in_words(seconds: float) -> str:
    """Return a time with two figures, in the unit that suits it."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{float(f'{seconds / length:.2g}'):g} {unit}"
    return f"{float(f'{seconds:.2g}'):g} s"
