"""Every model by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radpred.errors import SettingsError
from radpred.model.estimators.boosted import XGBOOST
from radpred.model.estimators.gaussian import BAYES, DISCRIMINANT
from radpred.model.estimators.linear import ELASTIC_NET, LASSO, PLAIN, RIDGE
from radpred.model.estimators.models import Model
from radpred.model.estimators.naive import NAIVE
from radpred.model.estimators.neighbours import NEIGHBOURS
from radpred.model.estimators.network import NETWORK
from radpred.model.estimators.trees import EXTRA, FOREST, TREE
from radpred.model.estimators.vectors import GAUSSIAN, LINEAR, SVM
from radpred.model.outcome_kind import OutcomeKind
from radpred.model.tuning import Method, Space, choices

# Of equally good models the first wins, so the order stays as it is; new ones come last.
MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        *(ELASTIC_NET, SVM, FOREST, XGBOOST, RIDGE, PLAIN, LASSO, LINEAR, GAUSSIAN),
        *(TREE, EXTRA, NEIGHBOURS, DISCRIMINANT, BAYES, NETWORK),
    )
}


def model_of(name: str) -> Model:
    """Return the model called ``name``: one of `MODELS`, or ``naive``.

    Raises
    ------
    SettingsError
        There is none; the known names.
    """
    if name == NAIVE.name:
        return NAIVE
    if name not in MODELS:
        msg = f"no model is called {name!r}; known are {', '.join(MODELS)} and {NAIVE.name}"
        raise SettingsError(msg)
    return MODELS[name]


def models_for(kind: OutcomeKind) -> tuple[str, ...]:
    """Return the names of the models that can predict outcomes of a kind."""
    return tuple(name for name, model in MODELS.items() if kind in model.outcomes)


def make(name: str, seed: int = 0, *, kind: OutcomeKind = "binary", **params: Any) -> Any:
    """Return an unfitted estimator.

    Parameters
    ----------
    name : str
        As in `model_of`.
    seed : int
        Where its randomness starts, if it has any.
    kind : {"binary", "multiclass", "continuous"}
        What it will predict.
    **params
        Values of parameters in its grid or space.

    Examples
    --------
    >>> from radpred.model.estimators import make
    >>> make("tree", max_depth=2)
    DecisionTreeClassifier(max_depth=2, random_state=0)
    """
    return model_of(name).maker(kind).make(seed, **params)


def space_of(name: str, *, kind: OutcomeKind = "binary", method: Method = "grid") -> Space:
    """Return where a search by ``method`` looks for the parameters of a model."""
    maker = model_of(name).maker(kind)
    return choices(maker.grid) if method == "grid" else maker.space
