"""Every calibrator survives JSON to the last bit."""

import json

import numpy as np
import pytest

from radpred.errors import InputError
from radpred.model.calibrators import METHODS, calibrator_of, fit_calibrator, method_of, state_of


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", ["log_odds", "probability"])
def test_a_calibrator_comes_back_equal(method, scale, made):
    scores, y, folds = made()
    if scale == "probability":
        scores = 1 / (1 + np.exp(-scores))
    fitted = fit_calibrator(method, scores, y, folds=folds, scale=scale)
    assert method_of(fitted) == method
    back = calibrator_of(json.loads(json.dumps(state_of(fitted))))
    assert back == fitted
    assert np.array_equal(back.probability(scores), fitted.probability(scores))


def test_an_unknown_method_asks_for_a_later_radpred():
    with pytest.raises(InputError, match="update radpred"):
        calibrator_of({"method": "spline"})


@pytest.mark.parametrize(
    "state",
    [
        {"method": "sigmoid", "slope": 1.0},
        {"method": "sigmoid", "slope": "steep", "intercept": 0.0, "extra": 1},
        {"method": "cross_venn_abers"},
        {"method": "none", "scale": "dB"},
        {"method": "cross_venn_abers", "folds": "none"},
        {"method": "isotonic", "scores": ["a"], "probabilities": [0.5]},
    ],
)
def test_foreign_numbers_are_refused(state):
    with pytest.raises(InputError, match="write the model again"):
        calibrator_of(state)


def test_what_no_method_made_is_refused():
    with pytest.raises(TypeError, match="object"):
        method_of(object())
