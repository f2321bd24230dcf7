"""Blocks joined before the model: bounded, blind to held-out rows, the same for one row."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline

from radpred.errors import InputError, SettingsError
from radpred.model.fusion import EarlyFusion, blocks_of
from radpred.model.preparation import DropConstant, Impute, Standardise
from radpred.model.prune import pruned
from radpred.model.score import score_chain
from radpred.model.selection.univariate import KeepUnivariate

LINE = LogisticRegression(C=0.1)
BOUNDS = {"tumour": 3, "ring": 2, "clinical": 5}


@pytest.fixture(scope="module")
def fused(table, blocks):
    """Return fitted blocks."""
    return EarlyFusion(blocks, n_features=BOUNDS).fit(table.X, table.y)


def test_no_block_keeps_more_columns_than_its_bound(fused):
    assert {name: len(kept) for name, kept in fused.kept_.items()} == BOUNDS


def test_what_comes_out_is_called_as_it_says(fused, table):
    out = fused.transform(table.X)
    assert list(out.columns) == list(fused.get_feature_names_out())
    assert out.shape == (100, 10)


def test_each_block_is_what_its_own_steps_make_of_it(fused, table, blocks):
    ring = table.X[list(blocks["ring"])]
    alone = fused.choices_["ring"].transform(fused.preparations_["ring"].transform(ring))
    assert np.array_equal(fused.transform(table.X)[fused.kept_["ring"]], alone)


def test_a_thousand_textures_of_noise_do_not_drown_the_clinic(make_table):
    X, y, _ = make_table(100, 1000, seed=3, clinical=1.0)
    fused = EarlyFusion(blocks_of(X.columns, "region"), n_features=5).fit(X, y)
    assert len(fused.kept_["clinical"]) == 5


def test_the_columns_that_each_was_made_from_are_known(fused):
    sources = fused.sources()
    assert sources["clinical__grade=low"] == "clinical__grade"
    assert set(sources) == set(fused.get_feature_names_out())


def test_one_row_gives_the_answer_of_all(fused, table):
    alone = pd.concat([fused.transform(table.X.iloc[[i]]) for i in range(30)])
    pd.testing.assert_frame_equal(alone, fused.transform(table.X).iloc[:30], check_exact=True)


def test_spoiling_rows_that_are_not_fitted_changes_no_bit(table, blocks, spoil):
    train, test = np.arange(70), np.arange(70, 100)
    X, y = spoil(table, test)
    clean = EarlyFusion(blocks, n_features=3).fit(table.X.iloc[train], table.y[train])
    blind = EarlyFusion(blocks, n_features=3).fit(X.iloc[train], y[train])
    assert joblib.hash(vars(blind)) == joblib.hash(vars(clean))


def test_a_pruned_chain_gives_the_same_answers_and_forgets_the_rest(table, blocks):
    chain = Pipeline([("fusion", EarlyFusion(blocks, n_features=3)), ("model", LINE)])
    chain.fit(table.X, table.y)
    small = pruned(chain)
    assert np.array_equal(score_chain(small, table.X), score_chain(chain, table.X))
    assert small[0].n_features_in_ <= 9


def test_what_is_restricted_keeps_the_columns_that_are_named(fused, table):
    some = [fused.kept_["ring"][0], fused.kept_["clinical"][1]]
    narrow = fused.restricted_to(some)
    assert list(narrow.transform(table.X).columns) == some
    assert list(narrow.blocks) == ["ring", "clinical"]


def test_a_factory_gives_each_block_steps_of_its_own(table, blocks):
    def steps(name):
        return make_pipeline(Impute(), *([] if name == "clinical" else [Standardise()]))

    fused = EarlyFusion(blocks, preparation=steps).fit(table.X, table.y)
    assert len(fused.preparations_["clinical"]) == 1
    assert len(fused.preparations_["ring"]) == 2


def test_columns_can_be_chosen_otherwise(table, blocks):
    fused = EarlyFusion(blocks, choice=KeepUnivariate(fdr=1.0), n_features=2)
    assert len(fused.fit(table.X, table.y).get_feature_names_out()) == 6


def test_it_is_a_step_of_scikit_learn(table, blocks):
    chain = Pipeline([("fusion", EarlyFusion(blocks)), ("model", LogisticRegression(C=0.1))])
    copied = clone(chain).set_params(fusion__n_features=2)
    p = cross_val_predict(copied, table.X, table.y, cv=4, method="predict_proba")[:, 1]
    assert roc_auc_score(table.y, p) > 0.7


def test_noise_scores_chance(make_table):
    areas = []
    for seed in range(6):
        X, y, _ = make_table(80, 300, seed=seed)
        fusion = EarlyFusion(blocks_of(X.columns, "region"))
        chain = make_pipeline(fusion, LogisticRegression(C=0.1))
        p = cross_val_predict(chain, X, y, cv=4, method="decision_function")
        areas.append(np.mean([roc_auc_score(y[i::4], p[i::4]) for i in range(4)]))
    assert abs(np.mean(areas) - 0.5) < 0.1


def test_block_without_a_usable_column_is_named(table, blocks):
    X = table.X.copy()
    X[list(blocks["ring"])] = 1.0
    with pytest.raises(InputError, match="block ring: none of") as caught:
        EarlyFusion(blocks).fit(X, table.y)
    assert caught.value.code == "constant_table"


def test_column_of_two_blocks_is_refused(table, blocks):
    twice = {**blocks, "again": blocks["clinical"]}
    with pytest.raises(InputError, match="several blocks keep"):
        EarlyFusion(twice, preparation=make_pipeline(Impute(), DropConstant())).fit(
            table.X, table.y
        )


@pytest.mark.parametrize("bounds", [0, {"ring": 0}, {"rings": 3}])
def test_bounds_that_cannot_be_kept_are_refused(table, blocks, bounds):
    with pytest.raises(SettingsError):
        EarlyFusion(blocks, n_features=bounds).fit(table.X, table.y)
