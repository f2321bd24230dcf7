"""Operating points: where they lie, who may judge them, and how sure their shares are."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.errors import InputError, LeakageError, SettingsError
from radpred.evaluate.operating import (
    choose_operating_point,
    judge_across_folds,
    judge_operating_point,
    operating_table,
    threshold_of_harm,
    wilson,
)

Y = np.array([0, 0, 1, 0, 1, 0, 1, 1])
P = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
IDS = np.array([f"case_{i}" for i in range(8)])
PATIENTS = np.array([f"patient_{i}" for i in range(8)])


def chosen(need, wanted):
    """Return the point that the eight rows choose."""
    return choose_operating_point(Y, P, need=need, wanted=wanted, case_ids=IDS, patients=PATIENTS)


@pytest.mark.parametrize(
    ("need", "wanted", "threshold", "reached"),
    [
        ("sensitivity", 0.75, 0.5, 0.75),
        ("sensitivity", 0.76, 0.3, 1.0),
        ("specificity", 0.5, 0.3, 0.5),
        ("specificity", 0.7, 0.5, 0.75),
        ("ppv", 0.75, 0.5, 0.75),
        ("ppv", 0.9, 0.7, 1.0),
        ("npv", 0.9, 0.3, 1.0),
        ("npv", 0.75, 0.5, 0.75),
    ],
)
def test_a_need_is_served_at_the_least_cost_of_the_rest(need, wanted, threshold, reached):
    point = chosen(need, wanted)
    assert (point.threshold, point.reached) == (threshold, reached)


@pytest.mark.parametrize("need", ["sensitivity", "specificity", "ppv", "npv"])
def test_the_wanted_share_is_reached_on_the_rows_of_the_choice(need, rng):
    y = (rng.random(200) < 0.4).astype(int)
    p = np.round(1 / (1 + np.exp(-(2 * y - 1 + rng.normal(size=200)))), 2)
    point = choose_operating_point(
        y, p, need=need, wanted=0.8, case_ids=np.arange(200), patients=np.arange(200)
    )
    table = operating_table(y, point.positive(p), np.arange(200), rng=rng).set_index("metric")
    assert table.loc[need, "value"] >= 0.8 - 1e-12
    assert table.loc[need, "value"] == pytest.approx(point.reached)


def test_a_specificity_of_one_may_take_a_threshold_above_all():
    y = np.array([0, 1, 0])
    p = np.array([0.2, 0.4, 0.9])
    point = choose_operating_point(
        y, p, need="specificity", wanted=1.0, case_ids=[1, 2, 3], patients=[1, 2, 3]
    )
    assert point.threshold > 0.9
    assert not point.positive(p).any()


@pytest.mark.parametrize(("harm", "threshold"), [(1, 0.5), (9, 0.1), (0.25, 0.8)])
def test_odds_of_harm_need_no_rows(harm, threshold):
    point = threshold_of_harm(harm)
    assert point.threshold == pytest.approx(threshold)
    assert not point.patients
    assert chosen("harm_odds", harm) == point


def test_a_share_that_no_threshold_reaches_is_refused_with_the_best():
    y, p = np.array([1, 0, 0]), np.array([0.1, 0.5, 0.9])
    with pytest.raises(InputError, match=r"ppv of 0\.9: these rows reach 0\.333"):
        choose_operating_point(y, p, need="ppv", wanted=0.9, case_ids=[1, 2, 3], patients=[1, 2, 3])


@pytest.mark.parametrize(("need", "wanted"), [("youden", 0.5), ("npv", 0), ("ppv", 1.1)])
def test_unknown_needs_and_shares_outside_zero_and_one_are_refused(need, wanted):
    with pytest.raises(SettingsError, match="wanted one of"):
        chosen(need, wanted)


def test_harm_must_be_above_zero():
    with pytest.raises(SettingsError, match="above 0"):
        threshold_of_harm(0)


def test_rows_that_chose_may_not_judge(rng):
    point = chosen("sensitivity", 0.9)
    for ids, patients in ((IDS, np.arange(8)), (np.arange(8), PATIENTS)):
        with pytest.raises(LeakageError, match="chose the threshold and would judge it"):
            judge_operating_point(point, Y, P, case_ids=ids, patients=patients, rng=rng)


def test_other_rows_judge_with_wilsons_interval(rng):
    point = chosen("sensitivity", 0.75)
    others = np.array([f"other_{i}" for i in range(8)])
    table = judge_operating_point(point, Y, P, case_ids=others, patients=others, rng=rng)
    row = table.set_index("metric").loc["sensitivity"]
    assert (row["value"], row["n"], row["note"]) == (0.75, 4, "Wilson")
    assert (row["low"], row["high"]) == (wilson(3, 4).low, wilson(3, 4).high)


@pytest.mark.parametrize(("k", "n"), [(0, 7), (3, 11), (7, 7), (125, 128)])
def test_wilsons_interval_is_statsmodels(k, n):
    statsmodels = pytest.importorskip("statsmodels.stats.proportion")
    found = wilson(k, n)
    expected = statsmodels.proportion_confint(k, n, method="wilson")
    assert_allclose([found.low, found.high], expected, atol=1e-12)


def test_a_share_of_nothing_is_undefined(rng):
    table = operating_table(Y, np.zeros(8, dtype=bool), PATIENTS, rng=rng).set_index("metric")
    assert np.isnan(table.loc["ppv", "value"])
    assert table.loc["positive", "value"] == 0


def test_rows_of_one_patient_widen_the_interval(rng):
    y = np.repeat(np.arange(40) % 2, 5)
    patients = np.repeat(np.arange(40), 5)
    positive = np.repeat(rng.random(40) < np.where(np.arange(40) % 2, 0.8, 0.2), 5)
    apart = operating_table(y, positive, np.arange(200), rng=rng).set_index("metric")
    whole = operating_table(y, positive, patients, rng=rng).set_index("metric")
    assert_allclose(whole["value"], apart["value"])
    widths = [(t["high"] - t["low"])["sensitivity"] for t in (whole, apart)]
    assert widths[0] > 1.7 * widths[1]


def test_where_no_patient_differs_the_interval_counts_patients(rng):
    y = np.repeat([0, 1], 20)
    patients = np.repeat(np.arange(8), 5)
    table = operating_table(y, y == 1, patients, rng=rng).set_index("metric")
    assert table.loc["sensitivity", "low"] == pytest.approx(wilson(4, 4).low)


def test_each_fold_is_judged_by_the_threshold_of_the_others(rng):
    table, thresholds = judge_across_folds(
        Y, P, np.array([0, 1, 0, 1, 0, 1, 0, 1]), PATIENTS,
        need="sensitivity", wanted=1.0, rng=rng,
    )  # fmt: skip
    assert_array_equal(thresholds, [[0.8, 0.3]])
    # Fold 0 is called at 0.8, where none of its events lies; fold 1 at 0.3.
    assert table.set_index("metric").loc["sensitivity", "value"] == pytest.approx(1 / 4)


def test_a_patient_in_two_folds_is_refused(rng):
    with pytest.raises(LeakageError, match="several folds"):
        judge_across_folds(
            Y, P, np.arange(8) % 2, np.repeat(["a", "b", "c", "d"], 2),
            need="sensitivity", wanted=0.5, rng=rng,
        )  # fmt: skip


def test_choosing_and_judging_on_the_same_noise_flatters_and_across_folds_does_not():
    rng = np.random.default_rng(3)
    flattered, honest = [], []
    for _ in range(60):
        y, p = (np.arange(60) % 3 == 0).astype(int), rng.random(60)
        ids = np.arange(60)
        point = choose_operating_point(
            y, p, need="sensitivity", wanted=0.9, case_ids=ids, patients=ids
        )
        flattered.append(point.reached)
        table, _ = judge_across_folds(
            y, p, ids // 3 % 5, ids, need="sensitivity", wanted=0.9, rng=rng
        )
        honest.append(table.set_index("metric").loc["sensitivity", "value"])
    assert min(flattered) >= 0.9
    assert np.mean(honest) < np.mean(flattered) - 0.01


@pytest.mark.parametrize("need", ["sensitivity", "specificity", "ppv", "npv"])
def test_spoiling_a_fold_leaves_its_own_threshold_as_it_was(need, rng):
    y, fold, ids = np.arange(60) % 2, np.arange(60) // 2 % 5, np.arange(60)
    p = 1 / (1 + np.exp(-(2.0 * y - 1 + rng.normal(size=60))))
    held_out = fold == 3
    spoiled_y, spoiled_p = np.where(held_out, 1 - y, y), np.where(held_out, 0.999, p)
    clean, spoiled = (
        judge_across_folds(*rows, fold, ids, need=need, wanted=0.7, rng=rng)[1]
        for rows in ((y, p), (spoiled_y, spoiled_p))
    )
    assert clean[0, 3] == spoiled[0, 3]
    assert not np.array_equal(clean, spoiled)
