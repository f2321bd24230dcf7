"""Columns that repeat stay, and only the cases at hand are asked."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from radpred.errors import InputError
from radpred.model.selection import KeepStable, Repeats
from radpred.table.reliability import STATISTICS, reliability

STABLE, SHAKY = "tumour__original_glcm_A", "tumour__original_glcm_B"
AGE = "clinical__age"


@pytest.fixture
def cohort(rng):
    """Return a table of forty cases, of two features and an age, and five measurements of each."""
    cases = [f"case_{i:02d}" for i in range(40)]
    true = rng.normal(size=(40, 1, 2))
    values = true + np.array([0.1, 2.0]) * rng.normal(size=(40, 5, 2))
    index = pd.MultiIndex.from_product([cases, range(5)], names=["case_id", "variant"])
    table = pd.DataFrame(values.reshape(-1, 2), index=index, columns=[STABLE, SHAKY])
    X = table.xs(0, level="variant").assign(**{AGE: rng.normal(60, 9, 40)})
    return X, table


@pytest.mark.parametrize("statistic", STATISTICS)
def test_a_column_that_repeats_stays_and_one_that_does_not_goes(statistic, cohort):
    X, table = cohort
    fitted = KeepStable(Repeats(table), statistic=statistic).fit(X)
    assert fitted.kept_ == [STABLE, AGE]
    assert fitted.get_feature_names_out().tolist() == [STABLE, AGE]
    assert fitted.transform(X).columns.tolist() == [STABLE, AGE]


def test_the_scores_are_those_of_the_table(cohort):
    X, table = cohort
    fitted = KeepStable(Repeats(table), statistic="icc_3_1").fit(X)
    expected = reliability(table.to_numpy().reshape(40, 5, 2), "icc_3_1").estimate
    assert list(fitted.scores_.values()) == pytest.approx(expected)


def test_the_lower_end_asks_for_more(cohort):
    X, table = cohort
    estimate, lower = (
        KeepStable(Repeats(table), minimum=0.5, bound=bound).fit(X).scores_
        for bound in ("estimate", "lower")
    )
    assert lower[STABLE] < estimate[STABLE]


def test_clinical_columns_and_columns_without_repeats_stay(cohort, rng):
    X, table = cohort
    table = table.assign(**{AGE: rng.normal(size=len(table))})
    X = X.assign(tumour__original_shape_Volume=1.0)
    kept = KeepStable(Repeats(table)).fit(X).kept_
    assert kept == [STABLE, AGE, "tumour__original_shape_Volume"]


def test_the_flag_of_a_column_s_gaps_goes_as_the_column_goes(cohort):
    X, table = cohort
    flags = {f"{name}__missing": 0.0 for name in (STABLE, SHAKY)}
    kept = KeepStable(Repeats(table)).fit(X.assign(**flags)).kept_
    assert kept == [STABLE, AGE, f"{STABLE}__missing"]


@pytest.mark.parametrize("statistic", STATISTICS)
def test_measurements_of_held_out_cases_change_nothing(statistic, cohort, rng):
    X, table = cohort
    train = X.index[rng.permutation(40)[:25]]
    spoiled = table.copy()
    held_out = ~spoiled.index.get_level_values("case_id").isin(train)
    spoiled.loc[held_out] = 1e6 * rng.normal(size=(held_out.sum(), 2))
    spoiled.loc[held_out & (rng.random(len(table)) < 0.3), STABLE] = np.nan
    clean, blind = (
        KeepStable(Repeats(t), statistic=statistic, minimum=-1.0).fit(X.loc[train])
        for t in (table, spoiled)
    )
    assert pickle.dumps(clean.scores_) == pickle.dumps(blind.scores_)
    assert clean.kept_ == blind.kept_


def test_a_measurement_that_only_held_out_cases_have_changes_nothing(cohort):
    X, table = cohort
    train = X.index[:25]
    extra = table.xs(0, level="variant").loc[X.index[25:]]
    extra.index = pd.MultiIndex.from_product([extra.index, [9]], names=table.index.names)
    fits = [
        KeepStable(Repeats(t)).fit(X.loc[train]).scores_ for t in (table, pd.concat([table, extra]))
    ]
    assert pickle.dumps(fits[0]) == pickle.dumps(fits[1])


def test_dropping_the_held_out_cases_changes_nothing(cohort):
    X, table = cohort
    train = X.index[::2]
    own = table[table.index.get_level_values("case_id").isin(train)]
    fits = [KeepStable(Repeats(t)).fit(X.loc[train]).scores_ for t in (table, own)]
    assert pickle.dumps(fits[0]) == pickle.dumps(fits[1])


def test_the_order_of_rows_changes_nothing(cohort, rng):
    X, table = cohort
    mixed = table.iloc[rng.permutation(len(table))]
    fits = [
        KeepStable(Repeats(t)).fit(x).scores_
        for t, x in ((table, X), (mixed, X.iloc[rng.permutation(40)]))
    ]
    assert pickle.dumps(fits[0]) == pickle.dumps(fits[1])


def test_the_outcome_is_not_looked_at(cohort):
    X, table = cohort
    step = KeepStable(Repeats(table))
    assert step.fit(X, np.zeros(40)).kept_ == step.fit(X, np.arange(40)).kept_


def test_without_repeats_all_columns_stay(cohort):
    assert KeepStable().fit(cohort[0]).kept_ == [STABLE, SHAKY, AGE]


def test_copies_share_the_measurements(cohort):
    repeats = Repeats(cohort[1])
    assert copy.deepcopy(repeats) is repeats
    assert clone(KeepStable(repeats)).repeats is repeats


def test_what_is_left_for_a_bundle_holds_no_measurements(cohort):
    X, table = cohort
    fitted = KeepStable(Repeats(table), statistic="icc_3_1").fit(X)
    narrow = fitted.restricted_to([STABLE])
    assert narrow.repeats is None
    assert not hasattr(narrow, "scores_")
    assert narrow.statistic == "icc_3_1"
    assert narrow.transform(X).columns.tolist() == [STABLE]
    assert fitted.repeats is not None


def test_a_case_without_repeats_does_not_count(cohort):
    X, table = cohort
    some = table.drop(index=X.index[:10].tolist(), level="case_id")
    fits = [KeepStable(Repeats(some)).fit(x).scores_ for x in (X, X.iloc[10:])]
    assert fits[0] == fits[1]


def test_too_few_measured_cases_are_an_error(cohort):
    X, table = cohort
    with pytest.raises(InputError, match="2 of 2 cases have 5") as error:
        KeepStable(Repeats(table)).fit(X.iloc[:2])
    assert error.value.code == "too_few_repeats"


def test_a_table_that_is_not_indexed_by_case_is_an_error(cohort):
    X, table = cohort
    with pytest.raises(InputError, match="0 of 40 cases have 0") as error:
        KeepStable(Repeats(table)).fit(X.reset_index(drop=True))
    assert error.value.code == "too_few_repeats"


def test_where_nothing_is_stable_the_best_are_named(cohort):
    X, table = cohort
    with pytest.raises(InputError, match=rf"nearest: {STABLE} 0\.9") as error:
        KeepStable(Repeats(table), minimum=0.9999).fit(X)
    assert error.value.code == "none_stable"


def test_a_column_in_which_nothing_differs_goes(cohort):
    X, table = cohort
    assert KeepStable(Repeats(table.assign(**{SHAKY: 3.0}))).fit(X).kept_ == [STABLE, AGE]


def test_readers_may_be_three_for_one_case_and_four_for_another(cohort, rng):
    X, table = cohort
    gone = (table.index.get_level_values("variant") == 4) & (rng.random(len(table)) < 0.5)
    fitted = KeepStable(Repeats(table[~gone]), statistic="icc_1_1").fit(X)
    whole = KeepStable(Repeats(table), statistic="icc_1_1").fit(X)
    assert fitted.kept_ == [STABLE, AGE]
    assert fitted.scores_[SHAKY] == pytest.approx(whole.scores_[SHAKY], abs=0.1)


def test_columns_of_words_are_no_measurements(cohort):
    X, table = cohort
    repeats = Repeats(table.assign(name="reader"))
    assert repr(repeats) == "<40 cases x 5 variants x 2 columns>"
    assert KeepStable(repeats).fit(X).kept_ == [STABLE, AGE]
