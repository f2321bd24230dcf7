"""One table of calibrators: who was fitted on what, and what its numbers are."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from sklearn.metrics import log_loss as sklearn_log_loss

from radpred.errors import InputError, LeakageError
from radpred.evaluate import (
    HeldOutScores,
    adaptive_calibration_error,
    calibrated,
    compare_calibrators,
    expected_calibration_error,
)
from radpred.model.calibrators import METHODS, fit_calibrator, methods_for

N = 120


def made_parts(*, repeats=2, stretch=1.0, seed=0):
    """Return parts whose scores are true log-odds times ``stretch``, outcomes and patients."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(-0.4, 1.6, size=N)
    y = (rng.random(N) < expit(truth)).astype(int)
    scores = stretch * truth
    patients = np.array([f"p{i // 2:02d}" for i in range(N)])
    parts = []
    for repeat in range(repeats):
        fold = rng.permutation(np.arange(N // 2) % 3)[np.arange(N) // 2]
        for held_out in range(3):
            inner, outer = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
            parts.append(
                HeldOutScores(
                    repeat=repeat,
                    inner_rows=inner,
                    inner_scores=scores[inner],
                    inner_folds=np.arange(inner.size) % 4,
                    outer_rows=outer,
                    outer_scores=scores[outer],
                )
            )
    return parts, y, patients


@pytest.fixture(scope="module")
def bold():
    """Return the table of scores that are three times too extreme."""
    parts, y, patients = made_parts(stretch=3.0)
    rng = np.random.default_rng(1)
    return compare_calibrators(parts, y, patients, rng=rng, n_draws=200).set_index("method")


def test_there_is_one_row_a_method(bold):
    assert list(bold.index) == list(METHODS)


def test_uncalibrated_scores_have_the_slope_that_they_were_given(bold):
    assert bold.loc["none", "slope"] == pytest.approx(1 / 3, abs=0.1)
    assert bold.loc["none", "slope_high"] < 1


@pytest.mark.parametrize("method", ["sigmoid", "temperature", "beta"])
def test_a_fitted_method_mends_what_is_too_extreme(method, bold):
    assert bold.loc[method, "log_loss"] < bold.loc["none", "log_loss"]
    assert bold.loc[method, "slope_low"] < 1 < bold.loc[method, "slope_high"]


def test_values_lie_in_their_intervals(bold):
    for name in ("log_loss", "brier", "slope", "intercept"):
        assert (bold[f"{name}_low"] <= bold[name]).all()
        assert (bold[name] <= bold[f"{name}_high"]).all()


def test_only_venn_abers_has_calibration_intervals(bold):
    wide = ["venn_abers", "cross_venn_abers"]
    assert bold.loc[wide, "mean_width"].between(0.01, 0.9).all()
    assert bold.drop(index=wide)["mean_width"].isna().all()
    assert not any("confidence" in name for name in bold.columns)


def test_numbers_are_means_over_repeats_of_pooled_rows():
    parts, y, patients = made_parts(stretch=2.0)
    rng = np.random.default_rng(0)
    found = compare_calibrators(parts, y, patients, rng=rng, methods=["sigmoid"], n_draws=20)
    probability, _ = calibrated("sigmoid", parts, y)
    assert probability.shape == (2, N)
    expected = np.mean([sklearn_log_loss(y, p) for p in probability])
    assert found.loc[0, "log_loss"] == pytest.approx(expected)
    for name, error in (("ece", expected_calibration_error), ("ace", adaptive_calibration_error)):
        assert found.loc[0, name] == pytest.approx(np.mean([error(y, p) for p in probability]))


def test_an_outer_probability_is_of_the_calibrator_of_its_part():
    parts, y, _ = made_parts(repeats=1)
    probability, _ = calibrated("isotonic", parts, y)
    for part in parts:
        fitted = fit_calibrator("isotonic", part.inner_scores, y[part.inner_rows])
        assert_allclose(probability[0, part.outer_rows], fitted.probability(part.outer_scores))


def test_cross_venn_abers_uses_each_fold_s_own_chain_where_it_is_given():
    parts, y, _ = made_parts(repeats=1)
    by_fold = [np.column_stack([p.outer_scores + shift for shift in range(4)]) for p in parts]
    given = [
        HeldOutScores(**{**vars(part), "outer_by_fold": own})
        for part, own in zip(parts, by_fold, strict=True)
    ]
    probability, _ = calibrated("cross_venn_abers", given, y)
    fitted = fit_calibrator(
        "cross_venn_abers",
        given[0].inner_scores,
        y[given[0].inner_rows],
        folds=given[0].inner_folds,
    )
    assert_allclose(probability[0, given[0].outer_rows], fitted.probability(by_fold[0]))


def test_the_same_start_gives_the_same_table():
    parts, y, patients = made_parts(repeats=1)
    one, other = (
        compare_calibrators(parts, y, patients, rng=np.random.default_rng(4), n_draws=30)
        for _ in range(2)
    )
    assert one.equals(other)


def test_distances_are_judged_by_every_method_that_fits():
    parts, y, patients = made_parts(repeats=1)
    rng = np.random.default_rng(0)
    found = compare_calibrators(parts, y, patients, rng=rng, scale="distance", n_draws=20)
    assert list(found["method"]) == list(methods_for("distance"))


def test_a_patient_on_both_sides_is_refused():
    parts, y, patients = made_parts(repeats=1)
    patients[parts[0].outer_rows[0]] = patients[parts[0].inner_rows[0]]
    with pytest.raises(LeakageError, match="split by patient"):
        compare_calibrators(parts, y, patients, rng=np.random.default_rng(0))


@pytest.mark.parametrize("kept", [slice(1, None), slice(0, 0)])
def test_a_row_that_is_never_held_out_is_refused(kept):
    parts, y, patients = made_parts(repeats=1)
    with pytest.raises(InputError, match="give every outer fold once"):
        compare_calibrators(parts[kept], y, patients, rng=np.random.default_rng(0))
