"""Small tables with something to learn, of each kind of outcome."""

import numpy as np
import pandas as pd
import pytest

from radpred.model.estimators import MODELS, NAIVE, make, model_of, space_of
from radpred.model.tuning.grid import points

NAMES = (*MODELS, NAIVE.name)
KINDS = ("binary", "multiclass", "continuous")
PAIRS = [(name, kind) for name in NAMES for kind in KINDS if kind in model_of(name).outcomes]


def made(kind, *, n=90, p=12, seed=0, strength=1.0):
    """Return a standardised table and outcomes of a kind; noise where ``strength`` is 0."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, p))
    if kind == "continuous":
        y = 40.0 + 12.0 * (strength * values[:, :2].sum(axis=1) + rng.normal(size=n))
    else:
        y = rng.permutation(np.arange(n) % (2 if kind == "binary" else 3))
        values[:, 0] += strength * y
        values[:, 1] -= strength * (y == 1)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    names = [f"tumour__original_glcm_F{i}" for i in range(p)]
    return pd.DataFrame(values, columns=names), y


@pytest.fixture(scope="session")
def fitted():
    """Return every model for every kind of outcome, fitted with the last point of its grid."""
    found = {}
    for name, kind in PAIRS:
        X, y = made(kind)
        params = points(space_of(name, kind=kind))[-1]
        found[name, kind] = make(name, 3, kind=kind, **params).fit(X, y)
    return found


@pytest.fixture(scope="session")
def noise():
    """Return the function that makes tables with nothing to learn."""
    return lambda kind, seed: made(kind, seed=seed, strength=0.0)
