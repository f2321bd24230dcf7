"""Models that add up columns: logistic regression with every penalty, and its twins for numbers."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge

from radpred.model.estimators.models import Maker, Model
from radpred.model.estimators.scaled_target import in_units_of_spread
from radpred.model.tuning import Real

_MOST_STEPS = 100_000


def unpenalised(seed: int, **params: Any) -> LogisticRegression:
    """Return logistic regression without a penalty that anything but a clean split could feel.

    Where a plane separates the outcomes there is no largest likelihood. A ridge of C = 10,000
    gives an answer then, and elsewhere moves coefficients by some 1e-5 of their size.
    """
    return LogisticRegression(C=1e4, solver="newton-cholesky", tol=1e-6, max_iter=1000, **params)


def ridge(seed: int, **params: Any) -> LogisticRegression:
    """Return logistic regression with a ridge; by default one that only tames a clean split."""
    return LogisticRegression(**{"C": 1000.0, "solver": "newton-cholesky", **params})


def lasso(seed: int, **params: Any) -> LogisticRegression:
    """Return logistic regression with the penalty that leaves columns out."""
    return elastic_net(seed, **{"l1_ratio": 1.0, **params})


def elastic_net(seed: int, **params: Any) -> LogisticRegression:
    """Return logistic regression with both penalties."""
    return LogisticRegression(solver="saga", max_iter=10_000, random_state=seed, **params)


def _least_squares(seed: int, **params: Any) -> LinearRegression:
    """Return least squares, the smallest of the solutions where there are many."""
    return LinearRegression(**params)


def _ridge_of_numbers(seed: int, **params: Any) -> Ridge:
    """Return least squares with a ridge, solved exactly."""
    return Ridge(solver="svd", **params)


def _lasso_of_numbers(seed: int, **params: Any) -> Any:
    """Return least squares that leave columns out; alpha counts in spreads of the outcome."""
    return in_units_of_spread(Lasso(max_iter=_MOST_STEPS, **params))


def _elastic_net_of_numbers(seed: int, **params: Any) -> Any:
    """Return least squares with both penalties; alpha counts in spreads of the outcome."""
    return in_units_of_spread(ElasticNet(max_iter=_MOST_STEPS, **params))


PLAIN = Model(
    name="logistic_plain",
    label="Logistic regression (no penalty)",
    scale="log_odds",
    classifier=Maker(make=unpenalised),
    regressor=Maker(make=_least_squares),
)
RIDGE = Model(
    name="logistic",
    label="Logistic regression (ridge)",
    scale="log_odds",
    classifier=Maker(
        make=ridge,
        grid={"C": (0.01, 0.1, 1.0, 10.0)},
        space={"C": Real(1e-3, 100.0, log=True)},
    ),
    regressor=Maker(
        make=_ridge_of_numbers,
        grid={"alpha": (100.0, 10.0, 1.0, 0.1)},
        space={"alpha": Real(1e-2, 1e3, log=True)},
    ),
)
LASSO = Model(
    name="lasso",
    label="Logistic regression (lasso)",
    scale="log_odds",
    classifier=Maker(
        make=lasso,
        grid={"C": (0.03, 0.1, 0.3, 1.0)},
        space={"C": Real(1e-2, 10.0, log=True)},
    ),
    regressor=Maker(
        make=_lasso_of_numbers,
        grid={"alpha": (0.3, 0.1, 0.03, 0.01)},
        space={"alpha": Real(1e-3, 1.0, log=True)},
    ),
)
ELASTIC_NET = Model(
    name="elastic_net",
    label="Elastic net",
    scale="log_odds",
    classifier=Maker(
        make=elastic_net,
        grid={"C": (0.03, 0.1, 0.3, 1.0), "l1_ratio": (0.5, 1.0)},
        space={"C": Real(1e-2, 10.0, log=True), "l1_ratio": Real(0.05, 1.0)},
    ),
    regressor=Maker(
        make=_elastic_net_of_numbers,
        grid={"alpha": (0.3, 0.1, 0.03, 0.01), "l1_ratio": (0.5, 1.0)},
        space={"alpha": Real(1e-3, 1.0, log=True), "l1_ratio": Real(0.05, 1.0)},
    ),
)
