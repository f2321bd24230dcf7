"""Temperature, against scikit-learn on smoothed outcomes and against its own definition."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from radpred.model.calibrators import fit_calibrator
from radpred.model.calibrators.sigmoid import smoothed
from radpred.model.calibrators.temperature import fit_temperature


def theirs(model, X, y):
    """Return scikit-learn's temperature with each row at both outcomes, weighted as smoothed."""
    target = smoothed(y)
    scaled = CalibratedClassifierCV(FrozenEstimator(model), method="temperature")
    twice, both = np.concatenate([X, X]), np.repeat([1, 0], len(y))
    return scaled.fit(twice, both, sample_weight=np.concatenate([target, 1 - target]))


@pytest.mark.filterwarnings("ignore:Since FrozenEstimator:UserWarning")
@pytest.mark.parametrize(
    ("model", "scale"),
    [
        (LogisticRegression(C=100), "log_odds"),
        (RandomForestClassifier(50, min_samples_leaf=8, random_state=0), "probability"),
    ],
)
def test_it_equals_scikit_learns_on_held_out_scores(rng, model, scale):
    y = (rng.random(240) < 0.4).astype(int)
    X = rng.normal(size=(240, 5)) + 0.6 * y[:, None]
    model.fit(X[:80], y[:80])
    if scale == "log_odds":
        scores = model.decision_function(X)
    else:
        scores = np.clip(model.predict_proba(X)[:, 1], 1e-6, 1 - 1e-6)
    ours = fit_temperature(scores[80:160], y[80:160], scale=scale)
    expected = theirs(model, X[80:160], y[80:160]).predict_proba(X[160:])[:, 1]
    np.testing.assert_allclose(ours.probability(scores[160:]), expected, atol=2e-6)


def test_even_scores_stay_even(made):
    scores, y, _ = made()
    assert fit_temperature(scores, y).probability([0.0]).tolist() == [0.5]


def test_stretched_log_odds_get_the_temperature_back(made):
    scores, y, _ = made()
    one, other = fit_temperature(scores, y), fit_temperature(7 * scores, y)
    assert other.slope == pytest.approx(one.slope / 7, rel=1e-9)


def test_a_falling_temperature_is_the_smoothed_prevalence(made):
    scores, y, _ = made(strength=3)
    flat = fit_temperature(-scores, y)
    assert flat.slope == 0
    assert flat.probability([5.0])[0] == pytest.approx(smoothed(y).mean())


def test_unanimous_forests_stay_finite(made):
    _, y, _ = made()
    fitted = fit_calibrator("temperature", y.astype(float), y, scale="probability")
    assert np.isfinite(fitted.log_odds([0.0, 1.0])).all()
