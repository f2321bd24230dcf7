"""Columns come to mean 0 and standard deviation 1."""

import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

from radpred.model.preparation import Standardise


def test_it_equals_scikit_learns_standard_scaler(rng):
    train, new = rng.lognormal(size=(40, 12)), rng.lognormal(size=(7, 12))
    ours = Standardise().fit(train).transform(new)
    np.testing.assert_allclose(ours, StandardScaler().fit(train).transform(new), rtol=1e-12)


def test_a_column_that_only_rounding_moves_is_not_blown_up():
    values = np.full((50, 1), 0.1) + np.array([0, 1e-16] * 25)[:, None]
    assert np.abs(Standardise().fit_transform(values)).max().item() < 1e-15


def test_a_restricted_step_scales_its_columns_alike(rng):
    table = pd.DataFrame(rng.normal(5, 3, size=(20, 3)), columns=list("abc"))
    step = Standardise().fit(table)
    assert step.restricted_to(["a", "c"]).transform(table).equals(step.transform(table)[["a", "c"]])
