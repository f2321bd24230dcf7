"""Support vector machines; they have no randomness."""

from __future__ import annotations

from typing import Any

from sklearn.svm import SVC, SVR

from radpred.model.estimators.models import Maker, Model
from radpred.model.estimators.scaled_target import in_units_of_spread
from radpred.model.tuning import Choice, Real, Space

_COSTS = (0.1, 1.0, 10.0)
_COST = Real(1e-2, 100.0, log=True)
_GAMMA = Real(1e-3, 1.0, log=True)


def machine(seed: int, **params: Any) -> SVC:
    """Return a support vector machine."""
    return SVC(**params)


def linear_machine(seed: int, **params: Any) -> SVC:
    """Return a support vector machine with a plane."""
    return SVC(kernel="linear", **params)


def _machine_of_numbers(seed: int, **params: Any) -> Any:
    """Return support vector regression; the width of its tube counts in spreads of the outcome."""
    return in_units_of_spread(SVR(**params))


def _plane_of_numbers(seed: int, **params: Any) -> Any:
    """Return support vector regression with a plane."""
    return in_units_of_spread(SVR(kernel="linear", **params))


def _pair(name: str, grid: dict[str, Any], space: Space, makes: tuple[Any, Any]) -> dict[str, Any]:
    """Return what the classifier and its twin share."""
    return {
        "name": name,
        "scale": "distance",
        "classifier": Maker(make=makes[0], grid=grid, space=space),
        "regressor": Maker(make=makes[1], grid=grid, space=space),
    }


SVM = Model(
    label="Support vector machine",
    **_pair(
        "svm",
        {"kernel": ("linear", "rbf"), "C": _COSTS},
        {"kernel": Choice(("linear", "rbf")), "C": _COST},
        (machine, _machine_of_numbers),
    ),
)
LINEAR = Model(
    label="Support vector machine (linear)",
    **_pair("svm_linear", {"C": _COSTS}, {"C": _COST}, (linear_machine, _plane_of_numbers)),
)
GAUSSIAN = Model(
    label="Support vector machine (Gaussian kernel)",
    **_pair(
        "svm_rbf",
        {"C": _COSTS, "gamma": ("scale", 0.01)},
        {"C": _COST, "gamma": _GAMMA},
        (machine, _machine_of_numbers),
    ),
)
