"""How often decisions are right, against scikit-learn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics

from radpred.evaluate.thresholds import (
    accuracy,
    error,
    negative_predictive_value,
    positive_predictive_value,
    sensitivity,
    specificity,
)

THEIRS = {
    accuracy: metrics.accuracy_score,
    error: metrics.zero_one_loss,
    sensitivity: metrics.recall_score,
    positive_predictive_value: metrics.precision_score,
    specificity: lambda y, c, **k: metrics.recall_score(y, c, pos_label=0, **k),
    negative_predictive_value: lambda y, c, **k: metrics.precision_score(y, c, pos_label=0, **k),
}


@pytest.fixture
def rows(rng):
    """Return outcomes, probabilities and three draws of weights."""
    y = (rng.random(80) < 0.4).astype(int)
    return y, np.round(rng.random(80), 1), rng.integers(0, 4, size=(3, 80)).astype(float)


@pytest.mark.parametrize("ours", THEIRS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("threshold", [0.3, 0.5])
def test_rates_equal_scikit_learn_s_in_every_draw(ours, threshold, rows):
    y, p, weights = rows
    called = (p >= threshold).astype(int)
    expected = [THEIRS[ours](y, called, sample_weight=draw) for draw in weights]
    assert_allclose(ours(y, p, weights, threshold=threshold), expected)


@pytest.mark.parametrize("ours", THEIRS, ids=lambda f: f.__name__)
def test_without_weights_every_row_counts_once(ours, rows):
    y, p, _ = rows
    assert_array_equal(ours(y, p), ours(y, p, np.ones(80)))


def test_a_rate_of_nobody_is_undefined():
    y, p = np.array([0, 0]), np.array([0.1, 0.2])
    assert np.isnan(sensitivity(y, p))
    assert np.isnan(positive_predictive_value(y, p))
    assert np.isnan(accuracy(y, p, np.zeros((2, 2)))).all()
