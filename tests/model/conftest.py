"""A made table with gaps and words, and every recipe fitted on it once."""

import numpy as np
import pandas as pd
import pytest

from radpred.model import RECIPES, Search, fit_all

SEARCH = Search(n_inner_folds=3, n_features=(3, 6), seed=5)


def made_table(n=60, p=40, *, seed=4, strength=1.0):
    """Return a table of ``p`` features, a volume and clinical columns, outcomes and patients."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 5 < 2).astype(int)
    names = [f"tumour__original_glcm_Feature{i}" for i in range(p)]
    base = rng.normal(size=(n, p // 2))
    values = base[:, np.arange(p) % (p // 2)] + 0.3 * rng.normal(size=(n, p))
    X = pd.DataFrame(values, columns=names, index=[f"case_{i:03d}" for i in range(n)])
    X.iloc[:, :3] += strength * y[:, None]
    X.iloc[: n // 6, 5] = np.nan
    X.iloc[:, 7] = np.nan
    X["tumour__original_shape_MeshVolume"] = np.exp(rng.normal(size=n) + strength * y)
    ages = 60 + 8 * rng.normal(size=n) + 6 * strength * y
    X["clinical__age [years]"] = np.where(rng.random(n) < 0.2, np.nan, ages)
    words = np.where(rng.random(n) < 0.3 + 0.4 * y, "high", "low").astype(object)
    words[rng.random(n) < 0.2] = "<10%"
    words[:4] = None
    X["clinical__grade"] = words
    X["site"] = np.where(rng.random(n) < 0.3 + 0.4 * y, "east", "west").astype(object)
    groups = np.array([f"patient_{i // 2:03d}" for i in range(n)])
    return X, y, groups


@pytest.fixture(scope="session")
def table():
    """Return a made table with its outcomes and patients."""
    return made_table()


@pytest.fixture(scope="session")
def all_fitted(table):
    """Return every recipe, fitted."""
    X, y, groups = table
    return fit_all(list(RECIPES), X, y, groups=groups, search=SEARCH)


@pytest.fixture(params=list(RECIPES))
def fitted(request, all_fitted):
    """Return one fitted recipe after the other."""
    return all_fitted[request.param]
