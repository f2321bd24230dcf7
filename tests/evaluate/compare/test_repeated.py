"""The corrected interval of repeated cross-validation, against the formula and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t, ttest_rel
from sklearn.metrics import roc_auc_score

from radpred.errors import InputError
from radpred.evaluate import auroc
from radpred.evaluate.compare import corrected_interval, corrected_test, scores_by_fold


def test_the_interval_is_the_published_formula(rng):
    scores = rng.normal(0.8, 0.05, size=(3, 5))
    found = corrected_interval(scores, n_train=80, n_test=20)
    error = np.sqrt(scores.var(ddof=1) * (1 / 15 + 20 / 80))
    assert found.value == pytest.approx(scores.mean())
    assert found.high - found.value == pytest.approx(t.ppf(0.975, 14) * error)


def test_without_overlap_of_folds_the_test_is_the_paired_t_test(rng):
    one, two = rng.normal(size=(2, 12))
    found = corrected_test(one, two, n_train=1, n_test=0)
    assert found.p == pytest.approx(ttest_rel(one, two).pvalue)


def test_more_repeats_of_the_same_folds_hardly_narrow_the_interval(rng):
    once = rng.normal(0.8, 0.05, size=(1, 10))
    often = np.repeat(once, 20, axis=0)
    widths = []
    for scores in (once, often):
        found = corrected_interval(scores, n_train=90, n_test=10)
        widths.append(found.high - found.low)
    assert widths[1] > 0.55 * widths[0]  # without the correction it would be 0.2


def test_undefined_folds_are_left_out_and_counted():
    found = corrected_interval([0.8, np.nan, 0.9, 0.7], n_train=3, n_test=1)
    assert found.value == pytest.approx(0.8)
    assert found.note == "undefined in 1 of 4 folds"


@pytest.mark.parametrize("scores", [[], [0.8], [np.nan, 0.8]])
def test_fewer_than_two_folds_have_no_interval(scores):
    found = corrected_interval(scores, n_train=3, n_test=1)
    assert np.isnan(found.low)
    assert found.note


def test_equal_models_do_not_differ():
    found = corrected_test([0.8, 0.9], [0.8, 0.9], n_train=3, n_test=1)
    assert (found.value, found.p) == (0, 1)


def test_scores_of_other_folds_are_refused():
    with pytest.raises(InputError, match="same folds"):
        corrected_test([0.8, 0.9], [0.8], n_train=3, n_test=1)


def test_two_models_alike_differ_about_as_seldom_as_promised_and_naively_far_too_often():
    rng = np.random.default_rng(6)
    called = naive = 0
    for _ in range(200):
        # The mean of the training rows predicts; two models see two columns of like noise.
        values = rng.normal(size=(2, 60))
        losses = np.empty((2, 10, 5))
        for repeat in range(10):
            fold = rng.permutation(60) % 5
            for one in range(5):
                held_out = fold == one
                means = values[:, ~held_out].mean(axis=1)
                error = (values[:, held_out] - means[:, None]) ** 2
                losses[:, repeat, one] = error.mean(axis=1)
        called += corrected_test(*losses, n_train=48, n_test=12).p < 0.05
        naive += corrected_test(*losses, n_train=1, n_test=0).p < 0.05
    assert called / 200 < 0.1
    assert naive / 200 > 0.4


@pytest.fixture
def predictions(rng):
    """Return two models' predictions of 60 rows of 30 patients, in 2 repeats of 3 folds."""
    y = np.repeat(np.arange(30) % 2, 2)
    parts = [
        {
            "case_id": np.arange(60).astype(str),
            "patient_id": np.repeat(np.arange(30), 2).astype(str),
            "model": model,
            "repeat": repeat,
            "fold": np.repeat((np.arange(30) + repeat) // 2 % 3, 2),
            "y": y,
            "probability": rng.random(60),
        }
        for model in ("svm", "forest")
        for repeat in (0, 1)
    ]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def test_each_fold_is_scored_alone_and_sizes_count_patients(predictions):
    found = scores_by_fold(predictions, auroc)
    rows = predictions.query("model == 'svm' and repeat == 1 and fold == 2")
    assert found.scores["svm"].shape == (2, 3)
    expected = roc_auc_score(rows["y"], rows["probability"])
    assert found.scores["svm"][1, 2] == pytest.approx(expected)
    assert (found.n_train, found.n_test) == (20, 10)


def test_models_in_other_folds_are_refused(predictions):
    svm = predictions["model"] == "svm"
    predictions.loc[svm, "fold"] = (predictions.loc[svm, "fold"] + 1) % 3
    with pytest.raises(InputError, match="other folds"):
        scores_by_fold(predictions, auroc)
