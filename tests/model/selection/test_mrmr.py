"""A column that repeats one already taken has to tell more."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import f_classif
from sklearn.metrics import roc_auc_score

from radpred.errors import SettingsError
from radpred.model.selection.mrmr import KeepMrmr, f_statistics


@pytest.fixture
def some(rng):
    """Return 50 rows of 24 columns made of 8, some of which tell the outcome."""
    y = (rng.random(50) < 0.4).astype(int)
    base = rng.normal(size=(50, 8)) + np.linspace(1.2, 0, 8) * y[:, None]
    values = base[:, np.arange(24) % 8] + 0.4 * rng.normal(size=(50, 24))
    values[:, ::5] = np.round(values[:, ::5])
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(24)]), y


def one_by_one(X, y, n, *, relevance, scheme):
    """Return what a loop over columns takes, with the libraries' statistics."""
    if relevance == "auc":
        alone = {name: abs(2 * roc_auc_score(y, X[name]) - 1) for name in X}
        rho = X.corr(method="spearman").abs()
    else:
        alone = dict(zip(X, f_classif(X, y)[0], strict=True))
        rho = X.corr().abs()
    taken = []
    while len(taken) < n:
        merits = {}
        for name in X.columns.difference(taken, sort=False):
            redundancy = rho.loc[name, taken].mean() if taken else None
            merits[name] = alone[name]
            if taken and scheme == "difference":
                merits[name] -= redundancy
            elif taken:
                merits[name] /= redundancy
        taken.append(max(merits, key=merits.get))
    return taken


@pytest.mark.parametrize("relevance", ["auc", "f"])
@pytest.mark.parametrize("scheme", ["difference", "quotient"])
def test_it_takes_what_a_loop_takes_in_the_same_order(some, relevance, scheme):
    X, y = some
    step = KeepMrmr(9, relevance, scheme).fit(X, y)
    expected = one_by_one(X, y, 9, relevance=relevance, scheme=scheme)
    assert X.columns[step.order_[:9]].tolist() == expected


def test_f_statistics_are_those_of_scikit_learn(some):
    X, y = some
    rows = (X - X.mean()).to_numpy().T
    np.testing.assert_allclose(f_statistics(rows, y), f_classif(X, y)[0], rtol=1e-10)


def test_a_column_that_does_not_vary_has_no_f(some):
    assert f_statistics(np.zeros((1, 50)), some[1]).tolist() == [0]


def test_a_repeated_column_gives_way_to_a_weaker_one_of_its_own():
    y = np.repeat([0, 1], 10)
    best = y + np.tile([0, 0.1], 10)
    other = np.concatenate([np.arange(10), np.arange(4, 14)])
    X = pd.DataFrame({"best": best, "again": 2 * best, "other": other}, dtype=float)
    assert KeepMrmr(2).fit(X, y).kept_ == ["best", "other"]


def test_every_column_has_a_place_in_the_order(some):
    assert sorted(KeepMrmr(5).fit(*some).order_) == list(range(24))


def test_a_narrowed_step_is_the_one_fitted_with_fewer(some):
    assert KeepMrmr(9).fit(*some).narrowed(4).kept_ == KeepMrmr(4).fit(*some).kept_


def test_the_order_of_rows_decides_nothing(some, rng):
    X, y = some
    order = rng.permutation(50)
    assert KeepMrmr(9).fit(X, y).kept_ == KeepMrmr(9).fit(X.iloc[order], y[order]).kept_


@pytest.mark.parametrize("options", [{"relevance": "mi"}, {"scheme": "product"}])
def test_an_unknown_way_is_refused(some, options):
    with pytest.raises(SettingsError, match="auc, f and difference, quotient"):
        KeepMrmr(**options).fit(*some)
