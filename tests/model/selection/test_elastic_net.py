"""Columns that enter the path on most halves of the patients stay."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import enet_path
from sklearn.pipeline import Pipeline

from radpred.model.labels import CaseLabels
from radpred.model.preparation import Standardise
from radpred.model.selection.elastic_net import N_STEPS, KeepByElasticNet, entries, halves


@pytest.fixture
def some(rng):
    """Return 120 rows of 60 columns, 3 of which make the outcome."""
    X = pd.DataFrame(rng.normal(size=(120, 60)), columns=[f"f{i}" for i in range(60)])
    X.index = pd.Index([f"case_{i:03d}" for i in range(120)])
    score = X[["f7", "f20", "f41"]] @ [1.5, -1.5, 1.5] + rng.normal(size=120)
    return X, (score > 0).astype(int).to_numpy()


def test_columns_enter_where_they_do_on_a_path_of_scikit_learn(some):
    X, y = some
    Z = ((X - X.mean()) / X.std(ddof=0)).to_numpy()
    most = np.abs(Z.T @ (y - y.mean())).max() / len(y) / 0.5
    penalties = most * np.geomspace(1, 0.05, N_STEPS + 1)[1:]
    _, path, _ = enet_path(Z, y - y.mean(), l1_ratio=0.5, alphas=penalties, tol=1e-8)
    first = np.where((path != 0).any(axis=1), (path != 0).argmax(axis=1), N_STEPS)
    steps, _ = entries(X.to_numpy(), y, l1_ratio=0.5, n_entered=60)
    assert (np.abs(steps - first) <= 1).all()
    assert np.array_equal(
        np.argsort(steps, kind="stable")[:3], np.argsort(first, kind="stable")[:3]
    )


def test_the_path_is_left_when_enough_have_entered(some):
    steps, size = entries(some[0].to_numpy(), some[1], l1_ratio=0.5, n_entered=3)
    assert 3 <= np.count_nonzero(steps < N_STEPS) < 20
    assert (size[steps == N_STEPS] == 0).all()


def test_an_outcome_that_does_not_vary_lets_no_column_in(some):
    steps, _ = entries(some[0].to_numpy(), np.ones(120), l1_ratio=0.5, n_entered=3)
    assert (steps == N_STEPS).all()


@pytest.mark.parametrize("n_draws", [0, 20])
def test_the_columns_that_make_the_outcome_stay(some, n_draws):
    assert KeepByElasticNet(3, n_draws=n_draws).fit(*some).kept_ == ["f7", "f20", "f41"]


def test_they_enter_on_nearly_every_half(some):
    frequency = KeepByElasticNet(3, n_draws=20, n_entered=5).fit(*some).frequency_
    assert (frequency[[7, 20, 41]] > 0.9).all()
    assert np.median(frequency) < 0.2


def test_halves_complete_each_other_and_keep_patients_whole(rng):
    patients = np.repeat([f"p{i}" for i in range(20)], 3)
    y = np.repeat(np.arange(20) % 4 == 0, 3).astype(int)
    drawn = list(halves(y, patients, n_draws=4, seed=1))
    for one, other in zip(drawn[::2], drawn[1::2], strict=True):
        assert sorted([*one, *other]) == list(range(60))
        assert not set(patients[one]) & set(patients[other])
        assert abs(y[one].sum() - y[other].sum()) <= 3


def test_the_seed_decides_the_halves(some):
    fits = [KeepByElasticNet(5, seed=seed).fit(*some).frequency_ for seed in (0, 0, 1)]
    assert np.array_equal(fits[0], fits[1])
    assert not np.array_equal(fits[0], fits[2])


def test_patients_may_be_known_by_case_or_come_with_the_rows(some):
    X, y = some
    patient = np.array([f"p{i // 2}" for i in range(120)])
    by_case = KeepByElasticNet(patients=CaseLabels(dict(zip(X.index, patient, strict=True))))
    known = clone(by_case).fit(X, y)
    with sklearn.config_context(enable_metadata_routing=True):
        step = KeepByElasticNet().set_fit_request(patient=True)
        chain = Pipeline([("scale", Standardise()), ("net", step)]).fit(X, y, patient=patient)
    assert np.array_equal(known.frequency_, chain["net"].frequency_)
    assert not np.array_equal(known.frequency_, KeepByElasticNet().fit(X, y).frequency_)


def test_a_narrow_copy_knows_no_patient(some):
    step = KeepByElasticNet(patients=CaseLabels({"case_000": "p"})).fit(*some)
    assert step.restricted_to(step.kept_[:2]).patients is None


def test_a_narrowed_step_is_the_one_fitted_with_fewer(some):
    assert KeepByElasticNet(20).fit(*some).narrowed(4).kept_ == KeepByElasticNet(4).fit(*some).kept_
