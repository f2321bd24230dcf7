"""The columns that separate the outcomes best stay."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from radpred.model.selection import KeepRelevant


def test_it_keeps_the_columns_with_the_most_extreme_roc_area(rng):
    y = (rng.random(50) < 0.4).astype(int)
    table = pd.DataFrame(rng.normal(size=(50, 30)), columns=[f"f{i}" for i in range(30)])
    areas = {name: abs(roc_auc_score(y, table[name]) - 0.5) for name in table}
    best = sorted(areas, key=areas.get)[-7:]
    assert set(KeepRelevant(7).fit(table, y).kept_) == set(best)


def test_both_directions_count():
    y = np.array([0, 0, 0, 1, 1, 1])
    table = pd.DataFrame({"noise": [1, 5, 3, 2, 4, 6], "up": y, "down": -y})
    assert KeepRelevant(2).fit(table, y).kept_ == ["up", "down"]


def test_of_equals_the_first_stays():
    y = np.array([0, 0, 1, 1])
    table = pd.DataFrame({"a": [0, 0, 1, 1], "b": [3, 3, 0, 0], "c": [1, 2, 3, 4]}, dtype=float)
    assert KeepRelevant(2).fit(table, y).kept_ == ["a", "b"]
    assert KeepRelevant(1).fit(table[["c", "b"]], y).kept_ == ["c"]


def test_an_outlier_weighs_no_more_than_a_neighbour(rng):
    y = (rng.random(40) < 0.5).astype(int)
    table = pd.DataFrame(rng.normal(size=(40, 5)), columns=list("abcde"))
    wild = table.copy()
    wild.loc[wild["a"].idxmax(), "a"] = 1e12
    assert KeepRelevant(3).fit(wild, y).kept_ == KeepRelevant(3).fit(table, y).kept_


def test_fewer_columns_than_asked_all_stay_in_their_order(rng):
    table = pd.DataFrame(rng.normal(size=(20, 3)), columns=list("cab"))
    assert KeepRelevant(10).fit(table, np.arange(20) % 2).kept_ == ["c", "a", "b"]


@pytest.mark.parametrize("n_features", [1, 4])
def test_the_order_of_rows_decides_nothing(rng, n_features):
    y, order = (rng.random(31) < 0.4).astype(int), rng.permutation(31)
    table = pd.DataFrame(rng.integers(0, 4, size=(31, 12)).astype(float))
    table.columns = [f"f{i}" for i in range(12)]
    step = KeepRelevant(n_features)
    assert step.fit(table, y).kept_ == step.fit(table.iloc[order], y[order]).kept_
