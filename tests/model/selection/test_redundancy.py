"""Of columns that rank the patients alike the first stays, whatever the outcome."""

import time

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from radpred.model.selection import DropRedundant


def blurred(rng, *, n=40, p=60, n_sources=15):
    """Return ``p`` columns that are noisy, partly coarse copies of a few."""
    base = rng.normal(size=(n, n_sources))
    values = base[:, rng.integers(0, n_sources, p)] + 0.25 * rng.normal(size=(n, p))
    values[:, ::4] = np.round(values[:, ::4])
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(p)])


def one_by_one(table, limit):
    """Return what a loop over pairs keeps, with pandas' Spearman correlation."""
    rho = table.corr(method="spearman").abs()
    kept = []
    for name in table.columns:
        if not (rho.loc[name, kept] > limit + 1e-12).any():
            kept.append(name)
    return kept


@pytest.mark.parametrize("limit", [0.3, 0.7, 0.9])
@pytest.mark.parametrize("p", [60, 600])
def test_it_keeps_what_a_loop_over_pairs_keeps(rng, limit, p):
    table = blurred(rng, p=p)
    assert DropRedundant(limit).fit(table).kept_ == one_by_one(table, limit)


def test_no_two_kept_columns_correlate_by_more_than_the_limit(rng):
    kept = DropRedundant(0.6).fit_transform(blurred(rng))
    rho = kept.corr(method="spearman").abs().to_numpy()
    assert rho[np.triu_indices(len(rho), 1)].max() <= 0.6


def test_the_first_of_two_alike_stays(rng):
    x = rng.normal(size=30)
    table = pd.DataFrame({"plain": x, "derived": np.exp(x), "other": rng.normal(size=30)})
    assert DropRedundant(0.9).fit(table).kept_ == ["plain", "other"]
    assert DropRedundant(0.9).fit(table[["derived", "plain"]]).kept_ == ["derived"]


def test_an_opposite_counts_as_alike(rng):
    x = rng.normal(size=30)
    assert DropRedundant(0.9).fit(pd.DataFrame({"a": x, "b": -x})).kept_ == ["a"]


def test_a_column_may_stay_though_a_dropped_one_resembles_it():
    base = np.arange(20.0)
    near, far = base.copy(), base.copy()
    near[:10] = near[:10][::-1]
    far[:14] = far[:14][::-1]
    table = pd.DataFrame({"a": base, "b": near, "c": far})
    rho = table.corr(method="spearman").to_numpy()
    limit = (rho[0, 1] + rho[0, 2]) / 2
    assert rho[1, 2] > limit > rho[0, 2]
    assert DropRedundant(limit).fit(table).kept_ == ["a", "c"]


def test_a_limit_of_one_keeps_everything(rng):
    x = rng.normal(size=30)
    table = pd.DataFrame({"a": x, "b": x, "c": -x})
    assert DropRedundant(1.0).fit(table).kept_ == ["a", "b", "c"]


def test_the_order_of_rows_decides_nothing(rng):
    table = blurred(rng, n=41, p=300)
    for _ in range(5):
        shuffled = table.iloc[rng.permutation(len(table))]
        assert DropRedundant(0.5).fit(shuffled).kept_ == DropRedundant(0.5).fit(table).kept_


def test_the_outcome_decides_nothing(rng):
    table, y = blurred(rng), np.arange(40) % 2
    assert DropRedundant(0.5).fit(table, y).kept_ == DropRedundant(0.5).fit(table, 1 - y).kept_


def test_missing_values_and_constants_do_no_harm(rng):
    table = blurred(rng, p=10)
    table.iloc[3, 2] = np.nan
    table["flat"], table["empty"] = 1.0, np.nan
    assert {"flat", "empty", "f2"} <= set(DropRedundant(0.9).fit(table).kept_)


def test_4500_columns_of_50_rows_take_well_under_a_second(rng):
    table = blurred(rng, n=50, p=4500, n_sources=700)
    start = time.process_time()
    DropRedundant(0.9).fit(table)
    assert time.process_time() - start < 1.0


def test_the_step_can_be_cloned_and_names_its_columns(rng):
    table = blurred(rng)
    step = clone(DropRedundant(0.4)).fit(table)
    assert step.transform(table).columns.tolist() == step.get_feature_names_out().tolist()
