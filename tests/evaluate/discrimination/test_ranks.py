"""Areas and curves against scikit-learn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.metrics import precision_recall_curve as sklearn_precision_recall
from sklearn.metrics import roc_curve as sklearn_roc

from radpred.evaluate import (
    auroc,
    average_precision,
    patient_weights,
    precision_recall_curve,
    roc_curve,
)


@pytest.fixture(params=[1000, 7], ids=["no ties", "many ties"])
def answers(request, rng):
    """Return outcomes, scores with or without ties, and bootstrap weights."""
    y = (rng.random(80) < 0.3).astype(int)
    score = np.round((y + rng.normal(size=80)) * request.param / 7)
    weights = patient_weights(np.arange(80), n_draws=30, rng=rng)
    return y, score, weights


def test_auroc_of_every_draw_is_scikit_learns(answers):
    y, score, weights = answers
    expected = [roc_auc_score(y, score, sample_weight=w) for w in weights]
    assert_allclose(auroc(y, score, weights), expected, rtol=1e-12)


def test_average_precision_of_every_draw_is_scikit_learns(answers):
    y, score, weights = answers
    expected = [average_precision_score(y, score, sample_weight=w) for w in weights]
    assert_allclose(average_precision(y, score, weights), expected, rtol=1e-12)


def test_areas_take_weights_that_are_not_whole(answers, rng):
    y, score, _ = answers
    weights = rng.random(y.size)
    assert auroc(y, score, weights) == pytest.approx(
        roc_auc_score(y, score, sample_weight=weights), rel=1e-12
    )
    assert average_precision(y, score, weights) == pytest.approx(
        average_precision_score(y, score, sample_weight=weights), rel=1e-12
    )


def test_auroc_without_both_classes_is_undefined():
    assert np.isnan(auroc(np.zeros(3), np.arange(3)))
    assert np.isnan(average_precision(np.zeros(3), np.arange(3)))


def test_one_score_for_all_gives_half_and_the_prevalence():
    y = np.array([1, 0, 0, 0])
    assert auroc(y, np.ones(4)) == 0.5
    assert average_precision(y, np.ones(4)) == 0.25


def test_roc_curve_passes_through_scikit_learns_points(answers):
    y, score, weights = answers
    grid = np.linspace(0, 1, 41)
    ours = roc_curve(y, score, grid, weights)
    for own, w in zip(ours, weights, strict=True):
        fpr, tpr, _ = sklearn_roc(y, score, sample_weight=w, drop_intermediate=False)
        expected = []
        for x in grid:  # the upper end of a vertical piece, else a straight line
            at = np.flatnonzero(fpr <= x + 1e-9)[-1]
            after = min(at + 1, fpr.size - 1)
            step = fpr[after] - fpr[at]
            part = min((x - fpr[at]) / step, 1) if step > 0 else 0
            expected.append(tpr[at] + max(part, 0) * (tpr[after] - tpr[at]))
        assert_allclose(own, expected, atol=1e-6)


def test_precision_recall_curve_is_scikit_learns_at_its_recalls(answers):
    y, score, _ = answers
    precision, recall, _ = sklearn_precision_recall(y, score)
    precision, recall = precision[:-1], recall[:-1]
    grid = np.unique(recall)[::-1]
    # Several thresholds may reach one recall: the highest threshold is the best one.
    expected = [precision[recall >= r - 1e-9][-1] for r in grid[grid > 0]]
    ours = precision_recall_curve(y, score, np.sort(grid[grid > 0]))
    assert_allclose(ours[::-1], expected, atol=1e-12)


def test_precision_at_recall_zero_is_that_of_the_first_event():
    y, score = np.array([0, 1, 0, 1]), np.array([0.9, 0.8, 0.7, 0.6])
    assert_allclose(precision_recall_curve(y, score, np.array([0, 0.5, 1.0])), [0.5, 0.5, 0.5])
    y, score = np.array([1, 0, 1]), np.array([0.9, 0.8, 0.7])
    assert_allclose(precision_recall_curve(y, score, np.array([0, 1.0])), [1, 2 / 3])
