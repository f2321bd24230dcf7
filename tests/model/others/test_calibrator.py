"""Scores of several classes become probabilities as those of two do."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from radpred.errors import InputError
from radpred.model.calibrators import fit_sigmoid
from radpred.model.others.calibrator import fit_softmax


@pytest.fixture
def made(rng):
    """Return scores of 3000 rows of three classes that are twice too bold, and the classes."""
    logits = rng.normal(size=(3000, 3)) * 1.5 + np.array([0.8, 0.0, -0.8])
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = np.array([rng.choice(3, p=share) for share in shares])
    return 2 * (logits - np.array([0.8, 0.0, -0.8])), y


def test_of_two_classes_it_is_the_sigmoid(rng):
    score = rng.normal(size=120)
    y = (score + rng.normal(size=120) > 0.4).astype(int)
    two = fit_softmax(
        "sigmoid", np.column_stack([np.zeros(120), score]), y, n_classes=2, scale="log_odds"
    )
    one = fit_sigmoid(score, y)
    found = two.probability(np.column_stack([np.zeros(120), score]))[:, 1]
    assert found == pytest.approx(one.probability(score), abs=1e-5)


def test_slope_and_shifts_of_a_known_truth_are_found(made):
    scores, y = made
    fitted = fit_softmax("sigmoid", scores, y, n_classes=3, scale="log_odds")
    assert fitted.slope == pytest.approx(0.5, abs=0.05)
    assert np.array(fitted.shifts) == pytest.approx([0.8, 0.0, -0.8], abs=0.2)


def test_calibration_lowers_the_log_loss_of_bold_scores(made):
    scores, y = made
    half = np.arange(3000) < 1500
    losses = {
        method: log_loss(
            y[~half],
            fit_softmax(method, scores[half], y[half], n_classes=3, scale="log_odds").probability(
                scores[~half]
            ),
        )
        for method in ("none", "temperature", "sigmoid")
    }
    assert losses["sigmoid"] < losses["temperature"] < losses["none"]


@pytest.mark.parametrize("scale", ["log_odds", "probability", "distance"])
def test_probabilities_sum_to_one_and_do_not_depend_on_company(rng, scale):
    scores = rng.dirichlet(np.ones(4), 50)
    y = rng.integers(0, 4, 50)
    fitted = fit_softmax("sigmoid", scores, y, n_classes=4, scale=scale)
    together = fitted.probability(scores)
    alone = np.concatenate([fitted.probability(scores[i : i + 1]) for i in range(50)])
    assert together.sum(axis=1) == pytest.approx(1.0)
    np.testing.assert_array_equal(together, alone)


def test_scores_that_point_backwards_give_everyone_the_shares_of_the_classes():
    y = np.repeat([0, 1, 2], [30, 20, 10])
    fitted = fit_softmax("sigmoid", -np.eye(3)[y], y, n_classes=3, scale="log_odds")
    assert fitted.slope == 0
    # One more case of each class, spread evenly, smooths the shares 1/2, 1/3 and 1/6.
    assert fitted.probability(np.eye(3))[0] == pytest.approx([1 / 2, 1 / 3, 1 / 6], abs=0.03)


def test_separated_classes_keep_a_finite_slope():
    y = np.repeat([0, 1, 2], 10)
    fitted = fit_softmax("sigmoid", 50 * np.eye(3)[y], y, n_classes=3, scale="log_odds")
    assert 0 < fitted.slope < 1
    assert fitted.probability(50 * np.eye(3)).diagonal() == pytest.approx(11 / 13, abs=0.01)


def test_missing_scores_are_refused():
    with pytest.raises(InputError, match="give one finite score a class"):
        fit_softmax("sigmoid", np.full((3, 3), np.nan), [0, 1, 2], n_classes=3, scale="log_odds")
