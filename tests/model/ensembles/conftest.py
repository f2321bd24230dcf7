"""Members with scores over three inner folds, as tuning leaves them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline

from radpred.model.ensembles import Held
from radpred.model.estimators import make
from radpred.model.outcome_kind import inner_score
from radpred.model.preparation import Standardise
from radpred.model.score import score_chain

NAMES = {
    "binary": ("logistic", "tree", "svm_rbf", "knn"),
    "multiclass": ("logistic", "tree", "svm_rbf", "lda"),
    "continuous": ("logistic", "tree", "svm_rbf", "knn"),
}


def made_table(kind, *, n=120, seed=0, strength=1.0):
    """Return a table and outcomes of a kind."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 6))
    if kind == "continuous":
        y = 30.0 + 5.0 * (strength * values[:, 0] + rng.normal(size=n))
    else:
        y = rng.permutation(np.arange(n) % (2 if kind == "binary" else 3))
        values[:, 0] += strength * y
        values[:, 1] -= strength * (y == 1)
    names = [f"tumour__original_glcm_F{i}" for i in range(6)]
    return pd.DataFrame(values, columns=names, index=[f"case_{i:03d}" for i in range(n)]), y


def members_of(kind, X, y):
    """Return members, and the outcomes of the rows that each of three folds held out."""
    splits = list(KFold(3).split(X))
    members = [_held(name, kind, X, y, splits) for name in NAMES[kind]]
    return members, [y[test] for _, test in splits], splits


def _held(name, kind, X, y, splits):
    """Return one member, fitted on each fold and on all rows."""

    def fitted(rows):
        """Return the chain fitted on ``rows``."""
        chain = Pipeline([("scale", Standardise()), ("model", make(name, 0, kind=kind))])
        return chain.fit(X.iloc[rows], y[rows])

    chains = tuple(fitted(train) for train, _ in splits)
    scores = tuple(
        score_chain(c, X.iloc[test]) for c, (_, test) in zip(chains, splits, strict=True)
    )
    judged = [inner_score(kind, s, y[t]) for s, (_, t) in zip(scores, splits, strict=True)]
    return Held(
        name=name,
        inner_score=float(np.mean(judged)),
        chains=chains,
        scores=scores,
        whole=fitted(np.arange(len(y))),
    )


@pytest.fixture(scope="session", params=["binary", "multiclass", "continuous"])
def bench(request):
    """Return kind, table, outcomes, members, outcomes by fold and splits."""
    X, y = made_table(request.param)
    return (request.param, X, y, *members_of(request.param, X, y))
