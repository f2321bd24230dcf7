"""Columns that say the same of nearly everyone go."""

import numpy as np
import pandas as pd
import pytest

from radpred.errors import InputError
from radpred.model.preparation import DropConstant, Standardise


def kept(table, **options):
    """Return the columns that stay after scaling."""
    scaled = Standardise().fit_transform(pd.DataFrame(table))
    return DropConstant(**options).fit(scaled).get_feature_names_out().tolist()


def test_a_constant_column_goes(rng):
    assert kept({"a": np.full(20, 3.3), "b": rng.normal(size=20)}) == ["b"]


def test_rounding_noise_around_a_constant_goes(rng):
    noise = 1e9 + rng.normal(size=20) * 1e-7
    assert kept({"a": noise, "b": rng.normal(size=20)}) == ["b"]


@pytest.mark.parametrize(("n_other", "stays"), [(4, False), (5, False), (6, True)])
def test_a_value_may_fill_95_of_100_rows(n_other, stays):
    flag = (np.arange(100) < n_other).astype(float)
    assert ("a" in kept({"a": flag, "b": np.arange(100.0)})) == (n_other >= 5)
    assert ("a" in kept({"a": flag, "b": np.arange(100.0)}, largest_share=0.94)) == stays


def test_the_share_counts_the_most_frequent_value_wherever_it_lies(rng):
    middle = np.where(np.arange(100) < 97, 0.0, [-1.0, 1.0] * 50)
    assert kept({"a": middle, "b": rng.normal(size=100)}) == ["b"]


def test_a_table_without_a_varying_column_is_refused():
    with pytest.raises(InputError, match="none of 2 columns varies over 10 training rows"):
        kept({"a": np.ones(10), "b": np.zeros(10)})
