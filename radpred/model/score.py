"""The score of a model on its own scale, to the last bit the same for one row and for many.

Of two classes, (n,): the higher, the more it speaks for the second. Of more, (n, n_classes), a
column a class. Of a number, (n,): what the model predicts.
"""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from xgboost import XGBClassifier, XGBRegressor

Array = NDArray[np.float64]


def score_chain(chain: Pipeline, X: pd.DataFrame) -> Array:
    """Return the score of each row of ``X``; higher speaks for the event.

    Log-odds for logistic regression, discriminant analysis, naive Bayes, a network and XGBoost, the
    distance from the plane for a support vector machine, the share of class 1 for trees, forests,
    neighbours and the naive model. Of more than two classes the same, one column a class: softmax
    turns log-odds into probabilities. Of a number, its prediction.
    """
    return score_model(chain[-1], chain[:-1].transform(X))


@singledispatch
def score_model(model: Any, table: pd.DataFrame) -> Array:
    """Return the score of each row of ``table``, which is what ``model`` was fitted on."""
    msg = f"no score is defined for a model of type {type(model).__name__}"
    raise TypeError(msg)


@score_model.register(LogisticRegression)
@score_model.register(LinearDiscriminantAnalysis)
@score_model.register(LinearRegression)
@score_model.register(Ridge)
@score_model.register(ElasticNet)
def _(model: Any, table: pd.DataFrame) -> Array:
    """Return log-odds or predictions, each the correctly rounded sum of its terms.

    The matrix product of the linear algebra library depends on how many rows come together.
    """
    values = table.to_numpy(dtype=np.float64)
    planes = zip(np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_), strict=True)
    return _one_or_all([_sums(values * plane, float(start)) for plane, start in planes])


@score_model.register(SVC)
def _(model: SVC, table: pd.DataFrame) -> Array:
    """Return the decision function; libsvm walks row by row."""
    return np.asarray(model.decision_function(table), dtype=np.float64)


@score_model.register(DecisionTreeClassifier)
@score_model.register(RandomForestClassifier)
@score_model.register(ExtraTreesClassifier)
@score_model.register(DummyClassifier)
def _(model: Any, table: pd.DataFrame) -> Array:
    """Return the mean share of each class in the leaves, or among all that were seen."""
    shares = np.asarray(model.predict_proba(table), dtype=np.float64)
    return shares[:, 1] if shares.shape[1] == 2 else shares


@score_model.register(XGBClassifier)
def _(model: XGBClassifier, table: pd.DataFrame) -> Array:
    """Return the margin, the sum of leaves in log-odds."""
    return np.asarray(model.predict(table, output_margin=True), dtype=np.float64)


@score_model.register(GaussianNB)
def _(model: GaussianNB, table: pd.DataFrame) -> Array:
    """Return the log-odds, or the log-likelihood of each class with its prior.

    ln P(c) - 1/2 sum of (ln(2 pi v) + (x - m)^2 / v), m and v the mean and the variance of a column
    in class c.
    """
    values = table.to_numpy(dtype=np.float64)
    by_class = [
        _sums(-0.5 * (np.log(2 * np.pi * v) + (values - m) ** 2 / v), math.log(prior))
        for m, v, prior in zip(model.theta_, model.var_, model.class_prior_, strict=True)
    ]
    return by_class[1] - by_class[0] if len(by_class) == 2 else np.stack(by_class, axis=1)


@score_model.register(KNeighborsClassifier)
def _(model: KNeighborsClassifier, table: pd.DataFrame) -> Array:
    """Return the share of each class among the neighbours."""
    codes = model._y[_neighbours(model, table)]
    by_class = [(codes == code).mean(axis=1) for code in range(len(model.classes_))]
    return by_class[1] if len(by_class) == 2 else np.stack(by_class, axis=1)


@score_model.register(KNeighborsRegressor)
def _(model: KNeighborsRegressor, table: pd.DataFrame) -> Array:
    """Return the mean of the neighbours."""
    near = model._y[_neighbours(model, table)]
    return _sums(near, 0.0) / near.shape[1]


@score_model.register(MLPClassifier)
@score_model.register(MLPRegressor)
def _(model: Any, table: pd.DataFrame) -> Array:
    """Return what goes into the last function of a network of logistic units: log-odds."""
    layer = table.to_numpy(dtype=np.float64)
    last = len(model.coefs_) - 1
    for i, (weights, start) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        total = np.broadcast_to(start, (len(layer), len(start)))
        for column, weight in zip(layer.T, weights, strict=True):
            total = total + column[:, None] * weight
        layer = total if i == last else np.asarray(expit(total))
    return layer[:, 0] if layer.shape[1] == 1 else layer


@score_model.register(DecisionTreeRegressor)
@score_model.register(RandomForestRegressor)
@score_model.register(ExtraTreesRegressor)
@score_model.register(SVR)
@score_model.register(XGBRegressor)
@score_model.register(DummyRegressor)
def _(model: Any, table: pd.DataFrame) -> Array:
    """Return the prediction; these walk row by row."""
    return np.asarray(model.predict(table), dtype=np.float64)


@score_model.register(TransformedTargetRegressor)
def _(model: TransformedTargetRegressor, table: pd.DataFrame) -> Array:
    """Return the prediction of the model inside, back in the unit of the outcome."""
    scaled = score_model(model.regressor_, table)
    return np.asarray(model.transformer_.inverse_transform(scaled[:, None])[:, 0])


def _sums(terms: Array, start: float) -> Array:
    """Return the sum of each row and ``start``, correctly rounded, shape (n,)."""
    return np.array([math.fsum([start, *row]) for row in terms.tolist()], dtype=np.float64)


def _one_or_all(columns: list[Array]) -> Array:
    """Return the only column, shape (n,), or several side by side."""
    return columns[0] if len(columns) == 1 else np.stack(columns, axis=1)


def _neighbours(model: Any, table: pd.DataFrame) -> NDArray[np.intp]:
    """Return the rows of training that lie nearest, shape (n, k); of equals, the first.

    The sum of squares runs column by column: matrix products would depend on how many rows come
    together. Where training had fewer rows than neighbours are asked for, all are neighbours.
    """
    squares = np.zeros((len(table), len(model._fit_X)))
    for new, seen in zip(table.to_numpy(dtype=np.float64).T, model._fit_X.T, strict=True):
        squares += (new[:, None] - seen) ** 2
    return np.argsort(squares, axis=1, kind="stable")[:, : model.n_neighbors]
