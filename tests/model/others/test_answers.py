"""Sets of classes are those of crepes, intervals of numbers those of MAPIE."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline

from radpred.errors import LeakageError, SettingsError
from radpred.model.conformal.intervals import cross_intervals
from radpred.model.others.residuals import CrossResiduals, NumberFold
from radpred.model.others.sets import ClassSets, class_fold, strangeness_of
from radpred.model.preparation.nothing import KeepNothing
from radpred.model.score import score_model


class _Passed(KeepNothing):
    """A first step that hands its table on."""

    def transform(self, X):
        return X


def chain_of(model, X, y):
    """Return a chain of one model, fitted."""
    return Pipeline([("first", _Passed().fit(X)), ("model", model.fit(X, y))])


@pytest.fixture
def table(rng):
    return pd.DataFrame(rng.normal(size=(150, 4)), columns=list("abcd"))


def test_one_fold_is_class_conditional_split_conformal(table, rng):
    crepes = pytest.importorskip("crepes")
    y = (table["a"] + rng.normal(size=150)).rank().floordiv(51).astype(int).to_numpy()
    fitted, scored, new = np.split(np.arange(150), [70, 120])
    chain = chain_of(LogisticRegression(), table.iloc[fitted], y[fitted])
    scores = score_model(chain[-1], table.iloc[scored])
    fold = class_fold(
        chain, scores, y[scored], scale="log_odds", fitted_rows=fitted, scored_rows=scored
    )
    ours = ClassSets(folds=(fold,)).p_values(table.iloc[new])
    theirs = crepes.ConformalClassifier()
    strange = strangeness_of(scores, "log_odds")[np.arange(len(scored)), y[scored]]
    theirs.fit(strange, bins=y[scored])
    fresh = strangeness_of(score_model(chain[-1], table.iloc[new]), "log_odds")
    for c in range(3):
        p = theirs.predict_p(fresh[:, [c]], bins=np.full(len(new), c), smoothing=False)
        assert ours[:, c] == pytest.approx(p[:, 0])


def test_strangeness_orders_rows_as_one_minus_the_probability(rng):
    scores = rng.normal(size=(40, 3))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert strangeness_of(scores, "log_odds") == pytest.approx(np.log((1 - p) / p))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_intervals_are_those_of_mapie(table, rng, level):
    y = (3 * table["a"] + rng.normal(size=150)).to_numpy()
    train, new = table.iloc[:110], table.iloc[110:]
    groups = np.arange(110).astype(str)
    mapie = cross_intervals(Ridge(), train, y[:110], groups=groups, level=level, seed=3)
    folds = []
    parts = GroupKFold(n_splits=5, shuffle=True, random_state=3).split(train, y[:110], groups)
    for fit, test in parts:
        chain = chain_of(Ridge(), train.iloc[fit], y[fit])
        errors = np.abs(y[test] - score_model(chain[-1], train.iloc[test]))
        folds.append(NumberFold(chain=chain, errors=errors, fitted_rows=fit, scored_rows=test))
    ours = CrossResiduals(folds=tuple(folds)).intervals(new, level=level)
    theirs = mapie.intervals(new)
    assert ours == pytest.approx(np.column_stack([theirs.low, theirs.high]))


def test_too_few_rows_promise_nothing(table):
    rows = table.iloc[:8]
    chain = chain_of(Ridge(), rows, np.arange(8.0))
    fold = NumberFold(
        chain=chain, errors=np.ones(8), fitted_rows=np.arange(8), scored_rows=np.arange(8, 16)
    )
    residuals = CrossResiduals(folds=(fold,))
    assert np.isinf(residuals.intervals(rows, level=0.9)).all()
    assert np.isfinite(residuals.intervals(rows, level=0.8)).all()
    with pytest.raises(SettingsError, match="between 0 and 1"):
        residuals.intervals(rows, level=1.0)


def test_a_row_that_was_fitted_on_calibrates_nothing(table):
    with pytest.raises(LeakageError, match="1 calibration rows were also fitted on"):
        class_fold(
            None,
            np.zeros((2, 3)),
            np.array([0, 1]),
            scale="log_odds",
            fitted_rows=np.array([0, 5]),
            scored_rows=np.array([5, 6]),
        )
