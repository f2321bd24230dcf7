"""Cross-conformal p-values by class, against their definition and their promise."""

import numpy as np
import pytest

from radpred.model import Search, fit, prediction_set
from radpred.model.score import score_chain

from ..conftest import made_table


def by_definition(fitted, X, y, new):
    """Return (1 + sum over folds of counts) / (n_c + 1), row by row and fold by fold."""
    p = np.empty((len(new), 2))
    for outcome, sign in ((0, 1), (1, -1)):
        counts = np.zeros(len(new))
        for fold in fitted.conformal.folds:
            rows = fold.scored_rows[y[fold.scored_rows] == outcome]
            own = sign * score_chain(fold.chain, X.iloc[rows])
            for j in range(len(new)):
                counts[j] += sum(own >= sign * score_chain(fold.chain, new.iloc[[j]])[0])
        p[:, outcome] = (1 + counts) / (1 + np.sum(y == outcome))
    return p


@pytest.mark.parametrize("name", ["elastic_net", "svm", "xgboost", "volume"])
def test_p_values_equal_their_definition(name, table, all_fitted):
    X, y, _ = table
    new = made_table(8, seed=9)[0]
    ours = all_fitted[name].p_values(new)
    assert np.array_equal(ours, by_definition(all_fitted[name], X, y, new))


def test_every_training_row_is_a_calibration_row_once(fitted, table):
    scored = np.concatenate([fold.scored_rows for fold in fitted.conformal.folds])
    assert sorted(scored) == list(range(len(table[0])))
    assert [fitted.conformal.n_rows(c) for c in (0, 1)] == np.bincount(table[1]).tolist()


def test_sets_cover_each_outcome_as_often_as_promised():
    search = Search(n_inner_folds=5)
    truth, held = [], []
    for seed in range(25):
        X, y, _ = made_table(260, p=12, seed=seed, strength=0.7)
        fitted = fit("volume", X[:60], y[:60], groups=np.arange(60), search=search)
        held.append(prediction_set(fitted.p_values(X[60:]), level=0.8))
        truth.append(y[60:])
    held, truth = np.concatenate(held), np.concatenate(truth)
    for outcome in (0, 1):
        assert 0.78 < held[truth == outcome, outcome].mean() < 0.88
