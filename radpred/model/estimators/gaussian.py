"""Models of a bell curve a class: one shape for all, or columns that know nothing of each other."""

from __future__ import annotations

from typing import Any

from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

from radpred.model.estimators.models import Maker, Model
from radpred.model.tuning import Real


def discriminant(seed: int, **params: Any) -> LinearDiscriminantAnalysis:
    """Return linear discriminant analysis with a covariance that is drawn to its diagonal."""
    return LinearDiscriminantAnalysis(solver="lsqr", **{"shrinkage": 0.1, **params})


def naive_bayes(seed: int, **params: Any) -> GaussianNB:
    """Return naive Bayes on bell curves."""
    return GaussianNB(**params)


DISCRIMINANT = Model(
    name="lda",
    label="Linear discriminant analysis",
    scale="log_odds",
    classifier=Maker(
        make=discriminant,
        grid={"shrinkage": (0.9, 0.5, 0.1, 0.01)},
        space={"shrinkage": Real(0.001, 1.0)},
    ),
)
BAYES = Model(
    name="naive_bayes",
    label="Naive Bayes",
    scale="log_odds",
    classifier=Maker(
        make=naive_bayes,
        grid={"var_smoothing": (1.0, 0.1, 1e-9)},
        space={"var_smoothing": Real(1e-9, 10.0, log=True)},
    ),
)
