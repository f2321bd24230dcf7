"""One call for every way to search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from radpred.errors import SettingsError
from radpred.model.tuning.at_random import search_at_random
from radpred.model.tuning.grid import search_grid
from radpred.model.tuning.space import Space
from radpred.model.tuning.tpe import search_by_tpe
from radpred.model.tuning.trials import Objective, Trial

Method = Literal["grid", "random", "tpe"]
METHODS: tuple[Method, ...] = get_args(Method)
_WITH_BUDGET: Mapping[str, Callable[..., tuple[Trial, ...]]] = {
    "random": search_at_random,
    "tpe": search_by_tpe,
}


def search(
    space: Space,
    objective: Objective,
    *,
    budget: int | None = None,
    seed: int = 0,
    method: Method = "grid",
    n_jobs: int = 1,
) -> tuple[Trial, ...]:
    """Return what was tried in ``space``, in order; the same for a seed and any ``n_jobs``.

    Parameters
    ----------
    space : mapping of str to Choice, Real or Whole
        The values that each parameter may take.
    objective : callable
        From a point (dict) to a finite number; higher is better. With several processes it goes
        to each of them.
    budget : int, optional
        How many points are tried at most. A grid needs none, and refuses one that it exceeds.
    seed : int
        Where chance starts.
    method : {"grid", "random", "tpe"}
        Every point, points at random, or Optuna's tree-structured Parzen estimator.
    n_jobs : int
        Processes.

    Raises
    ------
    SettingsError
        An unknown method, no budget where one is needed, or a space that the method cannot walk.
    InputError
        The objective is not finite somewhere.

    Examples
    --------
    >>> from radpred.model.tuning import Choice, best
    >>> trials = search({"x": Choice((3, 1, 2))}, lambda point: -point["x"])
    >>> best(trials).params
    {'x': 1}
    """
    if method not in METHODS:
        msg = f"no search is called {method!r}; choose one of {', '.join(METHODS)}"
        raise SettingsError(msg)
    if budget is not None and budget < 1:
        msg = f"a budget of {budget} came, wanted at least 1 trial; allow more"
        raise SettingsError(msg)
    if method == "grid" or not space:
        return search_grid(space, objective, budget=budget, seed=seed, n_jobs=n_jobs)
    if budget is None:
        msg = f"the search {method!r} has no end of its own; give a budget, such as 30 trials"
        raise SettingsError(msg)
    return _WITH_BUDGET[method](space, objective, budget=budget, seed=seed, n_jobs=n_jobs)
