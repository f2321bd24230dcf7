"""The past teaches, what came later is tested; days are never cut."""

import numpy as np
import pandas as pd
import pytest

from radpred.cohort.designs import by_date
from radpred.errors import InputError, LeakageError, RadpredWarning, SettingsError

DAYS = np.array(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-03", "2020-01-04",
                 "2020-01-05"])  # fmt: skip
Y = np.array([0, 1, 0, 1, 0, 1])
NAMES = np.array(list("abcdef"))


def test_rows_before_the_date_teach_and_rows_from_it_on_are_tested():
    (split,) = by_date(Y, NAMES, DAYS, cut="2020-01-03").splits
    assert split.train.tolist() == [0, 1]
    assert split.test.tolist() == [2, 3, 4, 5]
    assert split.label == "from 2020-01-03"


def test_ties_on_a_date_stay_together():
    (split,) = by_date(Y, NAMES, DAYS, share=0.5).splits
    assert split.train.tolist() == [0, 1]


def test_no_more_than_the_share_teaches(rows):
    (split,) = by_date(rows.y, rows.groups, rows.dates, share=0.7).splits
    assert 0.6 < len(np.unique(rows.groups[split.train])) / 60 <= 0.7
    assert rows.dates[split.train].max() < rows.dates[split.test].min()


def test_a_share_below_the_first_date_takes_the_second():
    days = np.array(["2020-01-01"] * 4 + ["2020-02-01"] * 2)
    (split,) = by_date(Y, NAMES, days, share=0.2).splits
    assert split.train.tolist() == [0, 1, 2, 3]


def test_patients_on_both_sides_are_tested_as_a_whole_and_counted():
    y, names = [0, 1, 0, 1, 1, 0], list("abcdea")
    with pytest.warns(RadpredWarning, match=r"1 patients have rows on both sides.*first a"):
        (split,) = by_date(y, names, DAYS, cut="2020-01-04").splits
    assert split.test.tolist() == [0, 4, 5]


def test_patients_on_both_sides_may_be_refused():
    with pytest.raises(LeakageError, match=r"1 patients have rows before and from 2020-01-04"):
        by_date(Y, np.array(list("abcdea")), DAYS, cut="2020-01-04", straddling="refuse")


@pytest.mark.parametrize("cut", ["2020-01-01", "2020-01-06", "2019-01-01"])
def test_a_date_outside_the_cohort_is_refused_with_its_first_and_last_day(cut):
    with pytest.raises(InputError, match="dates run from 2020-01-01 to 2020-01-05"):
        by_date(Y, NAMES, DAYS, cut=cut)


def test_a_later_side_without_an_event_is_refused():
    with pytest.raises(InputError, match="none of the 2 rows from 2020-01-04 has 1"):
        by_date([0, 1, 0, 1, 0, 0], NAMES, DAYS, cut="2020-01-04")


def test_an_earlier_side_without_an_event_is_refused():
    with pytest.raises(InputError, match="nothing to learn 1 from"):
        by_date([0, 0, 0, 1, 0, 1], NAMES, DAYS, cut="2020-01-03")


@pytest.mark.parametrize("write", [pd.to_datetime, lambda d: np.char.replace(d, "-", "")])
def test_dates_may_be_values_or_written_without_dashes(write):
    (split,) = by_date(Y, NAMES, write(DAYS), cut="2020-01-03").splits
    assert split.train.tolist() == [0, 1]


@pytest.mark.parametrize("days", [np.arange(6), np.array(["March", *DAYS[1:]]),
                                  np.array([None, *DAYS[1:]])])  # fmt: skip
def test_what_is_no_date_is_refused(days):
    with pytest.raises(InputError, match="2020-03-01"):
        by_date(Y, NAMES, days)


def test_patients_of_a_single_date_cannot_be_split():
    with pytest.raises(InputError, match="the same last date, 2020-01-01"):
        by_date(Y, NAMES, ["2020-01-01"] * 6)


@pytest.mark.parametrize("wrong", [{"share": 1.0}, {"straddling": "earlier"}])
def test_settings_that_make_no_split_are_refused(wrong):
    with pytest.raises(SettingsError, match="wanted are one of later, refuse"):
        by_date(Y, NAMES, DAYS, **wrong)
