"""Bags with planted kinds of voxels, without any image."""

import numpy as np
import pandas as pd

from radpred.table.bags import Bag, with_column


def line(values, *, rng=None):
    """Return a bag of a line of voxels that look like ``values``, shape (n,) or (n, n_maps)."""
    values = np.atleast_2d(np.asarray(values, dtype=np.float32).T).T
    n = len(values)
    return Bag(
        values=values,
        n_voxels=np.ones(n, dtype=np.int32),
        pairs=np.stack([np.arange(n - 1), np.arange(1, n)], axis=1).astype(np.int32),
        shared_mm2=np.ones(n - 1, dtype=np.float32),
        within_mm2=np.zeros(n, dtype=np.float32),
        surface_mm2=np.full(n, 4.0, dtype=np.float32),
        voxel_mm3=2.0,
    )


def planted(n_cases=20, *, seed=0, means=(0.0, 50.0, 100.0), n_maps=1):
    """Return a table of bags of three kinds, each case with shares of its own, and the kinds."""
    rng = np.random.default_rng(seed)
    bags, kinds = {}, {}
    for number in range(n_cases):
        own = np.sort(rng.choice(3, rng.integers(40, 90), p=rng.dirichlet([4, 4, 4])))
        noise = rng.normal(scale=4.0, size=(len(own), n_maps))
        bags[f"c{number:02d}"] = line(np.asarray(means)[own][:, None] + noise)
        kinds[f"c{number:02d}"] = own
    X = pd.DataFrame(
        {"tumour__original_firstorder_Mean": rng.normal(size=n_cases)}, index=list(bags)
    )
    return with_column(X, bags), kinds
