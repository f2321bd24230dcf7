"""What moved the score of one class of several, or a predicted number, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from xgboost import XGBClassifier, XGBRegressor

from radpred.explain.contributions import contributions_of, shap
from radpred.explain.groups import group_shares, shares_of
from radpred.explain.parts import Parts, parts_of
from radpred.explain.permutations import permutation_contributions
from radpred.model.others import FittedClasses, FittedNumber
from radpred.model.score import score_model
from radpred.table.columns import GROUP_KINDS

Array = NDArray[Any]
_N_BACKGROUND = 50
_OF_CLASSES = (
    "The contributions are those to the score of each class on the model's own scale, before "
    "calibration, each class by itself."
)
_OF_NUMBER = "The contributions are in the unit of the outcome and add up to the predicted value."
_UNKNOWN = (
    "No way is known to take a model of this kind apart for outcomes of more than two classes, or "
    "for numbers; what moved its answers is not told."
)


@dataclass(frozen=True)
class Facet:
    """One score of a model: that of one class, or the only one of a number.

    Attributes
    ----------
    model : estimator
        The last step of a chain.
    code : int, optional
        Which class.
    """

    model: Any
    code: int | None = None

    def score(self, values: Array, columns: pd.Index) -> Array:
        """Return the score of rows."""
        found = score_model(self.model, pd.DataFrame(values, columns=columns))
        return found if self.code is None else found[:, self.code]


@contributions_of.register
def _(model: Facet, table: pd.DataFrame) -> tuple[Array, float]:
    """Return the values of one score."""
    return _facet(model.model, model, table)


@singledispatch
def _facet(model: Any, facet: Facet, table: pd.DataFrame) -> tuple[Array, float]:
    """Return SHAP values of one score of ``model``, and their base value."""
    msg = f"no explanation is known for a score of a {type(model).__name__}"
    raise TypeError(msg)


@_facet.register(LogisticRegression)
@_facet.register(LinearDiscriminantAnalysis)
@_facet.register(LinearRegression)
@_facet.register(Ridge)
@_facet.register(Lasso)
@_facet.register(ElasticNet)
def _(model: Any, facet: Facet, table: pd.DataFrame) -> tuple[Array, float]:
    """Return coefficient times distance from the training mean, which scaling put at 0."""
    coefficients, start = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
    place = facet.code or 0
    return table.to_numpy(dtype=float) * coefficients[place], float(start[place])


@_facet.register(DecisionTreeClassifier)
@_facet.register(RandomForestClassifier)
@_facet.register(ExtraTreesClassifier)
@_facet.register(XGBClassifier)
@_facet.register(DecisionTreeRegressor)
@_facet.register(RandomForestRegressor)
@_facet.register(ExtraTreesRegressor)
@_facet.register(XGBRegressor)
def _(model: Any, facet: Facet, table: pd.DataFrame) -> tuple[Array, float]:
    """Return the exact values of trees."""
    explainer = shap.TreeExplainer(model)
    values = explainer.shap_values(table.to_numpy(dtype=float), check_additivity=False)
    place = facet.code or 0
    base = float(np.ravel(explainer.expected_value)[place])
    found = np.asarray(values, dtype=float)
    return (found if facet.code is None else found[:, :, place]), base


@_facet.register(SVC)
@_facet.register(SVR)
def _(model: Any, facet: Facet, table: pd.DataFrame) -> tuple[Array, float]:
    """Return values over orders of columns, held against support vectors."""
    return _by_permutations(facet, table, np.asarray(model.support_vectors_, dtype=float))


@_facet.register(KNeighborsClassifier)
@_facet.register(KNeighborsRegressor)
def _(model: Any, facet: Facet, table: pd.DataFrame) -> tuple[Array, float]:
    """Return values over orders of columns, held against training rows."""
    return _by_permutations(facet, table, np.asarray(model._fit_X, dtype=float))


@_facet.register(TransformedTargetRegressor)
def _(model: Any, facet: Facet, table: pd.DataFrame) -> tuple[Array, float]:
    """Return the values of the model inside, back in the unit of the outcome."""
    values, base = _facet(model.regressor_, Facet(model.regressor_), table)
    spread, mean = float(model.transformer_.scale_[0]), float(model.transformer_.mean_[0])
    return values * spread, base * spread + mean


def _by_permutations(facet: Facet, table: pd.DataFrame, rows: Array) -> tuple[Array, float]:
    """Return values over orders of columns, held against up to 50 of ``rows``."""
    steps = np.linspace(0, len(rows) - 1, min(_N_BACKGROUND, len(rows)))
    background = rows[np.round(steps).astype(int)]
    return permutation_contributions(
        lambda values: facet.score(values, table.columns),
        table.to_numpy(dtype=float),
        background,
    )


def explain_other(fitted: FittedClasses | FittedNumber, X: pd.DataFrame) -> dict[str, Any]:
    """Return what moved the answers of a model of classes, or of a number, as plain data.

    Parameters
    ----------
    fitted : FittedClasses or FittedNumber
        The model that is shipped.
    X : DataFrame of shape (n_cases, n_columns)
        Cases to explain, indexed by case.

    Returns
    -------
    dict
        ``kind``, ``model``, ``note``, and ``facets``: for each class, or for the number, its
        ``name``, ``base_value``, ``features`` ranked, ``groups``, and ``cases`` with their
        contributions. No facets, and a note that says so, where a model cannot be taken apart.
    """
    is_classes = isinstance(fitted, FittedClasses)
    names = list(fitted.classes) if isinstance(fitted, FittedClasses) else ["value"]
    record = {"kind": "multiclass" if is_classes else "continuous", "model": fitted.model}
    try:
        found = [
            parts_of(_view(fitted.chain, code if is_classes else None), X)
            for code in range(len(names))
        ]
    except TypeError:
        return {**record, "note": _UNKNOWN, "facets": []}
    facets = [{"name": name, **_record(parts)} for name, parts in zip(names, found, strict=True)]
    return {**record, "note": _OF_CLASSES if is_classes else _OF_NUMBER, "facets": facets}


def _view(chain: Pipeline, code: int | None) -> Pipeline:
    """Return a chain whose last step is one score of its model."""
    label, model = chain.steps[-1]
    return Pipeline([*chain.steps[:-1], (label, Facet(model, code))])


def _record(parts: Parts) -> dict[str, Any]:
    """Return parts as plain data: columns ranked, groups, and every case."""
    shap_values = parts.contributions.to_numpy(dtype=float)
    names = tuple(parts.contributions.columns)
    means = np.abs(shap_values).mean(axis=0)
    shares = shares_of(means)
    return {
        "base_value": float(parts.base_value),
        "n_cases": len(parts.values),
        "features": [
            {"name": names[i], "mean_abs": float(means[i]), "share": float(shares[i]), "rank": rank}
            for rank, i in enumerate(np.argsort(-means, kind="stable").tolist(), start=1)
        ],
        "groups": {kind: group_shares(names, shap_values, by=kind) for kind in GROUP_KINDS},
        "cases": [
            {
                "case_id": str(case),
                "contributions": [
                    {"name": name, "value": _plain(value), "shap": float(part)}
                    for name, value, part in zip(names, row, shap_values[place], strict=True)
                ],
            }
            for place, (case, row) in enumerate(
                zip(parts.values.index, parts.values.to_numpy(), strict=True)
            )
        ],
    }


def _plain(value: Any) -> float | str | None:
    """Return a value as it came: a number, a word, or None where there is none."""
    if pd.isna(value):
        return None
    return value if isinstance(value, str) else float(value)
