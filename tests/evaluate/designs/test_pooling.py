"""Scores of different models are ranked together only where that means something."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from radpred.cohort.designs import leave_one_patient_out, leave_pair_out, repeated_k_fold
from radpred.errors import InputError
from radpred.evaluate.designs import (
    leave_one_out_losses,
    leave_pair_out_auroc,
    pooled_auroc,
    refuse_pooled_ranks,
)


def predicted(design, predict):
    """Return tested row, part and score of every test of a design."""
    rows = np.concatenate([split.test for split in design.splits])
    parts = np.concatenate([np.full(len(s.test), s.fold) for s in design.splits])
    return rows, parts, np.concatenate([predict(split) for split in design.splits])


def test_a_pooled_area_of_left_out_patients_is_refused():
    y, patients = np.tile([0, 1], 10), np.arange(20)
    rows, parts, score = predicted(
        leave_one_patient_out(y, patients), lambda s: np.full(len(s.test), y[s.train].mean())
    )
    assert roc_auc_score(y[rows], score) == 0.0
    with pytest.raises(InputError, match="each of 20 parts holds a single patient") as refusal:
        pooled_auroc(y[rows], score, patients=patients[rows], parts=parts)
    assert refusal.value.code == "pooled_ranks"


def test_it_is_refused_for_patients_of_several_rows_too():
    y, patients = np.repeat(np.tile([0, 1], 10), 3), np.repeat(np.arange(20), 3)
    with pytest.raises(InputError, match="Brier score, log loss or conformal scores"):
        refuse_pooled_ranks(patients, patients)
    assert len(leave_one_patient_out(y, patients).splits) == 20


def test_a_pooled_area_of_folds_is_the_area():
    y, score = np.tile([0, 1], 10), np.random.default_rng(0).random(20)
    design = repeated_k_fold(y, np.arange(20), n_folds=5, seed=0)
    rows, parts, pooled = predicted(design, lambda s: score[s.test])
    area = pooled_auroc(y[rows], pooled, patients=rows, parts=parts)
    assert area == pytest.approx(roc_auc_score(y, score))


def test_left_out_patients_have_a_brier_score_and_a_log_loss():
    losses = leave_one_out_losses(np.array([1, 0]), np.array([0.8, 0.4]))
    assert losses["brier"] == pytest.approx((0.04 + 0.16) / 2)
    assert losses["log_loss"] == pytest.approx(-np.log([0.8, 0.6]).mean())


def test_pairs_ordered_rightly_are_counted_and_ties_count_half():
    y, score = np.array([1, 0, 1, 0, 0, 1]), np.array([0.9, 0.1, 0.2, 0.4, 0.5, 0.5])
    area = leave_pair_out_auroc(y, score, patients=list("abcdef"), parts=[0, 0, 1, 1, 2, 2])
    assert area == pytest.approx((1 + 0 + 0.5) / 3)


def test_rows_of_one_patient_are_no_pair():
    area = leave_pair_out_auroc(
        [1, 0, 0], [0.9, 1.0, 0.1], patients=["a", "a", "b"], parts=[0, 0, 0]
    )
    assert area == 1.0


def test_with_one_model_for_all_pairs_it_is_the_area():
    y, score = np.tile([0, 0, 1], 6), np.random.default_rng(0).random(18)
    rows, parts, pooled = predicted(
        leave_pair_out(y, np.arange(18), seed=0), lambda s: score[s.test]
    )
    area = leave_pair_out_auroc(y[rows], pooled, patients=rows, parts=parts)
    assert area == pytest.approx(roc_auc_score(y, score))


def test_a_model_that_knows_nothing_orders_half_of_the_pairs():
    y = np.tile([0, 1], 10)
    rows, parts, score = predicted(
        leave_pair_out(y, np.arange(20), seed=0), lambda s: np.full(2, y[s.train].mean())
    )
    assert leave_pair_out_auroc(y[rows], score, patients=rows, parts=parts) == 0.5


def test_a_regression_on_noise_orders_about_half_of_the_pairs():
    pairs, pooled = [], []
    for seed in range(12):
        X, y = np.random.default_rng(seed).normal(size=(40, 5)), np.arange(40) % 2

        def scores(split, X=X, y=y):
            line = LogisticRegression(C=0.1).fit(X[split.train], y[split.train])
            return line.decision_function(X[split.test])

        drawn = leave_pair_out(y, np.arange(40), seed=seed, most_pairs=100)
        rows, parts, score = predicted(drawn, scores)
        pairs.append(leave_pair_out_auroc(y[rows], score, patients=rows, parts=parts))
        rows, _, score = predicted(leave_one_patient_out(y, np.arange(40)), scores)
        pooled.append(roc_auc_score(y[rows], score))
    assert np.mean(pairs) == pytest.approx(0.5, abs=0.05)
    assert np.mean(pooled) < np.mean(pairs) - 0.05


def test_parts_without_a_pair_are_refused():
    with pytest.raises(InputError, match="no part holds an event and a non-event"):
        leave_pair_out_auroc([1, 0], [0.1, 0.2], patients=["a", "b"], parts=[0, 1])
