"""One call tunes, calibrates, conformalises and refits; shared work changes nothing."""

from importlib import import_module

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from radpred.cohort.split import outer_folds
from radpred.errors import InputError
from radpred.model import CANDIDATES, RECIPES, Search, chain, fit, fit_sigmoid, grid
from radpred.model.calibrators import forward
from radpred.model.fit import inner_folds
from radpred.model.prune import pruned
from radpred.model.recipes import columns_taken
from radpred.model.score import score_chain

from .conftest import SEARCH


def inner_splits(table):
    """Return the inner folds of the made table."""
    _, y, groups = table
    return outer_folds(y, groups, n_folds=3, repeats=1, seed=SEARCH.seed)


def whole_chain(name, params):
    """Return the unfitted chain that ``fit`` should be equal to."""
    return chain(name, params, correlation_limit=SEARCH.correlation_limit, seed=SEARCH.seed)


def test_the_fit_equals_a_clone_of_the_whole_chain_on_all_rows(fitted, table):
    X, y, _ = table
    whole = whole_chain(fitted.model, fitted.params).fit(X.loc[:, list(fitted.columns)], y)
    assert np.array_equal(fitted.score(X), score_chain(whole, X))


def test_each_fold_equals_a_clone_of_the_whole_chain_on_its_rows(fitted, table):
    X, y, _ = table
    for fold, split in zip(fitted.conformal.folds, inner_splits(table), strict=True):
        train = X.iloc[split.train].loc[:, list(fitted.columns)]
        whole = whole_chain(fitted.model, fitted.params).fit(train, y[split.train])
        assert np.array_equal(score_chain(fold.chain, X), score_chain(whole, X))


@pytest.mark.parametrize("name", RECIPES)
def test_the_picked_parameters_win_a_plain_search(name, table, all_fitted):
    X, y, _ = table
    X = X.loc[:, list(columns_taken(name, X.columns))]
    areas = []
    for params in grid(name, n_features=SEARCH.n_features):
        by_fold = []
        for split in inner_splits(table):
            whole = whole_chain(name, params).fit(X.iloc[split.train], y[split.train])
            held_out = score_chain(whole, X.iloc[split.test])
            by_fold.append(roc_auc_score(y[split.test], held_out))
        areas.append(np.mean(by_fold))
    assert all_fitted[name].inner_score == pytest.approx(max(areas), abs=1e-12)
    first_best = int(np.argmax(np.array(areas) > max(areas) - 1e-12))
    assert all_fitted[name].params == grid(name, n_features=SEARCH.n_features)[first_best]


def test_the_calibrator_is_platts_on_the_scores_of_held_out_rows(fitted, table):
    X, y, _ = table
    scores, outcomes = [], []
    for fold in fitted.conformal.folds:
        scores.append(score_chain(fold.chain, X.iloc[fold.scored_rows]))
        outcomes.append(y[fold.scored_rows])
    held_out = np.concatenate(outcomes)
    assert fitted.calibrator == forward(fit_sigmoid(np.concatenate(scores), held_out), held_out)


def test_log_odds_are_the_calibrated_score_and_probability_their_logistic(fitted, table):
    X = table[0]
    line = fitted.calibrator.slope * fitted.score(X) + fitted.calibrator.intercept
    assert np.array_equal(fitted.log_odds(X), line)
    np.testing.assert_allclose(fitted.probability(X), 1 / (1 + np.exp(-line)), rtol=1e-12)


def test_one_model_alone_equals_the_same_among_others(fitted, table):
    X, y, groups = table
    alone = fit(fitted.model, X, y, groups=groups, search=SEARCH)
    assert joblib.hash(alone) == joblib.hash(fitted)


@pytest.mark.parametrize("name", RECIPES)
def test_the_order_of_rows_does_not_matter(name, table, all_fitted, rng):
    X, y, groups = table
    order = rng.permutation(len(X))
    shuffled = fit(name, X.iloc[order], y[order], groups=groups[order], search=SEARCH)
    assert joblib.hash(shuffled) == joblib.hash(all_fitted[name])


def test_series_are_matched_by_case(table, all_fitted, rng):
    X, y, groups = table
    order = rng.permutation(len(X))
    outcome = pd.Series(y, index=X.index).iloc[order]
    patients = pd.Series(groups, index=X.index).iloc[order[::-1]]
    again = fit("volume", X, outcome, groups=patients, search=SEARCH)
    assert joblib.hash(again) == joblib.hash(all_fitted["volume"])


def test_the_chain_knows_only_the_columns_that_reach_the_model(fitted, table):
    if fitted.model == "naive":
        assert fitted.chain["nothing"].kept_ == []
        return
    reached = fitted.chain[:-1].get_feature_names_out()
    sources = set(fitted.chain["impute"].sources().values())
    assert set(fitted.chain["impute"].feature_names_in_) == sources
    assert len(reached) == fitted.chain["model"].n_features_in_
    assert fitted.score(table[0][sorted(sources)]).shape == (len(table[0]),)


