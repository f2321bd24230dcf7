"""The .632+ estimator equals a hand computation, and is near the truth where it is known."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from radpred.cohort.designs import bootstrap
from radpred.errors import InputError, SettingsError
from radpred.evaluate.designs import optimism_632

Y = np.array([1, 1, 0, 0])
APPARENT = np.array([0.9, 0.6, 0.3, 0.2])
HELD_OUT = np.array([[0.7, np.nan, 0.5, np.nan],
                     [np.nan, 0.4, 0.6, 0.1],
                     [0.5, np.nan, np.nan, 0.3]])  # fmt: skip


def by_bootstrap(model, X, y, *, groups=None, n_draws=50, seed=0):
    """Return apparent and held-out probabilities of ``model``."""
    groups = np.arange(len(y)) if groups is None else groups
    held_out = np.full((n_draws, len(y)), np.nan)
    for split in bootstrap(y, groups, n_draws=n_draws, seed=seed).splits:
        fitted = model.fit(X[split.train], y[split.train])
        held_out[split.repeat, split.test] = fitted.predict_proba(X[split.test])[:, 1]
    return model.fit(X, y).predict_proba(X)[:, 1], held_out


def test_the_brier_score_equals_a_hand_computation():
    found = optimism_632("brier", Y, APPARENT, HELD_OUT)
    apparent = (0.01 + 0.16 + 0.09 + 0.04) / 4
    rows = [(0.09 + 0.25) / 2, 0.36, (0.25 + 0.36) / 2, (0.01 + 0.09) / 2]
    out_of_bag = sum(rows) / 4
    none = 0.5 * (0.01 + 0.16 + 0.49 + 0.64) / 4 + 0.5 * (0.81 + 0.36 + 0.09 + 0.04) / 4
    over = (out_of_bag - apparent) / (none - apparent)
    weight = 0.632 / (1 - 0.368 * over)
    assert found.apparent == pytest.approx(apparent)
    assert found.out_of_bag == pytest.approx(out_of_bag)
    assert found.no_information == pytest.approx(none)
    assert found.overfitting == pytest.approx(over)
    assert found.value_632 == pytest.approx(0.368 * apparent + 0.632 * out_of_bag)
    assert found.value_632_plus == pytest.approx((1 - weight) * apparent + weight * out_of_bag)


def test_the_log_loss_equals_a_hand_computation():
    found = optimism_632("log_loss", Y, APPARENT, HELD_OUT)
    assert found.apparent == pytest.approx(-np.log([0.9, 0.6, 0.7, 0.8]).mean())
    rows = [-np.log([0.7, 0.5]).mean(), -np.log(0.4), -np.log([0.5, 0.4]).mean(),
            -np.log([0.9, 0.7]).mean()]  # fmt: skip
    assert found.out_of_bag == pytest.approx(np.mean(rows))


def test_the_no_information_loss_is_the_mean_over_all_pairs_of_outcome_and_prediction(rng):
    y, p = np.tile([0, 0, 1], 10), rng.uniform(0.05, 0.95, 30)
    held_out = np.tile(p, (2, 1))
    squares = [(label - one) ** 2 for label in y for one in p]
    losses = [-np.log(one if label else 1 - one) for label in y for one in p]
    assert optimism_632("brier", y, p, held_out).no_information == pytest.approx(np.mean(squares))
    found = optimism_632("log_loss", y, p, held_out)
    assert found.no_information == pytest.approx(np.mean(losses))


def test_the_area_equals_a_hand_computation():
    found = optimism_632("auroc", Y, APPARENT, HELD_OUT)
    out_of_bag = (1 + 0.5 + 1) / 3
    over = (1 - out_of_bag) / 0.5
    weight = 0.632 / (1 - 0.368 * over)
    assert (found.apparent, found.no_information) == (1.0, 0.5)
    assert found.out_of_bag == pytest.approx(out_of_bag)
    assert found.value_632_plus == pytest.approx(1 - weight * (1 - out_of_bag))


def test_worse_than_no_information_counts_as_nothing_but_overfitting():
    held_out = np.array([[0.0, 0.0, 1.0, 1.0]])
    found = optimism_632("brier", Y, Y.astype(float), held_out)
    assert (found.no_information, found.overfitting) == (0.5, 1.0)
    assert found.value_632_plus == pytest.approx(0.632 * 1.0 + 0.368 * 0.5)


def test_no_overfitting_leaves_the_plain_estimator():
    found = optimism_632("brier", Y, APPARENT, np.array([[0.95, 0.95, 0.05, 0.05]]))
    assert found.overfitting == 0
    assert found.value_632_plus == found.value_632


def test_a_nearest_neighbour_on_noise_is_worth_nothing_by_632_plus_alone():
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(40, 5)), np.arange(40) % 2
        scores = by_bootstrap(KNeighborsClassifier(1), X, y, seed=seed)
        found.append(optimism_632("brier", y, *scores))
    assert all(one.apparent == 0 for one in found)
    assert np.mean([one.value_632 for one in found]) < 0.36
    assert np.mean([one.value_632_plus for one in found]) == pytest.approx(0.5, abs=0.06)


def test_the_area_of_noise_is_one_half_by_632_plus():
    areas = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(40, 20)), np.arange(40) % 2
        scores = by_bootstrap(LogisticRegression(C=1.0), X, y, seed=seed)
        areas.append(optimism_632("auroc", y, *scores))
    assert np.mean([one.apparent for one in areas]) > 0.9
    assert np.mean([one.value_632_plus for one in areas]) == pytest.approx(0.5, abs=0.07)


def off_the_truth(metric, *, n, n_cohorts=8):
    """Return by how much estimates of a discriminant miss its worth on new rows, on average."""
    missed = {"apparent": [], "value_632": [], "value_632_plus": []}
    for seed in range(n_cohorts):
        rng = np.random.default_rng(seed)
        y = np.arange(n + 4000) % 2
        X = rng.normal(size=(len(y), 8)) + 0.45 * y[:, None] * (np.arange(8) < 4)
        model = LinearDiscriminantAnalysis()
        found = optimism_632(metric, y[:n], *by_bootstrap(model, X[:n], y[:n], seed=seed))
        new, outcome = model.fit(X[:n], y[:n]).predict_proba(X[n:])[:, 1], y[n:]
        is_area = metric == "auroc"
        truth = roc_auc_score(outcome, new) if is_area else ((new - outcome) ** 2).mean()
        for name, values in missed.items():
            values.append(getattr(found, name) - truth)
    return {name: np.mean(values) for name, values in missed.items()}


@pytest.mark.parametrize(("metric", "n"), [("auroc", 60), ("auroc", 200), ("brier", 200)])
def test_it_is_nearer_the_truth_than_the_apparent_value(metric, n):
    off = off_the_truth(metric, n=n)
    assert abs(off["value_632_plus"]) < abs(off["apparent"]) / 3
    assert abs(off["value_632_plus"]) < 0.025


def test_of_the_loss_in_a_small_cohort_it_is_harsh_and_the_plain_one_is_nearer():
    off = off_the_truth("brier", n=60)
    assert off["value_632_plus"] > 0.02
    assert abs(off["value_632"]) < 0.02


def test_copies_of_patients_on_noise_are_worth_nothing_when_patients_are_drawn():
    by_row, by_patient = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(40), 5)
        X = np.repeat(rng.normal(size=(40, 5)), 5, axis=0) + 0.05 * rng.normal(size=(200, 5))
        y = np.repeat(rng.permutation(np.arange(40) % 2), 5)
        for areas, drawn in ((by_row, np.arange(200)), (by_patient, groups)):
            scores = by_bootstrap(
                KNeighborsClassifier(5), X, y, groups=drawn, n_draws=20, seed=seed
            )
            areas.append(optimism_632("auroc", y, *scores).out_of_bag)
    assert np.mean(by_row) > 0.9
    assert np.mean(by_patient) == pytest.approx(0.5, abs=0.1)


def test_rows_out_of_no_bag_are_left_out_and_counted():
    held_out = np.array([[0.7, np.nan, 0.5, 0.2]])
    assert optimism_632("brier", Y, APPARENT, held_out).notes == (
        "1 of 4 rows were out of no bag: draw more often",
    )


def test_draws_of_one_outcome_have_no_area_and_are_counted():
    held_out = np.array([[0.7, np.nan, 0.5, 0.2], [0.7, 0.8, np.nan, np.nan]])
    found = optimism_632("auroc", Y, APPARENT, held_out)
    assert found.notes == ("1 of 2 draws left one outcome out only",)


@pytest.mark.parametrize(
    ("y", "apparent", "held_out", "problem"),
    [
        (Y, APPARENT[:3], HELD_OUT, "do not fit"),
        (Y, APPARENT, HELD_OUT.T, "do not fit"),
        (np.ones(4), APPARENT, HELD_OUT, "both kinds"),
        (Y, np.full(4, np.nan), HELD_OUT, "4 apparent predictions are missing"),
        (Y, APPARENT, np.full((3, 4), np.nan), "no row is out of any bag"),
    ],
)
def test_what_cannot_be_judged_is_refused(y, apparent, held_out, problem):
    with pytest.raises(InputError, match=problem):
        optimism_632("brier", y, apparent, held_out)


def test_an_area_needs_a_draw_that_leaves_both_outcomes_out():
    with pytest.raises(InputError, match="none of 1 draws left both outcomes out"):
        optimism_632("auroc", Y, APPARENT, np.array([[0.7, 0.8, np.nan, np.nan]]))


def test_an_unknown_metric_is_refused():
    with pytest.raises(SettingsError, match="auroc, brier, log_loss"):
        optimism_632("accuracy", Y, APPARENT, HELD_OUT)
