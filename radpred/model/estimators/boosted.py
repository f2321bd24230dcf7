"""Boosted trees that are the same under every version of XGBoost."""

from __future__ import annotations

from typing import Any

from xgboost import XGBClassifier, XGBRegressor

from radpred.model.estimators.models import Maker, Model
from radpred.model.tuning import Real, Space, Whole

_GRID = {"max_depth": (2, 3), "learning_rate": (0.05, 0.1)}
_SPACE: Space = {
    "max_depth": Whole(1, 4),
    "learning_rate": Real(0.02, 0.3, log=True),
    "n_estimators": Whole(30, 200),
    "subsample": Real(0.5, 1.0),
    "min_child_weight": Real(0.3, 10.0, log=True),
}


def boosted_trees(seed: int, **params: Any) -> XGBClassifier:
    """Return boosted trees, 100 unless told otherwise."""
    return XGBClassifier(**{**_same_everywhere(seed), **params})


def _boosted_trees_of_numbers(seed: int, **params: Any) -> XGBRegressor:
    """Return boosted regression trees."""
    return XGBRegressor(**{**_same_everywhere(seed), **params})


def _same_everywhere(seed: int) -> dict[str, Any]:
    """Return what all boosted trees share."""
    return {
        "n_estimators": 100,
        "subsample": 0.8,
        "colsample_bytree": 0.8,
        # With the default, "hist", two versions give probabilities up to 0.24 apart.
        "tree_method": "exact",
        "n_jobs": 1,
        "random_state": seed,
    }


XGBOOST = Model(
    name="xgboost",
    label="XGBoost",
    scale="log_odds",
    needs_scaling=False,
    classifier=Maker(make=boosted_trees, grid=_GRID, space=_SPACE),
    regressor=Maker(make=_boosted_trees_of_numbers, grid=_GRID, space=_SPACE),
)
