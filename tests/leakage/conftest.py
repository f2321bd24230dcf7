"""Cohorts with a known answer, as a model sees them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest


class Made(NamedTuple):
    """A table with its outcomes and patients."""

    X: pd.DataFrame
    y: np.ndarray
    groups: np.ndarray


def made(
    n: int = 100, p: int = 60, *, seed: int = 0, strength: float = 0.0, has_site: bool = False
) -> Made:
    """Return ``p`` features, a volume and clinical columns; noise unless ``strength`` is given."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 2)
    shift = strength * y
    names = [f"tumour__original_glcm_F{i}" for i in range(p)]
    X = pd.DataFrame(rng.normal(size=(n, p)), columns=names)
    X.index = pd.Index([f"case_{i:03d}" for i in range(n)])
    X.iloc[:, : max(3, p // 20)] += shift[:, None]
    X.iloc[rng.random(n) < 0.2, 4] = np.nan
    X["tumour__original_shape_MeshVolume"] = np.exp(rng.normal(size=n) + shift)
    age = 60 + 8 * (rng.normal(size=n) + shift)
    X["clinical__age"] = np.where(rng.random(n) < 0.2, np.nan, age)
    words = rng.choice(["high", "low", "middle", None], n, p=[0.4, 0.3, 0.2, 0.1])
    X["clinical__grade"] = pd.Series(words, index=X.index, dtype=object)
    if has_site:
        X["site"] = pd.Series(rng.choice(["east", "west", None], n), index=X.index, dtype=object)
    return Made(X, y, np.array([f"patient_{i // 2:03d}" for i in range(n)]))


@pytest.fixture(scope="session")
def make() -> Callable[..., Made]:
    """Return the function that makes a cohort."""
    return made
