"""Fit a chain on rows of which some weigh less, and name what cannot weigh."""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

import sklearn
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from radpred.model.rows import TrainingRows

E = TypeVar("E")


def takes_weights(estimator: Any) -> bool:
    """Say whether an estimator's ``fit`` takes ``sample_weight`` by name."""
    return bool(has_fit_parameter(estimator, "sample_weight"))


def looks_at_outcomes(step: Any) -> bool:
    """Say whether a step needs outcomes to be fitted."""
    y = inspect.signature(step.fit).parameters.get("y")
    is_needed = y is not None and y.default is inspect.Parameter.empty
    return is_needed or bool(get_tags(step).target_tags.required)


def without_weights(chain: Any) -> tuple[str, ...]:
    """Return the names of the steps that learn from outcomes and cannot weigh rows.

    Such a step sees certain rows only: to it, soft labels are dropped. A model that stands alone
    is called by its class.
    """
    if not isinstance(chain, Pipeline):
        return () if takes_weights(chain) else (type(chain).__name__,)
    return tuple(
        name
        for name, step in chain.steps
        if _is_step(step) and not takes_weights(step) and looks_at_outcomes(step)
    )


def requesting_weights(chain: E) -> E:
    """Return an unfitted copy in which every step that can weigh asks for ``sample_weight``.

    For scikit-learn's own ways to fit and score, under ``enable_metadata_routing``; `fit_rows`
    needs none of it.
    """
    asking = clone(chain)
    steps = [step for _, step in asking.steps] if isinstance(asking, Pipeline) else [asking]
    with sklearn.config_context(enable_metadata_routing=True):
        for step in steps:
            if _is_step(step) and takes_weights(step):
                step.set_fit_request(sample_weight=True)
                if hasattr(step, "set_score_request"):
                    step.set_score_request(sample_weight=True)
    return asking


def fit_rows(chain: Any, rows: TrainingRows) -> Any:
    """Return a copy of ``chain``, fitted on ``rows`` with their weights.

    A step that takes weights gets all rows. One that cannot weigh sees certain rows only where
    it looks at outcomes, else each case once. Without soft labels this is ``chain.fit``.

    Parameters
    ----------
    chain : estimator or Pipeline
        Unfitted; it is not changed. A step that takes ``groups`` gets the patients.
    rows : TrainingRows
        As of `radpred.model.rows.Cohort.training`.
    """
    fitted = clone(chain)
    if not isinstance(fitted, Pipeline):
        return _fit(fitted, rows)
    for _, step in fitted.steps[:-1]:
        if _is_step(step):
            table = _fit(step, rows).transform(rows.X)
            rows = TrainingRows(**{**vars(rows), "X": table})
    if _is_step(fitted[-1]):
        _fit(fitted[-1], rows)
    return fitted


def _is_step(step: Any) -> bool:
    """Say whether a step of a pipeline does anything."""
    return step is not None and step != "passthrough"


def _fit(step: Any, rows: TrainingRows) -> Any:
    """Fit one step on what it may see."""
    given: dict[str, Any] = {}
    if not rows.is_certain.all():
        if takes_weights(step):
            given["sample_weight"] = rows.weights
        else:
            rows = rows.taken(rows.is_certain if looks_at_outcomes(step) else rows.is_first)
    if has_fit_parameter(step, "groups"):
        given["groups"] = rows.groups
    return step.fit(rows.X, rows.y, **given)
