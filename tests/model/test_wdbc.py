"""Published accuracies on the Wisconsin breast cancer data, judged without choosing on test rows.

The values are the means of repeated stratified 10-fold cross-validation, with tuning inside.
"""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from radpred.model.estimators import make, space_of
from radpred.model.outcome_kind import inner_score
from radpred.model.preparation import Standardise
from radpred.model.score import score_chain
from radpred.model.tuning import best, search

ACCURACY = {"logistic": 97.68, "svm_rbf": 97.43, "tree": 93.07, "mlp": 96.9}


def chain_of(name, params, X, y):
    """Return a model on standardised columns, fitted."""
    steps = [("scale", Standardise()), ("model", make(name, 0, **params))]
    return Pipeline(steps).fit(X, y)


def tuned(name, X, y):
    """Return a model whose parameters won five inner folds."""
    splits = list(StratifiedKFold(5, shuffle=True, random_state=1).split(X, y))

    def objective(params):
        """Return the mean area over the inner folds."""
        areas = [
            inner_score("binary", score_chain(chain_of(name, params, X.iloc[a], y[a]), X.iloc[b]),
                        y[b])
            for a, b in splits
        ]  # fmt: skip
        return float(np.mean(areas))

    return chain_of(name, best(search(space_of(name), objective)).params, X, y)


@pytest.mark.parametrize("name", ACCURACY)
def test_accuracy_is_the_published_one_within_a_point(name):
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    y = 1 - y.to_numpy()
    hits = []
    for train, test in StratifiedKFold(10, shuffle=True, random_state=0).split(X, y):
        chain = tuned(name, X.iloc[train], y[train])
        hits.append(np.mean(chain.predict(X.iloc[test]) == y[test]))
    assert 100 * np.mean(hits) == pytest.approx(ACCURACY[name], abs=1.0)
