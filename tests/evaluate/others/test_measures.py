"""Measures of classes and numbers are those of scikit-learn and SciPy, in every draw."""

import numpy as np
import pytest
from scipy.stats import linregress, spearmanr
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from radpred.evaluate import patient_weights
from radpred.evaluate.others import classes, numbers

N = 90


@pytest.fixture
def weights(rng):
    """Return the sample and three draws of 30 patients with three rows each."""
    return patient_weights(np.arange(N) // 3, n_draws=3, rng=rng)


@pytest.fixture
def answers(rng):
    """Return three classes and probabilities of each."""
    y = np.arange(N) % 3
    p = rng.dirichlet(np.ones(3), N) + 0.5 * np.eye(3)[y]
    return y, p / p.sum(axis=1, keepdims=True)


OF_CLASSES = {
    "macro_auroc": lambda y, p: roc_auc_score(y, p, multi_class="ovr"),
    "accuracy": lambda y, p: accuracy_score(y, p.argmax(axis=1)),
    "balanced_accuracy": lambda y, p: balanced_accuracy_score(y, p.argmax(axis=1)),
    "class_log_loss": log_loss,
    "class_brier": lambda y, p: brier_score_loss(y, p, scale_by_half=False),
}
OF_NUMBERS = {
    "rmse": root_mean_squared_error,
    "mae": mean_absolute_error,
    "r_squared": r2_score,
    "slope": lambda y, value: linregress(value, y).slope,
    "spearman": lambda y, value: spearmanr(value, y).statistic,
}


@pytest.mark.parametrize("name", OF_CLASSES)
def test_a_measure_of_classes_is_that_of_the_repeated_rows(name, answers, weights):
    y, p = answers
    found = getattr(classes, name)(y, p, weights)
    for value, draw in zip(found, weights.astype(int), strict=True):
        rows = np.repeat(np.arange(N), draw)
        assert value == pytest.approx(OF_CLASSES[name](y[rows], p[rows]))


def test_the_confusion_matrix_is_that_of_scikit_learn(answers):
    y, p = answers
    expected = confusion_matrix(y, p.argmax(axis=1))
    np.testing.assert_array_equal(classes.confusion(y, p), expected)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_measure_of_numbers_is_that_of_the_repeated_rows(name, rng, weights):
    y = rng.normal(size=N).round(1)
    value = (0.5 * y + rng.normal(size=N)).round(1)
    found = getattr(numbers, name)(y, value, weights)
    for one, draw in zip(found, weights.astype(int), strict=True):
        rows = np.repeat(np.arange(N), draw)
        assert one == pytest.approx(OF_NUMBERS[name](y[rows], value[rows]))


def test_draws_by_class_keep_the_number_of_each(rng):
    y = np.repeat([0, 1, 2], [20, 7, 3])
    drawn = patient_weights(np.arange(30), n_draws=50, rng=rng, y=y)
    for code, n in enumerate((20, 7, 3)):
        assert (drawn[:, y == code].sum(axis=1) == n).all()


def test_a_model_that_says_one_thing_a_fold_is_known():
    fold = np.array([[0, 0, 1, 1]])
    assert numbers.is_constant(np.array([[1.0, 1.0, 2.0, 2.0]]), fold)
    assert not numbers.is_constant(np.array([[1.0, 1.5, 2.0, 2.0]]), fold)