def test_pruning_changes_no_score(table):
    X, y, _ = table
    for name in CANDIDATES:
        whole = chain(name, {"n_features": 6}).fit(X, y)
        assert np.array_equal(score_chain(pruned(whole), X), score_chain(whole, X))


def test_columns_are_all_that_were_offered(table, all_fitted):
    assert all_fitted["svm"].columns == tuple(table[0].columns.drop("site"))
    assert all_fitted["volume"].columns == ("tumour__original_shape_MeshVolume",)


def test_how_many_columns_each_step_left_is_noted(all_fitted, table):
    left = all_fitted["svm"].n_columns
    assert list(left) == ["impute", "scale", "constant", "redundancy", "relevance"]
    # One feature is never measured, the site is not looked at; two columns and the words have
    # flags, the words are three.
    assert left["impute"] == table[0].shape[1] - 2 + 3 + 2
    assert left["constant"] > left["redundancy"] > left["relevance"]
    assert left["relevance"] == all_fitted["svm"].params["n_features"]


def test_a_case_without_a_needed_column_is_refused(all_fitted, table):
    needed = all_fitted["svm"].chain["impute"].feature_names_in_[0]
    with pytest.raises(InputError, match=f"absent, first \\['{needed}'\\]"):
        all_fitted["svm"].score(table[0].drop(columns=needed))


def test_a_fitted_model_comes_back_from_skops_with_the_same_answers(fitted, table):
    data = skops.io.dumps(fitted)
    types = skops.io.get_untrusted_types(data=data)
    again = skops.io.loads(data, trusted=types)
    assert isinstance(again.chain, Pipeline)
    assert np.array_equal(again.score(table[0]), fitted.score(table[0]))
    assert np.array_equal(again.p_values(table[0]), fitted.p_values(table[0]))


def test_fewer_inner_folds_are_used_where_events_are_few(table):
    X, y, _ = table
    few = np.flatnonzero((y == 0) | (np.cumsum(y) <= 3))
    fitted = fit("volume", X.iloc[few], y[few], groups=few, search=Search(n_inner_folds=5))
    assert len(fitted.conformal.folds) == 3
    assert fitted.notes[0] == "3 inner folds instead of 5: 3 events in 3 patients"


def test_folds_that_cannot_be_drawn_are_lowered_too(table, monkeypatch):
    _, y, groups = table

    def refuse_many(y, groups, *, n_folds, **options):
        if n_folds > 3:
            raise InputError("no draw")
        return outer_folds(y, groups, n_folds=n_folds, **options)

    monkeypatch.setattr(import_module("radpred.model.fit"), "outer_folds", refuse_many)
    splits, notes = inner_folds(y, groups, search=Search(n_inner_folds=5))
    assert len(splits) == 3
    assert notes == ("3 inner folds instead of 5: 24 events in 18 patients",)


def test_a_single_patient_with_events_is_refused(table):
    X, _, groups = table
    y = (groups == groups[0]).astype(int)
    with pytest.raises(InputError, match="2 events in 1 patients"):
        fit("volume", X, y, groups=groups, search=SEARCH)


def test_a_backward_model_says_so_and_answers_with_the_prevalence(table):
    # Held out, the volume of each half speaks for what it speaks against in the other.
    X, y, _ = table
    X, y = X.iloc[:40].copy(), y[:40]
    groups = np.arange(40).astype(str)
    splits = outer_folds(y, groups, n_folds=2, repeats=1, seed=0)
    sign = np.ones(40)
    sign[splits[0].test] = -1
    X["tumour__original_shape_MeshVolume"] = np.exp(sign * (2 * y - 1) + 0.1 * np.arange(40) % 1)
    fitted = fit("volume", X, y, groups=groups, search=Search(n_inner_folds=2))
    assert fitted.calibrator.slope == 0
    assert "calibrated to the prevalence" in fitted.notes[0]
    assert fitted.probability(X) == pytest.approx(y.mean(), abs=0.03)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda X, y, g: (pd.concat([X, X.iloc[:1]]), y, g), "1 cases occur twice"),
        (lambda X, y, g: (pd.concat([X, X.iloc[:, :1]], axis=1), y, g), "1 columns occur twice"),
        (lambda X, y, g: (X, y + 1, g), "must be 0 or 1"),
        (lambda X, y, g: (X, pd.Series(y[1:], index=X.index[1:]), g), "1 cases have no outcome"),
        (lambda X, y, g: (X, y, g[1:]), "one patient each"),
        (lambda X, y, g: (X, np.where(y == 1, np.nan, 0), g), "gaps"),
    ],
)
def test_rows_that_do_not_match_are_refused(change, said, table):
    X, y, groups = change(*table)
    with pytest.raises(InputError, match=said):
        fit("volume", X, y, groups=groups, search=SEARCH)


def test_clone_of_the_fitted_chain_is_unfitted(all_fitted):
    assert not hasattr(clone(all_fitted["svm"].chain)["impute"], "medians_")
