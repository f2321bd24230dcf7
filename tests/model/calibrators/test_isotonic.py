"""Isotonic regression, against scikit-learn's calibration."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from radpred.model.calibrators.isotonic import fit_isotonic


@pytest.mark.parametrize("n", [30, 300])
def test_it_is_scikit_learns_kept_off_0_and_1(rng, n):
    y = (rng.random(2 * n) < 0.4).astype(int)
    X = rng.normal(size=(2 * n, 4)) + 0.7 * y[:, None]
    model = LogisticRegression().fit(X[:n], y[:n])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="isotonic").fit(X[n:], y[n:])
    ours = fit_isotonic(model.decision_function(X[n:]), y[n:])
    n_events = y[n:].sum()
    ends = 1 / (n - n_events + 2), (n_events + 1) / (n_events + 2)
    # Between two knots of which one was clipped, ours starts from the clipped one.
    knots = np.array(ours.scores)
    expected = np.clip(theirs.calibrated_classifiers_[0].calibrators[0].predict(knots), *ends)
    np.testing.assert_allclose(ours.probability(knots), expected, atol=1e-12)


def test_a_clean_cohort_says_no_more_than_its_size_allows():
    fitted = fit_isotonic(np.arange(20.0), np.repeat([0, 1], 10))
    assert fitted.probability([-9.0, 99.0]) == pytest.approx([1 / 12, 11 / 12])


def test_equal_scores_share_their_rate():
    fitted = fit_isotonic([1.0, 1.0, 1.0, 2.0, 2.0], [0, 0, 1, 0, 1])
    assert fitted.probability([1.0, 2.0]) == pytest.approx([1 / 3, 1 / 2])
