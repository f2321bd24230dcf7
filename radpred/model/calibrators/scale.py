"""What a model's score is before anybody calibrates it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

Scale = Literal["log_odds", "probability", "distance"]

# A forest may vote as one; its log-odds stay within 13.8 of even.
SMALLEST_SHARE = 1e-6


def log_odds_of(scores: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Return scores as log-odds: those of shares by logit, all others as they are.

    Shares are kept 1e-6 away from 0 and 1. A distance from a plane counts as log-odds, which
    says that its plane is where both outcomes are as likely.
    """
    values = np.asarray(scores, dtype=np.float64)
    if scale != "probability":
        return values
    return np.asarray(logit(np.clip(values, SMALLEST_SHARE, 1 - SMALLEST_SHARE)))


@singledispatch
def scale_of(model: Any) -> Scale:
    """Return the scale of what `radpred.model.score.score_model` gives for ``model``."""
    msg = f"no scale of the score is known for a model of type {type(model).__name__}"
    raise TypeError(msg)


@scale_of.register(LogisticRegression)
@scale_of.register(XGBClassifier)
@scale_of.register(LinearDiscriminantAnalysis)
@scale_of.register(GaussianNB)
@scale_of.register(MLPClassifier)
def _(model: Any) -> Scale:
    """Return that its score is log-odds."""
    return "log_odds"


@scale_of.register
def _(model: SVC) -> Scale:
    """Return that its score is a distance."""
    return "distance"


@scale_of.register(RandomForestClassifier)
@scale_of.register(ExtraTreesClassifier)
@scale_of.register(DecisionTreeClassifier)
@scale_of.register(KNeighborsClassifier)
@scale_of.register(DummyClassifier)
def _(model: Any) -> Scale:
    """Return that its score is a share of leaves or neighbours."""
    return "probability"
