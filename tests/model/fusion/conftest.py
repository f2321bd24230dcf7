"""A cohort of textures and clinical columns, and the chains that blocks are given."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from radpred.model.fusion import blocks_of
from radpred.model.preparation import DropConstant, Impute, Standardise
from radpred.model.selection import KeepRelevant


class Made(NamedTuple):
    """A table with its outcomes and patients."""

    X: pd.DataFrame
    y: np.ndarray
    groups: np.ndarray


def made_table(n=100, p=60, *, seed=0, texture=0.0, clinical=0.0):
    """Return ``p`` textures of a tumour and a ring, and five clinical columns, gaps and words."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 2)
    names = [f"{('tumour', 'ring')[i % 2]}__original_glcm_F{i}" for i in range(p)]
    X = pd.DataFrame(rng.normal(size=(n, p)), columns=names)
    X.index = pd.Index([f"case_{i:03d}" for i in range(n)])
    X.iloc[:, :6] += texture * y[:, None]
    X.iloc[rng.random(n) < 0.2, 3] = np.nan
    for k in range(4):
        X[f"clinical__c{k}"] = rng.normal(size=n) + clinical * y
    words = np.where(rng.random(n) < 0.5 + 0.2 * np.sign(clinical) * (y - 0.5), "high", "low")
    X["clinical__grade"] = words.astype(object)
    return Made(X, y, np.array([f"patient_{i // 2:03d}" for i in range(n)]))


def chain_of(block):
    """Return an unfitted chain for a block."""
    chooser = [] if block == "clinical" else [KeepRelevant(5)]
    model = LogisticRegression(C=0.1)
    return make_pipeline(Impute(), Standardise(), DropConstant(), *chooser, model)


def spoiled(made, rows):
    """Return the table and outcomes with ``rows`` turned into nonsense."""
    X, y = made.X.copy(), made.y.copy()
    numbers = X.columns[[dtype.kind == "f" for dtype in X.dtypes]]
    X.loc[X.index[rows], numbers] = 1e6
    X.loc[X.index[rows], "clinical__grade"] = "spoiled"
    y[rows] = 1 - y[rows]
    return X, y


@pytest.fixture(scope="session")
def make_table():
    """Return the function that makes a table."""
    return made_table


@pytest.fixture(scope="session")
def make_chain():
    """Return the function that makes a chain for a block."""
    return chain_of


@pytest.fixture(scope="session")
def spoil():
    """Return the function that spoils rows."""
    return spoiled


@pytest.fixture(scope="session")
def table():
    """Return a table in which both textures and the clinic know something."""
    return made_table(texture=0.6, clinical=0.6, seed=1)


@pytest.fixture(scope="session")
def blocks(table):
    """Return its blocks by region."""
    return blocks_of(table.X.columns, "region")
