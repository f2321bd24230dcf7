"""A model for each block: weights from held-out rows only, answers that add up."""

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.errors import InputError
from radpred.model.fusion import LateFusion, blocks_of, combine
from radpred.model.labels import CaseLabels
from radpred.model.recipes import chain
from radpred.model.rows import cohort_of
from radpred.model.score import score_chain
from radpred.model.weights import fit_rows, takes_weights, without_weights


def fusion(blocks, make_chain, **given):
    return LateFusion(blocks, make_chain, n_inner_folds=3, **given)


@pytest.fixture(scope="module")
def fused(table, blocks, make_chain):
    """Return a fitted model."""
    return fusion(blocks, make_chain).fit(table.X, table.y, groups=table.groups)


# What it is fitted on


def test_every_score_that_weighs_a_block_comes_from_a_chain_that_did_not_see_the_row(
    fused, table, blocks, make_chain
):
    for fold in fused.folds_:
        for place, (name, columns) in enumerate(blocks.items()):
            own = table.X[list(columns)]
            chain = make_chain(name).fit(own.iloc[fold.train], table.y[fold.train])
            scores = score_chain(chain, own.iloc[fold.test])
            assert np.array_equal(fused.held_out_[fold.test, place], scores)


def test_no_patient_is_on_both_sides_of_an_inner_fold(fused, table):
    for fold in fused.folds_:
        assert not set(table.groups[fold.train]) & set(table.groups[fold.test])
    assert sorted(np.concatenate([fold.test for fold in fused.folds_])) == list(range(100))


def test_weights_are_those_of_the_held_out_scores(fused, table):
    assert list(fused.slopes_.values()) == combine(fused.held_out_, table.y).slopes.tolist()


def test_the_chains_that_answer_are_fitted_on_all_rows(fused, table, blocks, make_chain):
    own = table.X[list(blocks["ring"])]
    again = make_chain("ring").fit(own, table.y)
    assert np.array_equal(fused.chains_["ring"][-1].coef_, again[-1].coef_)


def test_spoiling_rows_that_are_not_fitted_changes_no_bit(table, blocks, spoil, make_chain):
    train, test = np.arange(70), np.arange(70, 100)
    X, y = spoil(table, test)
    clean, blind = (
        fusion(blocks, make_chain).fit(X.iloc[train], y[train], groups=table.groups[train])
        for X, y in ((table.X, table.y), (X, y))
    )
    new = table.X.iloc[test]
    assert joblib.hash(blind.held_out_) == joblib.hash(clean.held_out_)
    assert (blind.slopes_, blind.intercept_) == (clean.slopes_, clean.intercept_)
    assert np.array_equal(blind.decision_function(new), clean.decision_function(new))


def test_weights_of_training_scores_would_have_trusted_noise(make_table, make_chain):
    X, y, groups = make_table(100, 600, seed=2, clinical=0.6)
    blocks = {name: held for name, held in blocks_of(X.columns, "region").items() if name != "ring"}
    fused = fusion(blocks, make_chain).fit(X, y, groups=groups)
    peeked = combine(fused.block_scores(X), y)
    share = fused.weights_["tumour"] / sum(fused.weights_.values())
    assert peeked.weights[0] / peeked.weights.sum() > share + 0.2


@pytest.mark.parametrize("method", ["logistic", "mean"])
def test_noise_scores_chance_and_says_little_more_than_half(make_table, make_chain, method):
    found = []
    for seed in range(4):
        X, y, groups = make_table(80, 300, seed=seed)
        new = make_table(300, 300, seed=seed + 100)
        fused = fusion(blocks_of(X.columns, "region"), make_chain, method=method)
        p = fused.fit(X, y, groups=groups).predict_proba(new.X)[:, 1]
        found.append((roc_auc_score(new.y, p), log_loss(new.y, p)))
    area, loss = np.mean(found, axis=0)
    assert abs(area - 0.5) < 0.1
    assert loss < 0.75


@pytest.mark.parametrize("method", ["logistic", "mean"])
def test_the_clinic_is_not_drowned_by_textures_of_noise(make_table, make_chain, method):
    gains = []
    for seed in (5, 7, 9):
        X, y, groups = make_table(100, 1000, seed=seed, clinical=0.5)
        new = make_table(300, 1000, seed=seed + 1, clinical=0.5)
        fused = fusion(blocks_of(X.columns, "region"), make_chain, method=method)
        models = fused.fit(X, y, groups=groups), make_chain("all").fit(X, y)
        gains.append([roc_auc_score(new.y, model.decision_function(new.X)) for model in models])
    late, joined = np.mean(gains, axis=0)
    assert late > joined + 0.05


# Its answers


def test_one_row_gives_the_answer_of_all(fused, table):
    alone = [fused.predict_proba(table.X.iloc[[i]])[0] for i in range(40)]
    assert np.array_equal(alone, fused.predict_proba(table.X)[:40])


def test_what_blocks_add_is_the_log_odds(fused, table):
    total = fused.block_log_odds(table.X).sum(axis=1) + fused.intercept_
    assert total.to_numpy() == pytest.approx(fused.decision_function(table.X), abs=1e-12)


def test_slopes_times_shap_values_of_the_blocks_add_up_to_the_log_odds(fused, table, blocks):
    shap_values = pytest.importorskip("radpred.explain.shap_values")
    total = np.full(100, fused.intercept_)
    for name, slope in fused.slopes_.items():
        chain = fused.chains_[name]
        rows = chain[:-1].transform(table.X[list(blocks[name])])
        values, base = shap_values.contributions_of(chain[-1], rows)
        total += slope * (values.sum(axis=1) + base)
    assert total == pytest.approx(fused.decision_function(table.X), abs=1e-9)


