"""Every point of a grid."""

from __future__ import annotations

from itertools import product

from radpred.errors import SettingsError
from radpred.model.tuning.space import Choice, Params, Space, n_points
from radpred.model.tuning.trials import Objective, Trial, tried


def search_grid(
    space: Space, objective: Objective, *, budget: int | None, seed: int, n_jobs: int = 1
) -> tuple[Trial, ...]:
    """Try every point; the last axis changes fastest. There is no chance in it.

    Raises
    ------
    SettingsError
        An axis is a range, or there are more points than the budget.
    """
    ranges = [name for name, axis in space.items() if not isinstance(axis, Choice)]
    if ranges:
        msg = f"a grid cannot walk the ranges of {', '.join(ranges)}; give values, or use 'random'"
        raise SettingsError(msg)
    if budget is not None and (n_points(space) or 0) > budget:
        msg = (
            f"the grid has {n_points(space)} points and the budget is {budget}; allow more, give "
            "fewer values, or use 'random' or 'tpe'"
        )
        raise SettingsError(msg)
    return tried(points(space), objective, n_jobs=n_jobs)


def points(space: Space) -> list[Params]:
    """Return every point of a space of choices, the simplest first."""
    axes = {name: axis.values for name, axis in space.items() if isinstance(axis, Choice)}
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
