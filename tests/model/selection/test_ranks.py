"""Ranks are whole numbers, and the ROC area comes from them."""

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from radpred.model.selection.ranks import centred_ranks, rank_auc


def test_centred_ranks_are_twice_the_midranks_around_zero(rng):
    values = rng.integers(0, 5, size=(20, 4)).astype(float)
    expected = 2 * rankdata(values, axis=0) - 21
    assert np.array_equal(centred_ranks(values), expected.T)


def test_a_missing_value_stands_in_the_middle():
    assert centred_ranks(np.array([[3.0], [np.nan], [1.0], [2.0]])).tolist() == [[2, 0, -2, 0]]


@pytest.mark.parametrize("n_levels", [2, 7, 1000])
def test_rank_auc_equals_scikit_learn(rng, n_levels):
    scores = rng.integers(0, n_levels, 60).astype(float)
    y = (rng.random(60) < 0.3).astype(int)
    assert rank_auc(scores, y) == pytest.approx(roc_auc_score(y, scores), abs=1e-15)
