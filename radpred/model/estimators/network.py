"""A small network: one layer of logistic units, trained to the end by L-BFGS."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.neural_network import MLPClassifier, MLPRegressor

from radpred.model.estimators.models import Maker, Model
from radpred.model.estimators.scaled_target import in_units_of_spread
from radpred.model.tuning import Real, Space, Whole

_MOST_ROWS = 50
_GRID = {"alpha": (10.0, 1.0, 0.1)}
_SPACE: Space = {"alpha": Real(0.03, 30.0, log=True), "n_units": Whole(2, 16)}


class Network(MLPClassifier):
    """A network that keeps some of its training rows, which its answers are held against.

    Attributes
    ----------
    background_ : ndarray of shape (n_rows, n_columns)
        As `reference_rows` returns them.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the network, and keep some rows."""
        super().fit(X, y, sample_weight=sample_weight)
        self.background_ = reference_rows(X, y)
        return self


def reference_rows(X: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Return up to 50 rows at even steps through the classes, so that each keeps its share."""
    values = np.asarray(X, dtype=np.float64)
    order = np.argsort(np.asarray(y), kind="stable")
    steps = np.linspace(0, len(order) - 1, min(_MOST_ROWS, len(order)))
    return np.ascontiguousarray(values[order[np.round(steps).astype(np.intp)]])


def network(seed: int, **params: Any) -> Network:
    """Return a network of ``n_units`` units, 8 by default, with the ridge ``alpha``."""
    return Network(**_settings(seed, **params))


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
