"""A small network: one layer of logistic units, trained to the end by L-BFGS."""

from __future__ import annotations

from typing import Any

from sklearn.neural_network import MLPClassifier, MLPRegressor

from radpred.model.estimators.models import Maker, Model
from radpred.model.estimators.scaled_target import in_units_of_spread
from radpred.model.tuning import Real, Space, Whole

_GRID = {"alpha": (10.0, 1.0, 0.1)}
_SPACE: Space = {"alpha": Real(0.03, 30.0, log=True), "n_units": Whole(2, 16)}


def network(seed: int, **params: Any) -> MLPClassifier:
    """Return a network of ``n_units`` units, 8 by default, with the ridge ``alpha``."""
    return MLPClassifier(**_settings(seed, **params))


def _network_of_numbers(seed: int, **params: Any) -> Any:
    """Return a network that predicts a number."""
    return in_units_of_spread(MLPRegressor(**_settings(seed, **params)))


def _settings(seed: int, *, n_units: int = 8, **params: Any) -> dict[str, Any]:
    """Return what both networks share.

    Logistic units are smooth, so that L-BFGS converges where stochastic descent would have to be
    stopped at some step.
    """
    return {
        "hidden_layer_sizes": (n_units,),
        "activation": "logistic",
        "solver": "lbfgs",
        "max_iter": 10_000,
        "max_fun": 1_000_000,
        "random_state": seed,
        **params,
    }


NETWORK = Model(
    name="mlp",
    label="Neural network (MLP)",
    scale="log_odds",
    classifier=Maker(make=network, grid=_GRID, space=_SPACE),
    regressor=Maker(make=_network_of_numbers, grid=_GRID, space=_SPACE),
)
