"""What can be said of a case without looking at it: the prevalence, or the mean."""

from __future__ import annotations

from typing import Any

from sklearn.dummy import DummyClassifier, DummyRegressor

from radpred.model.estimators.models import Maker, Model


def prevalence(seed: int, **params: Any) -> DummyClassifier:
    """Return the model that gives every case the shares of the classes in training."""
    return DummyClassifier(strategy="prior", **params)


def _mean(seed: int, **params: Any) -> DummyRegressor:
    """Return the model that gives every case the mean of training."""
    return DummyRegressor(strategy="mean", **params)


NAIVE = Model(
    name="naive",
    label="Naive (prevalence)",
    scale="probability",
    needs_scaling=False,
    classifier=Maker(make=prevalence),
    regressor=Maker(make=_mean),
)
