"""Venn-ABERS, against refitted isotonic regression and against the venn-abers package."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from radpred.errors import InputError
from radpred.model.calibrators.venn_abers import (
    CrossVennAbers,
    fit_cross_venn_abers,
    fit_venn_abers,
)


def refitted(scores, y, new):
    """Return [p0, p1] by isotonic regression with each new score at both outcomes."""
    ends = np.empty((len(new), 2))
    for i, score in enumerate(new):
        for label in (0, 1):
            fitted = IsotonicRegression(out_of_bounds="clip").fit([*scores, score], [*y, label])
            ends[i, label] = fitted.predict([score])[0]
    return ends


@pytest.fixture
def library():
    """Return the venn-abers package, without what it does to NumPy's error state."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yield pytest.importorskip("venn_abers")


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25),
    st.lists(st.integers(-2, 27), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_it_equals_refitting_with_ties_gaps_and_ends(rows, new):
    scores, y = [float(r[0]) for r in rows], [int(r[1]) for r in rows]
    at = np.array(new) / 2
    np.testing.assert_allclose(
        fit_venn_abers(scores, y).interval(at), refitted(scores, y, at), atol=1e-12
    )


@pytest.mark.parametrize("n", [20, 200])
def test_it_equals_the_library(n, library, made):
    scores, y, _ = made(n)
    p, new = 1 / (1 + np.exp(-scores)), np.linspace(0.01, 0.99, 99)
    theirs = library.VennAbers()
    theirs.fit(np.column_stack([1 - p, p]), y)
    merged, ends = theirs.predict_proba(np.column_stack([1 - new, new]))
    ours = fit_venn_abers(p, y)
    np.testing.assert_allclose(ours.interval(new), ends, atol=1e-12)
    np.testing.assert_allclose(ours.probability(new), merged[:, 1], atol=1e-12)


def test_cross_equals_geometric_means_of_the_library(library, made):
    scores, y, folds = made()
    p, new = 1 / (1 + np.exp(-scores)), np.linspace(0.01, 0.99, 99)
    ends = []
    for fold in range(5):
        theirs, held = library.VennAbers(), folds == fold
        theirs.fit(np.column_stack([1 - p[held], p[held]]), y[held])
        ends.append(theirs.predict_proba(np.column_stack([1 - new, new]))[1])
    p0, p1 = np.moveaxis(ends, 2, 0)
    # Means of powers, since p0 may be 0 and 1 - p1 as well.
    event, other = np.prod(p1 ** (1 / 5), axis=0), np.prod((1 - p0) ** (1 / 5), axis=0)
    ours = fit_cross_venn_abers(p, y, folds=folds)
    np.testing.assert_allclose(ours.probability(new), event / (other + event), rtol=1e-10)


def test_cross_equals_the_library_s_own_from_chain_to_merge(library, rng):
    linear = pytest.importorskip("sklearn.linear_model")
    splitter = pytest.importorskip("sklearn.model_selection").StratifiedKFold
    y = (rng.random(120) < 0.4).astype(int)
    X = rng.normal(size=(120, 4)) + 0.8 * y[:, None]
    new = rng.normal(size=(30, 4))
    theirs = library.VennAbersCalibrator(
        linear.LogisticRegression(), inductive=False, n_splits=5, random_state=0, shuffle=True
    ).fit(X, y)
    scores, folds, by_fold = np.empty(120), np.empty(120, dtype=int), []
    for k, (train, held) in enumerate(splitter(5, shuffle=True, random_state=0).split(X, y)):
        chain = linear.LogisticRegression().fit(X[train], y[train])
        scores[held], folds[held] = chain.predict_proba(X[held])[:, 1], k
        by_fold.append(chain.predict_proba(new)[:, 1])
    ours = fit_cross_venn_abers(scores, y, folds=folds)
    np.testing.assert_allclose(
        ours.probability(np.column_stack(by_fold)), theirs.predict_proba(new)[:, 1], atol=1e-10
    )


@given(st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=4, max_size=40))
@settings(max_examples=100, deadline=None)
def test_probability_lies_in_its_interval_and_off_0_and_1(rows):
    scores, y = np.array([float(r[0]) for r in rows]), np.array([int(r[1]) for r in rows])
    new = np.linspace(-10, 10, 81)
    for fitted in (
        fit_venn_abers(scores, y),
        fit_cross_venn_abers(scores, y, folds=np.arange(len(y)) % 2),
    ):
        p, (low, high) = fitted.probability(new), fitted.interval(new).T
        assert (low >= 0).all()
        assert (low <= p + 1e-15).all()
        assert (p <= high + 1e-15).all()
        assert (high <= 1).all()
        assert (p > 0).all()
        assert (p < 1).all()
        assert min(np.diff(low).min(), np.diff(high).min()) >= -1e-12


def test_an_interval_narrows_with_the_cohort(made):
    new = np.linspace(-2, 2, 41)
    widths = []
    for n in (20, 80, 320):
        scores, y, _ = made(n)
        widths.append(np.ptp(fit_venn_abers(scores, y).interval(new), axis=1).mean())
    assert widths[0] > 1.5 * widths[1] > 2 * widths[2]


def test_folds_that_disagree_widen_the_interval_to_the_merged_probability():
    sure = fit_venn_abers(np.zeros(200), np.zeros(200, dtype=int))
    torn = fit_venn_abers(np.zeros(200), np.arange(200) % 2)
    cross = CrossVennAbers(folds=(sure, torn))
    (low, high), p = cross.interval([0.0])[0], cross.probability([0.0])[0]
    assert low == p < np.mean([sure.p0[0], torn.p0[0]]) < high


def test_a_missing_score_has_no_interval(made):
    scores, y, _ = made()
    assert np.isnan(fit_venn_abers(scores, y).interval([np.nan])).all()


def test_scores_of_another_number_of_folds_are_refused(made):
    scores, y, folds = made()
    with pytest.raises(InputError, match="5 folds"):
        fit_cross_venn_abers(scores, y, folds=folds).probability(np.zeros((3, 4)))
