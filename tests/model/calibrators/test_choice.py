"""What holds for every calibrator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from radpred.errors import InputError
from radpred.model.calibrators import (
    METHODS,
    Uncalibrated,
    fit_calibrator,
    line_of,
    methods_for,
    scale_of,
)

FITTED = [method for method in METHODS if method != "none"]
# Temperature keeps the zero of the score: it may not be moved, only stretched.
MOVABLE = [method for method in FITTED if method != "temperature"]
GRID = np.linspace(-8, 8, 401)


@given(
    st.sampled_from(METHODS),
    st.lists(st.tuples(st.integers(-20, 20), st.booleans()), min_size=4, max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_no_calibrator_falls_or_leaves_0_to_1(method, rows):
    scores, y = np.array([r[0] / 4 for r in rows]), np.array([int(r[1]) for r in rows])
    fitted = fit_calibrator(method, scores, y, folds=np.arange(len(y)) % 2)
    p = fitted.probability(GRID)
    assert np.isfinite(fitted.log_odds(GRID)).all()
    assert np.diff(p).min() >= -1e-12
    assert p.min() >= 0
    assert p.max() <= 1


@pytest.mark.parametrize("method", MOVABLE)
@pytest.mark.parametrize(("shift", "factor"), [(0.0, 16.0), (-3.0, 0.25), (1e4, 1e3)])
def test_unit_and_zero_of_the_score_do_not_matter(method, shift, factor, made):
    scores, y, folds = made()
    new = np.linspace(-3, 3, 61)
    one = fit_calibrator(method, scores, y, folds=folds)
    other = fit_calibrator(method, shift + factor * scores, y, folds=folds)
    np.testing.assert_allclose(
        other.probability(shift + factor * new), one.probability(new), rtol=1e-6
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_score_alone_gets_what_it_gets_in_company(method, made):
    scores, y, folds = made(seed=8)
    fitted = fit_calibrator(method, scores, y, folds=folds)
    together = fitted.probability(GRID), fitted.log_odds(GRID)
    alone = [(fitted.probability([s])[0], fitted.log_odds([s])[0]) for s in GRID]
    assert np.array_equal(np.transpose(alone), together)


@pytest.mark.parametrize("method", METHODS)
def test_log_odds_are_those_of_the_probability(method, made):
    scores, y, folds = made()
    fitted = fit_calibrator(method, scores, y, folds=folds)
    np.testing.assert_allclose(
        fitted.probability(GRID), 1 / (1 + np.exp(-fitted.log_odds(GRID))), rtol=1e-9
    )


@pytest.mark.parametrize("method", FITTED)
def test_what_falls_is_turned_flat(method, made):
    scores, y, folds = made(strength=2.5)
    p = fit_calibrator(method, -scores, y, folds=folds).probability(GRID[100:300])
    # A staircase keeps what a single highest or lowest case says.
    middle = p if method in ("sigmoid", "shrunk_sigmoid", "temperature", "beta") else p[70:130]
    assert np.ptp(middle) < 0.02
    assert middle.mean() == pytest.approx(y.mean(), abs=0.04)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outcome", [0, 1])
@pytest.mark.parametrize("n", [2, 5])
def test_one_outcome_and_equal_scores_give_numbers_inside_0_and_1(method, outcome, n):
    fitted = fit_calibrator(method, np.full(n, 0.25), np.full(n, outcome), folds=np.arange(n))
    p = fitted.probability([-1.0, 0.25, 2.0])
    assert (p > 0).all()
    assert (p < 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_separated_outcomes_give_numbers_inside_0_and_1(method):
    scores, y = np.linspace(-2, 2, 40), np.repeat([0, 1], 20)
    p = fit_calibrator(method, scores, y, folds=np.arange(40) % 4).probability(scores)
    assert (p > 0).all()
    assert (p < 1).all()
    assert p[-1] > 0.8 > 0.2 > p[0]


@pytest.mark.parametrize("method", METHODS)
def test_numpy_s_error_state_stays(method, made):
    before = np.geterr()
    scores, y, folds = made(30)
    fit_calibrator(method, scores, y, folds=folds).log_odds(GRID)
    assert np.geterr() == before


@pytest.mark.parametrize("method", METHODS)
def test_a_line_is_known_as_one(method, made):
    scores, y, folds = made()
    fitted = fit_calibrator(method, scores, y, folds=folds)
    if not fitted.is_affine:
        with pytest.raises(InputError, match="no line in the score"):
            line_of(fitted)
        return
    slope, intercept = line_of(fitted)
    np.testing.assert_allclose(fitted.log_odds(GRID), slope * GRID + intercept, atol=1e-12)


def test_sigmoid_temperature_and_none_are_lines(made):
    scores, y, folds = made()
    lines = [m for m in METHODS if fit_calibrator(m, scores, y, folds=folds).is_affine]
    assert lines == ["none", "sigmoid", "shrunk_sigmoid", "temperature"]


def test_of_shares_only_the_sigmoid_is_a_line(made):
    scores, y, folds = made()
    shares = 1 / (1 + np.exp(-scores))
    lines = [
        m
        for m in METHODS
        if fit_calibrator(m, shares, y, folds=folds, scale="probability").is_affine
    ]
    assert lines == ["sigmoid", "shrunk_sigmoid"]


def test_none_leaves_shares_and_turns_log_odds_into_probabilities():
    assert Uncalibrated(scale="probability").probability([0.0, 0.3]).tolist() == [0.0, 0.3]
    assert Uncalibrated().probability([0.0]).tolist() == [0.5]
    assert np.isfinite(Uncalibrated(scale="probability").log_odds([0.0, 1.0])).all()


def test_a_distance_needs_a_method_that_fits():
    assert "none" not in methods_for("distance")
    with pytest.raises(InputError, match="choose 'sigmoid'"):
        fit_calibrator("none", [0.1, 0.2], [0, 1], scale="distance")


def test_every_model_has_a_scale():
    models = {
        "log_odds": [LogisticRegression(), XGBClassifier(), GaussianNB(), MLPClassifier()],
        "distance": [SVC()],
        "probability": [RandomForestClassifier(), DecisionTreeClassifier(), DummyClassifier()],
    }
    for scale, ones in models.items():
        assert {scale_of(model) for model in ones} == {scale}
    with pytest.raises(TypeError, match="Ridge"):
        scale_of(Ridge())


@pytest.mark.parametrize(
    ("scores", "y", "said"),
    [
        ([0.1, np.nan], [0, 1], "1 scores are missing"),
        ([0.1, 0.2], [0, 2], "other than 0 and 1"),
        ([0.1, 0.2], [0, 1, 1], "do not match"),
        ([], [], "no rows"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(scores, y, said):
    with pytest.raises(InputError, match=said):
        fit_calibrator("sigmoid", scores, y)


def test_an_unknown_method_is_told_the_known_ones():
    with pytest.raises(InputError, match="cross_venn_abers"):
        fit_calibrator("platt", [0.1, 0.2], [0, 1])


@pytest.mark.parametrize("folds", [None, [0], [1, 1]])
def test_cross_venn_abers_wants_a_fold_for_every_row(folds):
    with pytest.raises(InputError, match="fold"):
        fit_calibrator("cross_venn_abers", [0.1, 0.2], [0, 1], folds=folds)
