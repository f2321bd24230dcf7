"""What each column that a model sees adds to its score; exact where that can be had."""

from __future__ import annotations

import warnings
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from radpred.explain.permutations import permutation_contributions
from radpred.explain.product_kernel import gaussian_contributions
from radpred.model.estimators.network import Network, reference_rows
from radpred.model.score import score_model

with warnings.catch_warnings():
    # SHAP 0.51 sets up its colour maps in a way that Matplotlib 3.11 is about to drop.
    warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
    import shap

Array = NDArray[Any]

_N_BACKGROUND = 50


@singledispatch
def contributions_of(model: Any, table: pd.DataFrame) -> tuple[Array, float]:
    """Return SHAP values of ``model``'s score, shape (n, n_columns), and their base value.

    Parameters
    ----------
    model : fitted estimator
        The last step of a chain.
    table : DataFrame of shape (n, n_columns)
        What the steps before it hand over.
    """
    msg = f"no exact explanation is known for a model of type {type(model).__name__}"
    raise TypeError(msg)


@contributions_of.register(LogisticRegression)
@contributions_of.register(LinearDiscriminantAnalysis)
def _(model: Any, table: pd.DataFrame) -> tuple[Array, float]:
    """Return the terms of the linear predictor."""
    return _linear(model, table)


@contributions_of.register
def _(model: SVC, table: pd.DataFrame) -> tuple[Array, float]:
    """Return the terms of a plane, or exact values for the Gaussian kernel."""
    if model.kernel == "linear":
        return _linear(model, table)
    if model.kernel != "rbf":
        msg = f"no exact explanation is known for a support vector machine on {model.kernel!r}"
        raise TypeError(msg)
    support = np.asarray(model.support_vectors_, dtype=float)
    # They are ordered by class, so even steps keep the share of each.
    steps = np.linspace(0, len(support) - 1, min(_N_BACKGROUND, len(support)))
    values, base = gaussian_contributions(
        table.to_numpy(dtype=float),
        support=support,
        weights=model.dual_coef_[0],
        background=support[np.round(steps).astype(int)],
        gamma=float(model._gamma),  # the number that gamma="scale" became; nowhere public
    )
    return values, base + float(model.intercept_[0])


@contributions_of.register(DecisionTreeClassifier)
@contributions_of.register(RandomForestClassifier)
@contributions_of.register(ExtraTreesClassifier)
def _(model: Any, table: pd.DataFrame) -> tuple[Array, float]:
    """Return values for the share of class 1."""
    explainer = shap.TreeExplainer(model)
    values = explainer.shap_values(table.to_numpy(dtype=float), check_additivity=False)
    return np.asarray(values)[:, :, 1], float(explainer.expected_value[1])


@contributions_of.register
def _(model: XGBClassifier, table: pd.DataFrame) -> tuple[Array, float]:
    """Return values for the margin."""
    explainer = shap.TreeExplainer(model)
    values = explainer.shap_values(table.to_numpy(dtype=float), check_additivity=False)
    return np.asarray(values, dtype=float), float(np.ravel(explainer.expected_value)[0])


@contributions_of.register
def _(model: GaussianNB, table: pd.DataFrame) -> tuple[Array, float]:
    """Return each column's log-likelihood ratio, less its mean over the training rows.

    Columns add up by themselves, so the difference is exact; the mean of (x - m)^2 over rows of
    class k is v_k + (m_k - m)^2, v_k without the variance that smoothing added.
    """
    values, shares = table.to_numpy(dtype=float), np.asarray(model.class_prior_)
    terms, means = [], []
    for m, v in zip(model.theta_, model.var_, strict=True):
        squares = (model.var_ - model.epsilon_ + (model.theta_ - m) ** 2) / v
        terms.append(-0.5 * (np.log(2 * np.pi * v) + (values - m) ** 2 / v))
        means.append(-0.5 * (np.log(2 * np.pi * v) + shares @ squares))
    mean = means[1] - means[0]
    base = mean.sum() + np.log(shares[1]) - np.log(shares[0])
    return terms[1] - terms[0] - mean, float(base)


@contributions_of.register
def _(model: KNeighborsClassifier, table: pd.DataFrame) -> tuple[Array, float]:
    """Return values for the share of class 1, held against rows that it was trained on."""
    return _by_permutations(model, table, reference_rows(model._fit_X, model._y))


@contributions_of.register
def _(model: Network, table: pd.DataFrame) -> tuple[Array, float]:
    """Return values for the log-odds, held against rows that it was trained on."""
    return _by_permutations(model, table, model.background_)


@contributions_of.register
def _(model: DummyClassifier, table: pd.DataFrame) -> tuple[Array, float]:
    """Return nothing: it looks at no column."""
    share = float(score_model(model, table.iloc[:1])[0])
    return np.zeros(table.shape), share


def _linear(model: Any, table: pd.DataFrame) -> tuple[Array, float]:
    """Return coefficient times distance from the training mean, which scaling put at 0."""
    plane = (np.asarray(model.coef_[0], dtype=float), float(model.intercept_[0]))
    mean = np.zeros((1, table.shape[1]))
    explainer = shap.LinearExplainer(plane, shap.maskers.Independent(mean))
    values = explainer.shap_values(table.to_numpy(dtype=float))
    return np.asarray(values, dtype=float), float(explainer.expected_value)


def _by_permutations(model: Any, table: pd.DataFrame, background: Array) -> tuple[Array, float]:
    """Return values over orders of columns."""

    def score(values: Array) -> Array:
        """Return the scores of rows."""
        return score_model(model, pd.DataFrame(values, columns=table.columns))

    return permutation_contributions(score, table.to_numpy(dtype=float), background)
