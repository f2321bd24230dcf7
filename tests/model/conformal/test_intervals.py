"""Intervals for a continuous end point: what they promise, and whom they were made on."""

import logging

import numpy as np
import pandas as pd
import pytest
from mapie.regression import CrossConformalRegressor
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes
from sklearn.linear_model import QuantileRegressor, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.errors import InputError, SettingsError
from radpred.model.conformal import TOO_SMALL
from radpred.model.conformal.intervals import cross_intervals, quantile_intervals, rows_needed

RIDGE = make_pipeline(StandardScaler(), Ridge())
QUANTILE = make_pipeline(StandardScaler(), QuantileRegressor(alpha=0))


@pytest.fixture(scope="module")
def diabetes():
    """Return the progression of diabetes of 442 patients with ten measures each."""
    return load_diabetes(return_X_y=True, as_frame=True)


def made(method, diabetes, seed, *, level=0.9):
    """Return a model of 300 patients, and the rows of the others."""
    X, y = diabetes
    order = np.random.default_rng(seed).permutation(len(y))
    fitted, new = order[:300], order[300:]
    model = method(X.iloc[fitted], y.iloc[fitted], groups=fitted, level=level, seed=seed)
    return model, X.iloc[new], y.iloc[new]


def cross(X, y, *, groups, level, seed):
    """Return CV+ intervals of ridge regression."""
    return cross_intervals(RIDGE, X, y, groups=groups, level=level, seed=seed)


def quantile(X, y, *, groups, level, seed):
    """Return intervals of linear quantile regression."""
    return quantile_intervals(QUANTILE, X, y, groups=groups, level=level, seed=seed)


@pytest.mark.parametrize(("method", "n"), [(cross, 30), (quantile, 25)])
def test_intervals_hold_the_truth_as_often_as_promised(method, n, diabetes):
    held = []
    for seed in range(100, 100 + n):
        model, X, y = made(method, diabetes, seed)
        held.append(model.intervals(X).hold(y).mean())
    assert abs(np.mean(held) - 0.9) < 2 * np.std(held) / np.sqrt(n) + 1 / 101


def test_cross_intervals_are_those_of_mapie(diabetes):
    model, X, _ = made(cross, diabetes, 3)
    ours = model.intervals(X)
    order = np.random.default_rng(3).permutation(442)
    folds = GroupKFold(5, shuffle=True, random_state=3)
    theirs = CrossConformalRegressor(RIDGE, confidence_level=0.9, method="plus", cv=folds)
    theirs.fit_conformalize(
        diabetes[0].iloc[order[:300]], diabetes[1].iloc[order[:300]], groups=order[:300].astype(str)
    )
    ends = theirs.predict_interval(X)[1][:, :, 0]
    assert_array_equal(np.column_stack([ours.low, ours.high]), ends)


def test_quantile_intervals_are_those_of_the_definition(diabetes):
    model, X, _ = made(quantile, diabetes, 3)
    ours = model.intervals(X)
    order = np.random.default_rng(3).permutation(442)[:300]
    table, truth = diabetes[0].iloc[order], diabetes[1].iloc[order]
    ends = []
    for share in (0.05, 0.95):
        one = make_pipeline(StandardScaler(), QuantileRegressor(alpha=0, quantile=share))
        ends.append(one.fit(table.iloc[model.fitted_rows], truth.iloc[model.fitted_rows]))
    held, own = table.iloc[model.scored_rows], truth.iloc[model.scored_rows]
    errors = np.sort(np.maximum(ends[0].predict(held) - own, own - ends[1].predict(held)))
    width = errors[int(np.ceil((len(own) + 1) * 0.9)) - 1]
    assert_allclose(ours.low, ends[0].predict(X) - width, rtol=1e-9)
    assert_allclose(ours.high, ends[1].predict(X) + width, rtol=1e-9)


def test_calibration_patients_were_not_fitted_on(diabetes):
    X, y = diabetes
    patients = np.arange(442) // 3
    model = quantile_intervals(QUANTILE, X, y, groups=patients, level=0.8, seed=1)
    assert not set(patients[model.fitted_rows]) & set(patients[model.scored_rows])


