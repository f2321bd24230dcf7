"""A small made table, and every recipe fitted on it once."""

import numpy as np
import pandas as pd
import pytest

from radpred.model import RECIPES, Search, fit

SEARCH = Search(n_inner_folds=2, n_features=(6,))


@pytest.fixture(scope="session")
def table():
    """Return twelve features, a volume, and clinical columns with gaps and words."""
    rng = np.random.default_rng(4)
    n = 60
    y = np.arange(n) % 3 == 0
    families = ("glcm", "firstorder", "glrlm")
    names = [
        f"{region}__{image}_{family}_Feature{i}"
        for i, (region, image, family) in enumerate(
            (region, image, family)
            for region in ("tumour", "ring_0_8mm")
            for image in ("original", "wavelet-LLH")
            for family in families
        )
    ]
    X = pd.DataFrame(rng.normal(size=(n, 12)), columns=names)
    X.index = pd.Index([f"case_{i:02d}" for i in range(n)])
    X.iloc[:, :3] += y[:, None]
    X["tumour__original_shape_MeshVolume"] = np.exp(rng.normal(size=n) + y)
    X["clinical__age"] = np.where(rng.random(n) < 0.2, np.nan, 60 + 8 * rng.normal(size=n) + 6 * y)
    words = np.where(rng.random(n) < 0.3 + 0.5 * y, "high", "low").astype(object)
    words[rng.random(n) < 0.2] = "middle"
    words[:4] = None
    X["clinical__grade"] = words
    return X, y.astype(int)


@pytest.fixture(scope="session", params=[name for name in RECIPES if name != "site"])
def fitted(request, table):
    """Return one fitted recipe after the other."""
    X, y = table
    return fit(request.param, X, y, groups=X.index.to_numpy(), search=SEARCH)
