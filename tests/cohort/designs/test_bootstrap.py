"""Patients are drawn with replacement; whom no draw took is tested."""

import warnings

import numpy as np
import pytest

from radpred.cohort.designs import bootstrap, names_of_copies
from radpred.errors import InputError, RadpredWarning, SettingsError


def test_as_many_patients_are_drawn_as_there_are(rows):
    _, n_rows = np.unique(rows.groups, return_counts=True)
    _, first = np.unique(rows.groups, return_index=True)
    for split in bootstrap(rows.y, rows.groups, n_draws=20, seed=0).splits:
        counts = np.bincount(split.train, minlength=len(rows.y))
        assert counts[first].sum() == len(n_rows)


def test_all_rows_of_a_patient_are_drawn_equally_often(rows):
    for split in bootstrap(rows.y, rows.groups, n_draws=20, seed=0).splits:
        counts = np.bincount(split.train, minlength=len(rows.y))
        for name in np.unique(rows.groups):
            assert len(set(counts[rows.groups == name])) == 1


def test_who_is_not_drawn_is_tested(rows):
    for split in bootstrap(rows.y, rows.groups, n_draws=20, seed=0).splits:
        assert sorted({*split.train, *split.test}) == list(range(len(rows.y)))


def test_about_two_thirds_of_the_patients_are_in_a_bag(rows):
    splits = bootstrap(rows.y, rows.groups, n_draws=200, seed=0).splits
    share = [len(np.unique(rows.groups[split.train])) / 60 for split in splits]
    assert np.mean(share) == pytest.approx(1 - (1 - 1 / 60) ** 60, abs=0.01)


def test_a_draw_does_not_depend_on_how_many_there_are(rows):
    few, many = (bootstrap(rows.y, rows.groups, n_draws=n, seed=5) for n in (3, 6))
    for one, other in zip(few.splits, many.splits, strict=False):
        assert np.array_equal(one.train, other.train)
    assert not np.array_equal(many.splits[0].train, many.splits[1].train)


def test_draws_that_lack_an_outcome_are_drawn_anew_and_counted():
    y, groups = np.array([1] * 4 + [0] * 26), np.arange(30)
    with pytest.warns(RadpredWarning, match=r"\d+ draws lacked an outcome and were drawn anew"):
        design = bootstrap(y, groups, n_draws=50, seed=0)
    for split in design.splits:
        assert len(set(groups[split.train][y[split.train] == 1])) >= 2
        assert set(y[split.test]) == {0, 1}


def test_two_patients_with_the_event_cannot_be_drawn_and_left_out():
    with pytest.raises(InputError, match=r"2 rows of 2 patients with outcome 1.*100 bootstrap"):
        bootstrap([1, 1, *[0] * 20], np.arange(22), n_draws=2, seed=0)


@pytest.mark.parametrize("kind", ["multiclass", "continuous"])
def test_other_outcomes_can_be_drawn_too(kind, rows):
    y = rows.y + 2 * (rows.sites == "site_0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadpredWarning)
        design = bootstrap(y, rows.groups, n_draws=5, seed=0, kind=kind)
    assert len(design.splits) == 5


def test_copies_are_named_apart():
    names = names_of_copies(["a", "b", "c"], np.array([0, 0, 0, 2]))
    assert names == ["a", "a#2", "a#3", "c"]


def test_a_case_with_the_name_of_a_copy_is_refused():
    with pytest.raises(InputError, match="a#2"):
        names_of_copies(["a", "a#2"], np.array([0, 0, 1]))


def test_no_draws_are_refused(rows):
    with pytest.raises(SettingsError, match="0 bootstrap draws"):
        bootstrap(rows.y, rows.groups, n_draws=0, seed=0)