def test_copies_of_a_patient_s_row_do_not_narrow_the_intervals(rng):
    X = pd.DataFrame({"x0": np.repeat(np.arange(40.0), 5)})
    y, patients = np.repeat(rng.normal(size=40), 5), np.repeat(np.arange(40), 5)
    # A nearest neighbour knows the outcome of a copy: split by row, its errors would be nil.
    nearest = KNeighborsRegressor(1)
    model = cross_intervals(nearest, X, y, groups=patients, level=0.9, seed=0)
    found = model.intervals(X[::5])
    assert np.median(found.high - found.low) > 2


@pytest.mark.parametrize("method", [cross, quantile])
def test_one_row_gets_the_interval_it_gets_among_many(method, diabetes):
    model, X, _ = made(method, diabetes, 0)
    together, alone = model.intervals(X), model.intervals(X.iloc[[7]])
    assert_allclose([alone.low[0], alone.high[0]], [together.low[7], together.high[7]], rtol=1e-12)


@pytest.mark.parametrize("n", [5, 9])
def test_too_few_rows_give_infinite_intervals_and_say_why(n, rng):
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    y = rng.normal(size=n)
    for found in (
        cross_intervals(RIDGE, X, y, groups=np.arange(n), level=0.9, n_folds=3, seed=0),
        quantile_intervals(QUANTILE, X, y, groups=np.arange(n), level=0.9, seed=0),
    ):
        answer = found.intervals(X)
        assert np.isinf(answer.low).all() and np.isinf(answer.high).all()
        assert answer.note.startswith(TOO_SMALL)


@pytest.mark.parametrize("level", [0.7, 0.8, 0.9, 0.95])
def test_just_enough_rows_give_finite_intervals(level, rng):
    n = rows_needed(level)
    X = pd.DataFrame(rng.normal(size=(3 * n, 2)), columns=["a", "b"])
    y = rng.normal(size=3 * n)
    groups = np.arange(3 * n)
    few = cross_intervals(RIDGE, X[:n], y[:n], groups=groups[:n], level=level, n_folds=3, seed=0)
    third = quantile_intervals(QUANTILE, X, y, groups=groups, level=level, seed=0)
    assert np.isfinite(few.intervals(X).low).all()
    assert np.isfinite(third.intervals(X).low).all()


def test_ends_that_cross_are_put_in_order_and_counted(diabetes):
    model, X, _ = made(quantile, diabetes, 0, level=0.05)
    found = model.intervals(X)
    assert (found.low <= found.high).all()
    assert "crossed and were swapped" in found.note


def test_logging_is_left_alone(diabetes):
    model, X, _ = made(quantile, diabetes, 0, level=0.05)
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    model.intervals(X)
    assert (root.level, list(root.handlers)) == before


def test_the_estimator_that_was_given_stays_unfitted(diabetes):
    made(cross, diabetes, 0)
    assert not hasattr(RIDGE[0], "mean_")


def test_held_out_rows_cannot_change_what_was_fitted(diabetes):
    X, y = diabetes
    first = quantile_intervals(QUANTILE, X, y, groups=np.arange(442), level=0.9, seed=0)
    spoilt, other = X.copy(), y.copy()
    spoilt.iloc[first.scored_rows] = 1e6
    other.iloc[first.scored_rows] = -1e6
    second = quantile_intervals(QUANTILE, spoilt, other, groups=np.arange(442), level=0.9, seed=0)
    assert_array_equal(first.regressor.predict(X), second.regressor.predict(X))


def test_fewer_patients_than_folds_are_refused(diabetes):
    X, y = diabetes
    with pytest.raises(InputError, match="3 patients cannot fill 5 folds; use at most 3"):
        cross_intervals(RIDGE, X, y, groups=np.arange(442) % 3, level=0.9, seed=0)


def test_an_end_point_that_is_missing_is_refused(diabetes):
    X, y = diabetes
    with pytest.raises(InputError, match="of 1 rows is missing"):
        cross_intervals(RIDGE, X, y.mask(y.index == 0), groups=y.index, level=0.9, seed=0)


def test_a_level_in_per_cent_is_refused(diabetes):
    X, y = diabetes
    with pytest.raises(SettingsError, match="between 0 and 1"):
        quantile_intervals(QUANTILE, X, y, groups=y.index, level=90, seed=0)
