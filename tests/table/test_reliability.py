"""Reliability, held against published tables and another implementation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from radpred.errors import InputError
from radpred.table.reliability import (
    STATISTICS,
    reliability,
    reliability_by_size,
    reliability_table,
    repeated,
)

ICCS = {"icc_1_1": "ICC(1,1)", "icc_2_1": "ICC(A,1)", "icc_3_1": "ICC(C,1)"}
# Six subjects, four judges: Shrout and Fleiss 1979, table 2.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    dtype=float,
)


def measured(rng, n=25, k=4, p=1, *, noise=0.5, offset=0.3):
    """Return p columns of n subjects, measured k times with noise and an offset each."""
    subjects = rng.normal(size=(n, 1, p))
    offsets = offset * rng.normal(size=(1, k, p))
    return subjects + offsets + noise * rng.normal(size=(n, k, p))


@pytest.mark.parametrize(
    ("statistic", "published"), [("icc_1_1", 0.17), ("icc_2_1", 0.29), ("icc_3_1", 0.71)]
)
def test_shrout_and_fleiss_s_example_gives_their_coefficients(statistic, published):
    found = reliability(SHROUT_FLEISS[:, :, None], statistic)
    assert round(found.estimate[0], 2) == published


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("statistic", ICCS)
@pytest.mark.parametrize(("n", "k"), [(6, 2), (12, 5), (60, 3)])
def test_intraclass_correlations_and_intervals_are_pingouin_s(statistic, n, k, rng, monkeypatch):
    pingouin = pytest.importorskip("pingouin")
    monkeypatch.setitem(pingouin.options, "round.column.CI95", None)
    values = measured(rng, n, k)[:, :, 0]
    long = pd.DataFrame(
        {
            "subject": np.repeat(np.arange(n), k),
            "reader": np.tile(np.arange(k), n),
            "value": values.ravel(),
        }
    )
    table = pingouin.intraclass_corr(long, targets="subject", raters="reader", ratings="value")
    expected = table.set_index("Type").loc[ICCS[statistic]]
    found = reliability(values[:, :, None], statistic)
    assert found.estimate[0] == pytest.approx(expected["ICC"], abs=1e-10)
    assert [found.low[0], found.high[0]] == pytest.approx(list(expected["CI95"]), abs=1e-10)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_columns_are_judged_one_by_one(statistic, rng):
    values = measured(rng, p=6)
    together = reliability(values, statistic)
    for place in range(6):
        alone = reliability(values[:, :, [place]], statistic)
        for part in ("estimate", "low", "high"):
            assert getattr(together, part)[place] == pytest.approx(getattr(alone, part)[0])


@pytest.mark.parametrize("statistic", STATISTICS)
def test_a_subject_with_a_gap_is_left_out_of_its_column_alone(statistic, rng):
    values = measured(rng, p=2)
    values[3, 1, 0] = np.nan
    values[7, 0, 0] = np.inf
    found = reliability(values, statistic)
    without = reliability(np.delete(values, [3, 7], axis=0), statistic)
    whole = reliability(values[:, :, [1]], statistic)
    assert found.n_subjects.tolist() == [23, 25]
    for part in ("estimate", "low", "high"):
        assert getattr(found, part)[0] == pytest.approx(getattr(without, part)[0])
        assert getattr(found, part)[1] == pytest.approx(getattr(whole, part)[0])


@pytest.mark.parametrize("statistic", STATISTICS)
def test_measurements_that_are_equal_are_perfectly_reliable(statistic, rng):
    values = np.repeat(rng.normal(size=(12, 1, 1)), 3, axis=1)
    found = reliability(values, statistic)
    assert [found.estimate[0], found.low[0], found.high[0]] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("statistic", STATISTICS)
def test_where_nothing_differs_nothing_can_be_told(statistic):
    found = reliability(np.full((12, 3, 1), 4.2), statistic)
    assert np.isnan([found.estimate[0], found.low[0], found.high[0]]).all()


@pytest.mark.parametrize("statistic", STATISTICS)
def test_two_subjects_are_too_few(statistic, rng):
    values = measured(rng)
    values[2:] = np.nan
    assert np.isnan(reliability(values, statistic).estimate[0])


@pytest.mark.parametrize("statistic", STATISTICS)
def test_another_unit_and_another_order_of_subjects_change_nothing(statistic, rng):
    values = measured(rng)
    plain = reliability(values, statistic)
    other = reliability(1e9 + 40 * values[::-1], statistic)
    assert other.estimate == pytest.approx(plain.estimate, rel=1e-6)
    assert other.low == pytest.approx(plain.low, rel=1e-6)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("k", [2, 4])
def test_intervals_hold_the_truth_about_as_often_as_they_say(statistic, k, rng):
    # Without offsets, all five estimate the share of the subjects' variance: 1 / (1 + 0.25).
    found = reliability(measured(rng, n=30, k=k, p=1500, offset=0.0), statistic)
    covered = np.mean((found.low <= 0.8) & (found.high >= 0.8))
    assert covered == pytest.approx(0.95, abs=0.025)


def test_of_other_numbers_of_measurements_the_ratio_is_that_of_the_analysis_of_variance(rng):
    values = measured(rng, n=30, k=4)
    values[:14, 3] = np.nan
    found = reliability(values, "icc_1_1", gaps="drop_measurement")
    groups = [row[~np.isnan(row)] for row in values[:, :, 0]]
    f = stats.f_oneway(*groups).statistic
    sizes = np.array([len(group) for group in groups])
    k = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)
    assert found.estimate[0] == pytest.approx((f - 1) / (f + k - 1), abs=1e-12)
    assert found.n_subjects[0] == 30


def test_of_other_numbers_of_measurements_the_interval_holds_the_truth(rng):
    values = measured(rng, n=30, k=4, p=1500, offset=0.0)
    values[:14, 3] = np.nan
    values[:5, 2] = np.nan
    found = reliability(values, "icc_1_1", gaps="drop_measurement")
    covered = np.mean((found.low <= 0.8) & (found.high >= 0.8))
    assert covered == pytest.approx(0.95, abs=0.025)


def test_without_gaps_dropping_measurements_changes_nothing(rng):
    values = measured(rng, p=3)
    one, other = (
        reliability(values, "icc_1_1", gaps=g) for g in ("drop_subject", "drop_measurement")
    )
    assert one.low == pytest.approx(other.low)


def test_a_constant_offset_counts_against_agreement_and_not_against_consistency(rng):
    values = measured(rng, k=2, noise=0.1, offset=0.0)
    values[:, 1] += 2.0
    found = {s: reliability(values, s).estimate[0] for s in STATISTICS}
    assert found["icc_3_1"] > 0.95
    assert found["pearson"] > 0.95
    assert max(found["icc_1_1"], found["icc_2_1"], found["concordance"]) < 0.6


def test_pearson_of_a_pair_is_scipy_s_with_fisher_s_interval(rng):
    values = measured(rng, k=2)
    expected = stats.pearsonr(values[:, 0, 0], values[:, 1, 0])
    found = reliability(values, "pearson")
    assert found.estimate[0] == pytest.approx(expected.statistic)
    interval = expected.confidence_interval(0.95)
    assert [found.low[0], found.high[0]] == pytest.approx([interval.low, interval.high])


def test_pearson_of_several_is_the_mean_of_the_pairs_(rng):
    values = measured(rng, k=3)
    pairs = np.corrcoef(values[:, :, 0].T)[np.triu_indices(3, 1)]
    assert reliability(values, "pearson").estimate[0] == pytest.approx(pairs.mean())


def test_concordance_of_a_pair_is_lin_s(rng):
    x, y = (values := measured(rng, k=2))[:, 0, 0], values[:, 1, 0]
    covariance = np.mean((x - x.mean()) * (y - y.mean()))
    lin = 2 * covariance / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    assert reliability(values, "concordance").estimate[0] == pytest.approx(lin)


def test_concordance_of_several_weighs_the_pairs_by_their_denominators(rng):
    # Barnhart et al. 2002, equation 7.
    values = measured(rng, k=4)
    over, under = 0.0, 0.0
    for j in range(4):
        for i in range(j):
            x, y = values[:, i, 0], values[:, j, 0]
            over += 2 * np.mean((x - x.mean()) * (y - y.mean()))
            under += x.var() + y.var() + (x.mean() - y.mean()) ** 2
    assert reliability(values, "concordance").estimate[0] == pytest.approx(over / under)


@pytest.mark.parametrize("statistic", ["pearson", "concordance"])
def test_the_jackknife_leaves_each_subject_out_once(statistic, rng):
    values = measured(rng, n=15, k=3)
    left_out = [
        np.arctanh(reliability(np.delete(values, i, axis=0), statistic).estimate[0])
        for i in range(15)
    ]
    error = np.sqrt(14 / 15 * np.sum((left_out - np.mean(left_out)) ** 2))
    found = reliability(values, statistic)
    half = (np.arctanh(found.high[0]) - np.arctanh(found.low[0])) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 14) * error)


def test_a_long_table_becomes_an_array_of_cases_and_variants():
    index = pd.MultiIndex.from_tuples([("b", 1), ("a", 0), ("b", 0)], names=["case_id", "variant"])
    values, cases = repeated(pd.DataFrame({"x": [1.0, 2.0, 3.0]}, index=index))
    assert cases == ["a", "b"]
    assert values[:, :, 0] == pytest.approx(np.array([[2.0, np.nan], [3.0, 1.0]]), nan_ok=True)


def test_a_table_in_which_a_pair_occurs_twice_is_refused():
    index = pd.MultiIndex.from_tuples([("a", 0), ("a", 0)])
    with pytest.raises(InputError, match="1 repetitions") as error:
        repeated(pd.DataFrame({"x": [1.0, 2.0]}, index=index))
    assert error.value.code == "bad_repeats"


def long(values):
    """Return an array of subjects, measurements and columns as a long table."""
    n, k, p = values.shape
    index = pd.MultiIndex.from_product([range(n), range(k)], names=["case_id", "variant"])
    return pd.DataFrame(values.reshape(n * k, p), index=index, columns=list("abc")[:p])


def test_the_table_has_a_row_for_each_column(rng):
    table = reliability_table(long(measured(rng, p=2)), "icc_2_1")
    assert table.index.tolist() == ["a", "b"]
    assert table.columns.tolist() == ["estimate", "low", "high", "n_cases"]
    assert (table["low"] < table["estimate"]).all()


def test_reliability_by_size_falls_as_perturbations_grow(rng):
    subjects = rng.normal(size=(40, 1, 2))
    noise = rng.normal(size=(40, 5, 2))
    frames = {size: long(subjects + (1 - size) * noise) for size in (0.95, 0.9, 0.7)}
    table = reliability_by_size(frames, "icc_1_1")
    assert table["size"].tolist() == [0.95, 0.95, 0.9, 0.9, 0.7, 0.7]
    for _, column in table.groupby("column"):
        assert column["estimate"].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"statistic": "kappa"}, "known are"),
        ({"values": np.zeros((4, 3))}, "wanted subjects x measurements"),
        ({"values": np.zeros((4, 1, 2))}, "two measurements"),
        ({"level": 95}, "wanted more than 0"),
        ({"gaps": "drop_measurement"}, "all measurements"),
    ],
)
def test_what_cannot_be_computed_is_refused(wrong, match):
    given = {"values": np.zeros((4, 3, 2)), "statistic": "icc_2_1", **wrong}
    with pytest.raises(InputError, match=match):
        reliability(given.pop("values"), given.pop("statistic"), **given)