def test_no_weight_is_negative(fused):
    assert min(fused.weights_.values()) >= 0


def test_order_and_further_columns_do_not_matter(fused, table, rng):
    shuffled = table.X[rng.permutation(table.X.columns)].assign(extra="x")
    assert np.array_equal(fused.decision_function(shuffled), fused.decision_function(table.X))


@pytest.mark.parametrize("name", ["elastic_net", "svm", "random_forest", "xgboost"])
def test_any_recipe_is_a_chain_for_a_block(name, table, blocks):
    blocks = {key: blocks[key] for key in ("tumour", "ring")}
    made = LateFusion(blocks, lambda block: chain(name, {"n_features": 5}), n_inner_folds=2)
    fused = made.fit(table.X, table.y, groups=table.groups)
    assert roc_auc_score(table.y, fused.decision_function(table.X)) > 0.7


def test_a_chain_that_is_no_factory_is_copied_for_each_block(table, blocks):
    numbers = {"tumour": blocks["tumour"][:3], "clinic": blocks["clinical"][:4]}
    X = table.X.fillna(0.0, inplace=False).infer_objects()
    one = make_pipeline(StandardScaler(), KNeighborsClassifier())
    fused = LateFusion(numbers, one, n_inner_folds=2).fit(X, table.y, groups=table.groups)
    assert set(fused.chains_) == {"tumour", "clinic"}
    assert not hasattr(one[-1], "classes_")


# scikit-learn's ways


def test_patients_are_routed_by_scikit_learn(table, blocks, make_chain):
    with sklearn.config_context(enable_metadata_routing=True):
        model = fusion(blocks, make_chain).set_fit_request(groups=True)
        p = cross_val_predict(
            model,
            table.X,
            table.y,
            cv=GroupKFold(3),
            params={"groups": table.groups},
            method="predict_proba",
        )
    assert roc_auc_score(table.y, p[:, 1]) > 0.7


def test_patients_can_be_known_by_case(table, blocks, make_chain, fused):
    known = CaseLabels(dict(zip(table.X.index, table.groups, strict=True)))
    again = clone(fusion(blocks, make_chain, patients=known)).fit(table.X, table.y)
    assert again.slopes_ == fused.slopes_


def test_rows_of_no_known_patient_are_refused(table, blocks, make_chain):
    with pytest.raises(InputError) as caught:
        fusion(blocks, make_chain).fit(table.X, table.y)
    assert caught.value.code == "no_labels"


def test_patients_without_a_name_are_refused(table, blocks, make_chain):
    groups = np.where(np.arange(100) < 3, "", table.groups)
    with pytest.raises(InputError, match="3 of 100 rows are of no known patient"):
        fusion(blocks, make_chain).fit(table.X, table.y, groups=groups)


def test_few_events_lower_the_number_of_folds(table, blocks, make_chain):
    rows = np.r_[np.flatnonzero(table.y == 0), np.flatnonzero(table.y == 1)[:4]]
    fused = LateFusion(blocks, make_chain, n_inner_folds=20)
    fused.fit(table.X.iloc[rows], table.y[rows], groups=rows)
    assert len(fused.folds_) == 4


def test_more_than_two_classes_are_refused(table, blocks, make_chain):
    with pytest.raises(InputError, match="use early fusion") as caught:
        fusion(blocks, make_chain).fit(table.X, np.arange(100) % 3, groups=table.groups)
    assert caught.value.code == "bad_outcome"


def test_error_of_a_block_names_it(table, blocks, make_chain):
    X = table.X.copy()
    X[list(blocks["ring"])] = 1.0
    with pytest.raises(InputError, match="block ring: none of"):
        fusion(blocks, make_chain).fit(X, table.y, groups=table.groups)


# Soft labels


def test_soft_labels_weigh_in_the_chains_and_in_the_weights(table, blocks, make_chain):
    chance = np.where(np.arange(100) % 5 == 0, np.where(table.y == 1, 0.6, 0.4), table.y)
    cohort = cohort_of(table.X, table.y, table.groups, event_probability=chance)
    model = fusion(blocks, make_chain)
    fused = fit_rows(model, cohort.training(np.arange(100)))
    assert takes_weights(model) and without_weights(model) == ()
    assert len(fused.held_out_) == 120
    dropped = fit_rows(model, cohort.training(np.flatnonzero(cohort.is_certain)))
    assert fused.slopes_ != dropped.slopes_


def test_both_rows_of_a_soft_label_are_in_one_fold(table, blocks, make_chain):
    chance = np.where(np.arange(100) % 5 == 0, 0.5, table.y)
    cohort = cohort_of(table.X, table.y, table.groups, event_probability=chance)
    rows = cohort.training(np.arange(100))
    fused = fit_rows(fusion(blocks, make_chain), rows)
    for fold in fused.folds_:
        assert not set(rows.X.index[fold.train]) & set(rows.X.index[fold.test])


def test_certain_rows_give_the_same_model_with_and_without_weights(table, blocks, make_chain):
    model = fusion(blocks, make_chain)
    plain = clone(model).fit(table.X, table.y, groups=table.groups)
    weighted = clone(model).fit(table.X, table.y, groups=table.groups, sample_weight=np.ones(100))
    assert weighted.slopes_ == plain.slopes_


def test_arrays_without_names_do(rng):
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    X[:, 0] += y
    model = LateFusion({"a": ["x0", "x1"], "b": ["x2", "x3"]}, LogisticRegression())
    fused = model.fit(X, y, groups=np.arange(60))
    assert isinstance(fused.block_scores(X), pd.DataFrame)
    assert fused.predict(X).shape == (60,)
