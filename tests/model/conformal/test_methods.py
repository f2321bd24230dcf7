"""Split, cross and leave-one-out, against their definitions, their promise and their store."""

import json

import numpy as np
import pandas as pd
import pytest
from crepes import WrapClassifier
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.errors import InputError, LeakageError, SettingsError
from radpred.model.conformal import (
    METHODS,
    TAXONOMIES,
    UNSTABLE,
    calibration_fold,
    conformal_of,
    conformal_splits,
    conformalise,
    nonconformity,
    prediction_set,
    state_of,
)
from radpred.model.score import score_chain


def chain():
    """Return a chain that learns in two steps and hands tables on."""
    return make_pipeline(StandardScaler(), LogisticRegression()).set_output(transform="pandas")


def table(rng, n, *, p=3, strength=0.7):
    """Return features, outcomes and patients; every third patient has two rows."""
    y = rng.permutation(np.arange(n) % 2)
    X = pd.DataFrame(rng.normal(size=(n, p)) + strength * y[:, None])
    return X.rename(columns=lambda i: f"x{i}"), y, np.arange(n)


@pytest.fixture
def cohort(rng):
    """Return 60 rows, sites, and 20 new rows."""
    X, y, groups = table(rng, 60)
    return X, y, groups, np.where(np.arange(60) % 3, "A", "B"), table(rng, 20)[0]


@pytest.mark.parametrize("method", METHODS)
def test_no_patient_is_fitted_on_and_calibrates(method, rng):
    groups = np.arange(40) // 2
    y = rng.permutation(np.arange(20) % 2)[groups]
    for split in conformal_splits(method, y, groups, seed=0):
        assert not set(groups[split.train]) & set(groups[split.test])


@pytest.mark.parametrize(("method", "n_chains"), [("split", 1), ("cross", 5)])
def test_split_has_one_chain_and_cross_one_for_each_part(method, n_chains, cohort):
    _, y, groups, _, _ = cohort
    assert len(conformal_splits(method, y, groups, n_folds=5, seed=0)) == n_chains


def test_leave_one_out_leaves_out_one_patient_and_every_patient_once():
    groups = np.array(["b", "a", "a", "c", "d", "b"])
    splits = conformal_splits("leave_one_out", [0, 1, 1, 0, 1, 0], groups, seed=0)
    assert [set(groups[split.test]) for split in splits] == [{"a"}, {"b"}, {"c"}, {"d"}]
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(6))


def test_split_p_values_equal_crepes(cohort):
    X, y, groups, _, new = cohort
    splits = conformal_splits("split", y, groups, n_folds=3, seed=0)
    ours = conformalise(chain(), X, y, groups=groups, splits=splits)
    fitted, held = splits[0].train, splits[0].test
    theirs = WrapClassifier(chain().fit(X.iloc[fitted], y[fitted]))
    theirs.calibrate(X.iloc[held], y[held], class_cond=True)
    assert_allclose(ours.p_values(new), theirs.predict_p(new, smoothing=False), atol=1e-12)


def test_leave_one_out_p_values_equal_their_definition(cohort):
    X, y, groups, _, new = cohort
    splits = conformal_splits("leave_one_out", y, groups, seed=0)
    ours = conformalise(chain(), X, y, groups=groups, splits=splits).p_values(new)
    counts = np.zeros((20, 2))
    for i in range(60):
        rest = np.arange(60) != i
        one = chain().fit(X[rest], y[rest])
        own = nonconformity(score_chain(one, X.iloc[[i]]), outcome=y[i])
        counts[:, y[i]] += own >= nonconformity(score_chain(one, new), outcome=y[i])
    assert_array_equal(ours, (1 + counts) / (1 + np.bincount(y)))


@pytest.mark.parametrize("method", ["split", "cross"])
def test_every_method_covers_each_class_as_often_as_promised(method):
    rng = np.random.default_rng(8)
    held = []
    for _ in range(25):
        X, y, groups = table(rng, 60)
        new, truth, _ = table(rng, 200)
        splits = conformal_splits(method, y, groups, n_folds=3, seed=0)
        p = conformalise(chain(), X, y, groups=groups, splits=splits).p_values(new)
        sets = prediction_set(p, level=0.8)
        held.append([sets[truth == c, c].mean() for c in (0, 1)])
    assert (np.mean(held, axis=0) >= 0.8 - 2 * np.std(held, axis=0) / 5).all()


def test_leave_one_out_covers_each_class_as_often_as_promised():
    rng = np.random.default_rng(5)
    held = []
    for _ in range(12):
        X, y, groups = table(rng, 30)
        new, truth, _ = table(rng, 200)
        splits = conformal_splits("leave_one_out", y, groups, seed=0)
        p = conformalise(chain(), X, y, groups=groups, splits=splits).p_values(new)
        sets = prediction_set(p, level=0.8)
        held.append([sets[truth == c, c].mean() for c in (0, 1)])
    assert (np.mean(held, axis=0) >= 0.8 - 2 * np.std(held, axis=0) / np.sqrt(12)).all()


