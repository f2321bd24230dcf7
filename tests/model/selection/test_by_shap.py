import warnings

import numpy as np
import pandas as pd
import pytest
from xgboost import XGBClassifier

from radpred.model.recipes import chain, chooser
from radpred.model.selection import KeepByShap, KeepRelevant
from radpred.model.selection.by_shap import mean_absolute_shap

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
    import shap


@pytest.fixture
def noisy(rng):
    """Return 120 rows of 12 columns; in one of them both extremes speak for the event."""
    X = pd.DataFrame(rng.normal(size=(120, 12)), columns=[f"x{i}" for i in range(12)])
    y = (X["x4"].abs() > 0.7).astype(int).to_numpy()
    return X, y


def test_shares_are_those_of_the_shap_package(noisy):
    X, y = noisy
    trees = XGBClassifier(n_estimators=50, max_depth=3, learning_rate=0.1, tree_method="exact")
    theirs = shap.TreeExplainer(trees.fit(X.to_numpy(), y)).shap_values(X.to_numpy())
    ours = mean_absolute_shap(X.to_numpy(), y)
    np.testing.assert_allclose(ours, np.abs(theirs).mean(axis=0), atol=1e-5)


def test_a_column_that_no_rank_shows_is_kept(noisy):
    X, y = noisy
    assert "x4" in KeepByShap(2).fit(X, y).kept_
    assert "x4" not in KeepRelevant(2).fit(X, y).kept_


def test_columns_that_no_tree_uses_follow_by_their_roc_area():
    y = np.arange(40) % 2
    names = ["noise", "opposite", "outcome"]
    values = np.column_stack([np.arange(40) // 4, 1 - y, y]).astype(float)
    order = KeepByShap(3).fit(pd.DataFrame(values, columns=names), y).order_
    assert [names[i] for i in order] == ["opposite", "outcome", "noise"]


def test_kept_columns_stand_in_the_order_of_the_table(noisy):
    kept = KeepByShap(5).fit(*noisy).kept_
    assert kept == sorted(kept, key=lambda name: int(name[1:]))


@pytest.mark.parametrize("kind", [KeepByShap, KeepRelevant])
def test_a_narrowed_step_is_the_one_fitted_with_fewer(kind, noisy):
    X, y = noisy
    narrow, fewer = kind(8).fit(X, y).narrowed(3), kind(3).fit(X, y)
    assert narrow.kept_ == fewer.kept_
    assert narrow.get_params() == fewer.get_params()
    assert list(narrow.feature_names_in_) == list(fewer.feature_names_in_)


def test_a_chain_may_choose_by_shap(noisy):
    X, y = noisy
    X.columns = [f"tumour__original_glcm_F{i}" for i in range(12)]
    fitted = chain("logistic", {"n_features": 4, "C": 1.0}, selection="shap").fit(X, y)
    assert isinstance(fitted["relevance"], KeepByShap)


def test_an_unknown_way_to_choose_is_refused():
    with pytest.raises(Exception, match="relevance, shap"):
        chooser("luck", 5)
