"""A tree, and forests of them; splits do not depend on the size of columns."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from radpred.model.estimators.models import Maker, Model
from radpred.model.tuning import Choice, Real, Space, Whole

_N_TREES = 100
_TREE_GRID = {"max_depth": (1, 2, 3, 5), "min_samples_leaf": (10, 5)}
_TREE_SPACE: Space = {"max_depth": Whole(1, 8), "min_samples_leaf": Whole(2, 20)}
_FOREST_GRID = {"min_samples_leaf": (5, 2)}
_FOREST_SPACE: Space = {
    "min_samples_leaf": Whole(1, 15),
    "max_features": Choice(("sqrt", "log2", 0.5)),
    "max_samples": Real(0.4, 1.0),
}
_EXTRA_SPACE: Space = {name: _FOREST_SPACE[name] for name in ("min_samples_leaf", "max_features")}


def tree(seed: int, **params: Any) -> DecisionTreeClassifier:
    """Return one decision tree."""
    return DecisionTreeClassifier(random_state=seed, **params)


def random_forest(seed: int, **params: Any) -> RandomForestClassifier:
    """Return a forest of 100 trees."""
    return RandomForestClassifier(_N_TREES, n_jobs=1, random_state=seed, **params)


def extra_trees(seed: int, **params: Any) -> ExtraTreesClassifier:
    """Return a forest of 100 trees that split at random places."""
    return ExtraTreesClassifier(_N_TREES, n_jobs=1, random_state=seed, **params)


def _tree_of_numbers(seed: int, **params: Any) -> DecisionTreeRegressor:
    """Return one regression tree."""
    return DecisionTreeRegressor(random_state=seed, **params)


def _forest_of_numbers(seed: int, **params: Any) -> RandomForestRegressor:
    """Return a forest of 100 regression trees."""
    return RandomForestRegressor(
        _N_TREES, **{"n_jobs": 1, "max_features": "sqrt", "random_state": seed, **params}
    )


def _extra_trees_of_numbers(seed: int, **params: Any) -> ExtraTreesRegressor:
    """Return a forest of 100 regression trees that split at random places."""
    return ExtraTreesRegressor(
        _N_TREES, **{"n_jobs": 1, "max_features": "sqrt", "random_state": seed, **params}
    )


TREE = Model(
    name="tree",
    label="Decision tree",
    scale="probability",
    needs_scaling=False,
    classifier=Maker(make=tree, grid=_TREE_GRID, space=_TREE_SPACE),
    regressor=Maker(make=_tree_of_numbers, grid=_TREE_GRID, space=_TREE_SPACE),
)
FOREST = Model(
    name="random_forest",
    label="Random forest",
    scale="probability",
    needs_scaling=False,
    classifier=Maker(make=random_forest, grid=_FOREST_GRID, space=_FOREST_SPACE),
    regressor=Maker(make=_forest_of_numbers, grid=_FOREST_GRID, space=_FOREST_SPACE),
)
EXTRA = Model(
    name="extra_trees",
    label="Extra trees",
    scale="probability",
    needs_scaling=False,
    classifier=Maker(make=extra_trees, grid=_FOREST_GRID, space=_EXTRA_SPACE),
    regressor=Maker(make=_extra_trees_of_numbers, grid=_FOREST_GRID, space=_EXTRA_SPACE),
)