def test_the_cautious_view_only_enlarges_sets(cohort):
    X, y, groups, _, new = cohort
    splits = conformal_splits("cross", y, groups, seed=0)
    conformal = conformalise(chain(), X, y, groups=groups, splits=splits)
    cautious = conformal.answers(new, cautious=True).p_values
    assert (cautious >= conformal.p_values(new)).all()


def test_split_sets_have_nothing_to_be_unstable_about(cohort):
    X, y, groups, _, new = cohort
    splits = conformal_splits("split", y, groups, seed=0)
    conformal = conformalise(chain(), X, y, groups=groups, splits=splits)
    assert conformal.unstable_share(new, level=0.8) == 0


@pytest.mark.parametrize(("p", "strength", "is_unstable"), [(3, 0.7, False), (38, 0.2, True)])
def test_a_fit_that_hangs_on_single_patients_is_called_unstable(p, strength, is_unstable):
    rng = np.random.default_rng(1)
    X, y, groups = table(rng, 40, p=p, strength=strength)
    new = table(rng, 60, p=p, strength=strength)[0]
    splits = conformal_splits("leave_one_out", y, groups, seed=0)
    conformal = conformalise(chain(), X, y, groups=groups, splits=splits)
    assert (conformal.unstable_share(new, level=0.8) > UNSTABLE) == is_unstable


def test_a_forest_s_shares_are_compared_around_one_half(rng):
    X, y, groups = table(rng, 60)
    forest = make_pipeline(StandardScaler(), RandomForestClassifier(20, random_state=0))
    conformal = conformalise(
        forest.set_output(transform="pandas"),
        X,
        y,
        groups=groups,
        splits=conformal_splits("split", y, groups, n_folds=2, seed=0),
        taxonomy="marginal",
    )
    fold = conformal.folds[0]
    share = score_chain(fold.chain, X.iloc[fold.scored_rows])
    expected = np.where(y[fold.scored_rows] == 1, 1 - share, share) - 0.5
    assert_allclose(np.sort(fold.rows.strangeness), np.sort(expected), atol=1e-12)


def test_sites_stay_with_their_rows(cohort):
    X, y, groups, site, _ = cohort
    splits = conformal_splits("cross", y, groups, seed=0)
    conformal = conformalise(
        chain(), X, y, groups=groups, splits=splits, strata=site, taxonomy="group_class"
    )
    sizes = conformal.cell_sizes()
    for name in ("A", "B"):
        for outcome in (0, 1):
            expected = int(((site == name) & (y == outcome)).sum())
            assert sizes[f"group={name}, class={outcome}"] == expected


@pytest.mark.parametrize("taxonomy", TAXONOMIES)
def test_what_is_stored_answers_as_before_to_the_last_bit(taxonomy, cohort):
    X, y, groups, site, new = cohort
    splits = conformal_splits("cross", y, groups, seed=0)
    conformal = conformalise(
        chain(), X, y, groups=groups, splits=splits, strata=site, taxonomy=taxonomy
    )
    state = json.loads(json.dumps(state_of(conformal)))
    again = conformal_of(state, [fold.chain for fold in conformal.folds])
    strata = np.resize(["A", "B", "C"], 20)
    first, second = (one.answers(new, strata=strata, level=0.8) for one in (conformal, again))
    assert_array_equal(first.p_values, second.p_values)
    assert_array_equal(first.cell, second.cell)


def test_cells_by_class_without_sites_are_stored_as_they_always_were(cohort):
    X, y, groups, _, _ = cohort
    splits = conformal_splits("cross", y, groups, seed=0)
    state = state_of(conformalise(chain(), X, y, groups=groups, splits=splits))
    assert list(state) == ["folds"]
    assert all(
        list(fold) == ["strangeness", "fitted_rows", "scored_rows"] for fold in state["folds"]
    )


def test_the_chain_that_was_given_stays_unfitted(cohort):
    X, y, groups, _, _ = cohort
    given = chain()
    conformalise(given, X, y, groups=groups, splits=conformal_splits("split", y, groups, seed=0))
    assert not hasattr(given[0], "mean_")


def test_rows_that_were_fitted_on_cannot_calibrate():
    with pytest.raises(LeakageError, match="1 calibration rows were also fitted on, first"):
        calibration_fold(
            chain(),
            np.zeros(2),
            np.array([0, 1]),
            fitted_rows=np.array([0, 1, 2]),
            scored_rows=np.array([2, 3]),
        )


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="1 scores are missing or infinite"):
        calibration_fold(
            chain(),
            np.array([0.0, np.nan]),
            np.array([0, 1]),
            fitted_rows=np.array([0]),
            scored_rows=np.array([2, 3]),
        )


def test_leaving_out_the_only_event_is_refused():
    X = pd.DataFrame({"x0": [0.0, 1.0, 2.0]})
    y, groups = np.array([0, 0, 1]), np.arange(3)
    splits = conformal_splits("leave_one_out", y, groups, seed=0)
    with pytest.raises(InputError, match="one outcome only"):
        conformalise(chain(), X, y, groups=groups, splits=splits)


def test_an_unknown_method_is_refused():
    with pytest.raises(SettingsError, match="choose one of split, cross, leave_one_out"):
        conformal_splits("jackknife", [0, 1], ["a", "b"], seed=0)
