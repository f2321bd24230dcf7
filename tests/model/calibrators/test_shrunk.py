"""Platt's sigmoid with a slope that is drawn towards 0."""

import numpy as np
import pytest
import statsmodels.api as sm

from radpred.model.calibrators import fit_shrunk_sigmoid, fit_sigmoid
from radpred.model.calibrators.sigmoid import smoothed


def of_library(scores, y):
    """Return the likelihood ratio chi-squared and the coefficients of statsmodels."""
    model = sm.GLM(smoothed(y), sm.add_constant(scores), family=sm.families.Binomial())
    fitted = model.fit(tol=1e-12)
    return fitted.null_deviance - fitted.deviance, fitted.params


@pytest.mark.parametrize("strength", [0.5, 1.2, 4.0])
def test_the_factor_is_one_less_one_over_the_chi_squared_of_statsmodels(strength, made):
    scores, y, _ = made(strength=strength)
    chi_squared, (_, slope) = of_library(scores, y)
    ours = fit_shrunk_sigmoid(scores, y)
    assert ours.factor == pytest.approx(1 - 1 / chi_squared)
    assert ours.slope == pytest.approx(slope * (1 - 1 / chi_squared))


def test_the_intercept_is_that_of_statsmodels_beside_the_shrunk_slope(made):
    scores, y, _ = made()
    ours = fit_shrunk_sigmoid(scores, y)
    given = sm.GLM(
        smoothed(y), np.ones(len(y)), family=sm.families.Binomial(), offset=ours.slope * scores
    )
    assert ours.intercept == pytest.approx(given.fit(tol=1e-12).params[0])


def test_a_slope_that_chance_can_make_becomes_the_smoothed_prevalence(rng):
    y = np.arange(100) % 2
    scores = rng.normal(size=100)
    scores -= y * (scores[y == 1].mean() - scores[y == 0].mean()) - 0.02 * y
    assert fit_sigmoid(scores, y).slope > 0
    ours = fit_shrunk_sigmoid(scores, y)
    assert (ours.slope, ours.factor) == (0.0, 0.0)
    assert ours.probability(scores) == pytest.approx(smoothed(y).mean())


def test_mean_risk_is_the_mean_smoothed_outcome(made):
    scores, y, _ = made()
    assert fit_shrunk_sigmoid(scores, y).probability(scores).mean() == pytest.approx(
        smoothed(y).mean()
    )


def test_scores_of_noise_lose_less_by_it():
    rng = np.random.default_rng(11)
    lost = {fit_sigmoid: 0.0, fit_shrunk_sigmoid: 0.0}
    for _ in range(200):
        scores, y = rng.normal(size=60), rng.permutation(np.arange(60) % 2)
        for fit in lost:
            risk = fit(scores, y).probability(rng.normal(size=50))
            lost[fit] -= np.log(risk * (1 - risk)).mean() / 2
    assert lost[fit_shrunk_sigmoid] < lost[fit_sigmoid]
