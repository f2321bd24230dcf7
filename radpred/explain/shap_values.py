"""Exact SHAP values on the model's own scale, carried to calibrated log-odds where that is exact.

Where calibration is a line in the score, the values times its slope are exact for the log-odds.
A curve leaves them what they are: parts of the score.
"""

from __future__ import annotations

import warnings
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from xgboost import XGBClassifier

from radpred.errors import InputError, warn
from radpred.explain.explanation import Explanation
from radpred.explain.product_kernel import gaussian_contributions
from radpred.model.calibrators import line_of
from radpred.model.fitted import Fitted

with warnings.catch_warnings():
    # SHAP 0.51 sets up its colour maps in a way that Matplotlib 3.11 is about to drop.
    warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
    import shap

Array = NDArray[Any]

# XGBoost adds its leaves in single precision, and misses their sum by some 1e-6.
LARGEST_GAP = 1e-4
_N_BACKGROUND = 50


def explain(fitted: Fitted, X: pd.DataFrame) -> Explanation:
    """Return what each column adds to the calibrated log-odds of each case, or to its score.

    The score itself is taken apart where calibration is a curve (isotonic, beta, Venn-ABERS): a
    curve never turns two scores around, so what raises the score never lowers the risk, but shares
    in it are not defined.

    The reference is the training mean for linear models, the training rows of each leaf for trees
    (path-dependent), and up to 50 support vectors for the Gaussian kernel. What a model sees of
    one column (words, flags of gaps) is summed back onto it. A case has the same explanation,
    to the last bit, alone and among others.

    Parameters
    ----------
    fitted : Fitted
        The model that is shipped.
    X : DataFrame of shape (n_cases, n_columns)
        Cases to explain, as they came, indexed by case.

    Raises
    ------
    InputError
        There are no cases.
    """
    if X.empty:
        msg = "no cases to explain; give at least one row"
        raise InputError(msg)
    table = fitted.chain[:-1].transform(X)
    contributions, base = contributions_of(fitted.chain[-1], table)
    sources = fitted.chain.named_steps["impute"].sources()
    offered = _before_gaps_are_filled(fitted, X)
    columns = list(dict.fromkeys(sources[name] for name in table.columns))
    is_line = fitted.calibrator.is_affine
    slope, intercept = line_of(fitted.calibrator) if is_line else (1.0, 0.0)
    explanation = Explanation(
        model=fitted.model,
        values=offered.loc[:, columns],
        shap=slope * _by_source(contributions, [sources[name] for name in table.columns], columns),
        base_value=slope * base + intercept,
        log_odds=fitted.log_odds(X),
        probability=fitted.probability(X),
        score=None if is_line else fitted.score(X),
    )
    _tell_gap(explanation)
    return explanation


def _before_gaps_are_filled(fitted: Fitted, X: pd.DataFrame) -> pd.DataFrame:
    """Return ``X`` after the steps that make columns of their own, such as habitats."""
    labels = list(fitted.chain.named_steps)
    for label in labels[: labels.index("impute")]:
        X = fitted.chain.named_steps[label].transform(X)
    return X


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


@contributions_of.register
def _(model: LogisticRegression, table: pd.DataFrame) -> tuple[Array, float]:
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


@contributions_of.register
def _(model: RandomForestClassifier, table: pd.DataFrame) -> tuple[Array, float]:
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


def _linear(model: Any, table: pd.DataFrame) -> tuple[Array, float]:
    """Return coefficient times distance from the training mean, which scaling put at 0."""
    plane = (np.asarray(model.coef_[0], dtype=float), float(model.intercept_[0]))
    mean = np.zeros((1, table.shape[1]))
    explainer = shap.LinearExplainer(plane, shap.maskers.Independent(mean))
    values = explainer.shap_values(table.to_numpy(dtype=float))
    return np.asarray(values, dtype=float), float(explainer.expected_value)


def _by_source(contributions: Array, sources: list[str], columns: list[str]) -> Array:
    """Return contributions summed over what was made from one column, (n, len(columns))."""
    result = np.zeros((len(contributions), len(columns)))
    for place, source in enumerate(sources):
        result[:, columns.index(source)] += contributions[:, place]
    return result


def _tell_gap(explanation: Explanation) -> None:
    """Warn where the parts do not add up to the answer."""
    gap = np.abs(explanation.gap)
    if gap.max() > LARGEST_GAP:
        case = explanation.values.index[int(gap.argmax())]
        warn(
            f"explanation of {explanation.model}: the parts of case {case} miss its answer by "
            f"{gap.max():.2g}, {LARGEST_GAP:g} was wanted; do not read its parts to that precision"
        )
