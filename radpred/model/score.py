"""The score of a model on its own scale, to the last bit the same for one row and for many."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from xgboost import XGBClassifier


def score_chain(chain: Pipeline, X: pd.DataFrame) -> NDArray[np.float64]:
    """Return the score of each row of ``X``, shape (n,); higher speaks for the event.

    Log-odds for logistic regression and XGBoost, the distance from the plane for a support vector
    machine, the share of class 1 for a forest.
    """
    return score_model(chain[-1], chain[:-1].transform(X))


@singledispatch
def score_model(model: Any, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the score of each row of ``table``, which is what ``model`` was fitted on."""
    msg = f"no score is defined for a model of type {type(model).__name__}"
    raise TypeError(msg)


@score_model.register
def _(model: LogisticRegression, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the log-odds, each the correctly rounded sum of its terms.

    The matrix product of the linear algebra library depends on how many rows come together.
    """
    terms = table.to_numpy(dtype=np.float64) * model.coef_[0]
    intercept = float(model.intercept_[0])
    return np.array([math.fsum([intercept, *row]) for row in terms.tolist()], dtype=np.float64)


@score_model.register
def _(model: SVC, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the decision function; libsvm walks row by row."""
    return np.asarray(model.decision_function(table), dtype=np.float64)


@score_model.register
def _(model: RandomForestClassifier, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the mean share of class 1 in the leaves."""
    return np.asarray(model.predict_proba(table)[:, 1], dtype=np.float64)


@score_model.register
def _(model: XGBClassifier, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the margin, the sum of leaves in log-odds."""
    return np.asarray(model.predict(table, output_margin=True), dtype=np.float64)
