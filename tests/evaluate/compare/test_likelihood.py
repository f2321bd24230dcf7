"""The test of an added score, against statsmodels and by simulation."""

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from radpred.errors import InputError
from radpred.evaluate.compare import likelihood_ratio

smf = pytest.importorskip("statsmodels.api")


@pytest.fixture
def scores(rng):
    """Return outcomes and two scores of 150 rows."""
    y = (rng.random(150) < 0.4).astype(int)
    base = 0.8 * y - 1 + rng.normal(size=150)
    return y, base, 0.6 * y + 0.5 * base + rng.normal(size=150)


def test_the_statistic_and_the_interval_are_statsmodels(scores):
    y, base, added = scores
    found = likelihood_ratio(y, base, added, patients=np.arange(150))
    design = smf.add_constant(np.column_stack([base, added]))
    full = smf.Logit(y, design).fit(disp=0)
    null = smf.Logit(y, design[:, :2]).fit(disp=0)
    statistic = 2 * (full.llf - null.llf)
    assert found.method == "likelihood ratio"
    assert found.statistic == pytest.approx(statistic, rel=1e-6)
    assert found.p == pytest.approx(chi2.sf(statistic, 1), rel=1e-6)
    assert found.coefficient == pytest.approx(full.params[2], rel=1e-6)
    assert [found.low, found.high] == pytest.approx(full.conf_int()[2].tolist(), rel=1e-5)


def test_with_several_rows_a_patient_it_is_walds_between_patients(scores):
    y, base, added = scores
    patients = np.arange(150) // 3
    found = likelihood_ratio(y, base, added, patients=patients)
    design = smf.add_constant(np.column_stack([base, added]))
    full = smf.Logit(y, design).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": patients, "use_correction": False}
    )
    error = full.bse[2] * np.sqrt(50 / 49)
    assert found.method == "Wald, by patient"
    assert found.statistic == pytest.approx((full.params[2] / error) ** 2, rel=1e-6)


def test_the_units_of_a_score_do_not_matter_to_the_test(scores):
    y, base, added = scores
    plain = likelihood_ratio(y, base, added, patients=np.arange(150))
    scaled = likelihood_ratio(y, base, 100 * added + 7, patients=np.arange(150))
    assert scaled.p == pytest.approx(plain.p)
    assert scaled.coefficient == pytest.approx(plain.coefficient / 100)


def test_scores_that_say_the_same_have_no_test(scores):
    y, base, _ = scores
    found = likelihood_ratio(y, base, 2 * base + 1, patients=np.arange(150))
    assert np.isnan(found.p)
    assert found.note == "the scores say the same"


def test_a_constant_score_has_no_test(scores):
    y, base, _ = scores
    assert np.isnan(likelihood_ratio(y, base, np.ones(150), patients=np.arange(150)).p)


@pytest.mark.parametrize("rows_each", [1, 2])
def test_scores_that_separate_the_classes_have_no_coefficient(rows_each):
    y = np.arange(40) // 2 % 2
    rng = np.random.default_rng(0)
    patients = np.arange(40) // rows_each
    found = likelihood_ratio(y, rng.normal(size=40), y + 0.1 * rng.random(40), patients=patients)
    assert np.isnan([found.coefficient, found.low, found.high]).all()
    assert "separate" in found.note
    assert found.p < 1e-8 if rows_each == 1 else np.isnan(found.p)


def test_infinite_log_odds_are_refused():
    with pytest.raises(InputError, match="finite"):
        likelihood_ratio([0, 1], [0.0, np.inf], [0.0, 1.0], patients=[1, 2])


def test_the_note_says_that_scores_are_held_out(scores):
    y, base, added = scores
    assert "held out" in likelihood_ratio(y, base, added, patients=np.arange(150)).note


def test_noise_adds_about_as_seldom_as_promised():
    rng = np.random.default_rng(8)
    called = by_row = by_patient = 0
    for _ in range(300):
        y = (rng.random(80) < 0.4).astype(int)
        base, added = y + rng.normal(size=80), rng.normal(size=80)
        called += likelihood_ratio(y, base, added, patients=np.arange(80)).p < 0.05
        rows = np.repeat(np.arange(80), 3)
        jitter = added[rows] + 0.2 * rng.normal(size=240)
        by_row += likelihood_ratio(y[rows], base[rows], jitter, patients=np.arange(240)).p < 0.05
        by_patient += likelihood_ratio(y[rows], base[rows], jitter, patients=rows).p < 0.05
    assert called / 300 < 0.09
    assert by_patient / 300 < 0.11
    assert by_row / 300 > 0.18


def test_a_score_that_ranks_the_wrong_way_is_said_not_to_add(scores):
    y, base, added = scores
    found = likelihood_ratio(y, base, -added, patients=np.arange(150))
    assert found.p < 0.05
    assert found.coefficient < 0
    assert "no added value" in found.note


def test_noise_out_of_fold_is_seldom_said_to_add():
    rng = np.random.default_rng(3)
    with_p = speaks_for = 0
    for seed in range(120):
        y = (rng.random(80) < 0.4).astype(int)
        tables = [rng.normal(size=(80, 2)) + y[:, None], rng.normal(size=(80, 10))]
        held_out = np.empty((2, 80))
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(y, y):
            for score, X in zip(held_out, tables, strict=True):
                model = LogisticRegression(C=0.1).fit(X[train], y[train])
                score[test] = model.decision_function(X[test])
        found = likelihood_ratio(y, *held_out, patients=np.arange(80))
        with_p += found.p < 0.05
        speaks_for += found.p < 0.05 and found.coefficient > 0
    assert speaks_for / 120 < 0.11
    assert with_p > speaks_for
