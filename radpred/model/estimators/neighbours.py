"""The outcomes of those that lie nearest; nothing is learnt."""

from __future__ import annotations

from typing import Any

from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from radpred.model.estimators.models import Maker, Model
from radpred.model.tuning import Space, Whole

_GRID = {"n_neighbors": (25, 15, 9, 5)}
_SPACE: Space = {"n_neighbors": Whole(3, 41, log=True)}


def neighbours(seed: int, **params: Any) -> KNeighborsClassifier:
    """Return a vote of equals; the rows themselves are kept, so that they can be stored."""
    return KNeighborsClassifier(algorithm="brute", **params)


def _neighbours_of_numbers(seed: int, **params: Any) -> KNeighborsRegressor:
    """Return a mean of equals."""
    return KNeighborsRegressor(algorithm="brute", **params)


NEIGHBOURS = Model(
    name="knn",
    label="Nearest neighbours",
    scale="probability",
    classifier=Maker(make=neighbours, grid=_GRID, space=_SPACE),
    regressor=Maker(make=_neighbours_of_numbers, grid=_GRID, space=_SPACE),
)
