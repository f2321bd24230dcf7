"""Repeated folds by patient for any outcome; shortages are mended with numbers, or refused."""

import warnings

import numpy as np
import pytest

from radpred.cohort.designs import k_fold as k_fold_module
from radpred.cohort.designs import repeated_k_fold
from radpred.cohort.split import outer_folds
from radpred.errors import InputError, RadpredWarning, SettingsError


def rows_of(design):
    """Return the tested rows of each split."""
    return [split.test.tolist() for split in design.splits]


def rare_classes():
    """Return 8 classes of 7 rows in groups of one or two rows, for 8 folds."""
    y = np.repeat(np.arange(8), 7)
    groups = np.concatenate([[f"{c}{g}" for g in (0, 0, 1, 1, 2, 3, 4)] for c in range(8)])
    return y, groups


def test_a_binary_design_is_that_of_outer_folds(rows):
    design = repeated_k_fold(rows.y, rows.groups, n_folds=5, repeats=3, seed=4)
    splits = outer_folds(rows.y, rows.groups, n_folds=5, repeats=3, seed=4)
    assert rows_of(design) == [split.test.tolist() for split in splits]
    assert design.notes == ()


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous"])
def test_every_row_is_tested_once_in_every_repeat(kind, rows):
    y = {"binary": rows.y, "multiclass": rows.y + 2 * (rows.sites == "site_0")}.get(
        kind, np.random.default_rng(0).normal(size=len(rows.y))
    )
    design = repeated_k_fold(y, rows.groups, n_folds=4, repeats=2, seed=0, kind=kind)
    for repeat in range(2):
        tested = np.concatenate([s.test for s in design.splits if s.repeat == repeat])
        assert sorted(tested) == list(range(len(y)))


@pytest.mark.parametrize("kind", ["multiclass", "continuous"])
def test_a_repeat_does_not_depend_on_how_many_there_are(kind, rows):
    y = rows.y + 2 * (rows.sites == "site_0")
    few, many = (
        repeated_k_fold(y, rows.groups, n_folds=4, repeats=n, seed=0, kind=kind) for n in (1, 3)
    )
    assert rows_of(few) == rows_of(many)[:4] != rows_of(many)[4:8]


def test_classes_are_spread_evenly():
    y = np.repeat([0, 1, 2], [50, 25, 10])
    design = repeated_k_fold(y, np.arange(85), n_folds=5, repeats=3, seed=0)
    for split in design.splits:
        assert np.bincount(y[split.test]).tolist() == [10, 5, 2]


def test_quantiles_of_a_continuous_outcome_are_spread_evenly():
    y = np.random.default_rng(0).lognormal(size=100)
    design = repeated_k_fold(y, np.arange(100), n_folds=5, seed=0)
    quintile = np.searchsorted(np.quantile(y, [0.2, 0.4, 0.6, 0.8]), y)
    for split in design.splits:
        assert np.bincount(quintile[split.test]).tolist() == [4, 4, 4, 4, 4]


def test_positives_in_one_group_of_six_are_refused():
    y, groups = np.repeat([1, 0, 0, 0, 0, 0], 5), np.repeat(list("abcdef"), 5)
    with pytest.raises(InputError, match=r"only one patient with outcome 1.*5 rows of 1 patients"):
        repeated_k_fold(y, groups, n_folds=5, seed=0)


def test_positives_in_two_groups_of_six_lower_five_folds_to_two_and_say_so():
    y, groups = np.repeat([1, 1, 0, 0, 0, 0], 5), np.repeat(list("abcdef"), 5)
    with pytest.warns(RadpredWarning, match=r"2 folds instead of 5.*10 rows of 2 patients"):
        design = repeated_k_fold(y, groups, n_folds=5, seed=0)
    assert len(design.splits) == 2
    assert all(set(y[split.test]) == {0, 1} for split in design.splits)


def test_five_folds_may_be_kept_with_test_parts_without_an_event():
    y, groups = np.repeat([1, 1, 0, 0, 0, 0], 5), np.repeat(list("abcdef"), 5)
    with pytest.warns(RadpredWarning, match=r"outcome 1 \(2 patients\) is absent from 3 of 5"):
        design = repeated_k_fold(y, groups, n_folds=5, seed=0, shortage="keep")
    assert len(design.splits) == 5
    assert all(set(y[split.train]) == {0, 1} for split in design.splits)


def test_a_shortage_may_be_refused():
    y, groups = np.repeat([1, 1, 0, 0, 0, 0], 5), np.repeat(list("abcdef"), 5)
    with pytest.raises(InputError, match=r"2 patients with outcome 1.*use at most 2 folds"):
        repeated_k_fold(y, groups, n_folds=5, seed=0, shortage="refuse")


def test_eight_rare_classes_keep_their_eight_folds_and_say_what_is_absent():
    y, groups = rare_classes()
    with pytest.warns(RadpredWarning, match=r"outcome 7 \(5 patients\) is absent from 3 of 8"):
        design = repeated_k_fold(y, groups, n_folds=8, seed=0)
    assert len(design.splits) == 8
    assert all(len(set(y[split.train])) == 8 for split in design.splits)


def test_each_patient_of_a_rare_class_is_tested_in_a_fold_of_their_own():
    y, groups = rare_classes()
    with pytest.warns(RadpredWarning):
        design = repeated_k_fold(y, groups, n_folds=8, seed=0)
    for split in design.splits:
        assert np.unique(groups[split.test]).size == len(set(y[split.test]))


def test_rare_classes_may_lower_the_folds():
    y, groups = rare_classes()
    with pytest.warns(RadpredWarning, match="5 folds instead of 8"):
        design = repeated_k_fold(y, groups, n_folds=8, seed=0, shortage="lower")
    assert all(len(set(y[split.test])) == 8 for split in design.splits)


def test_a_draw_that_lacks_a_class_is_drawn_anew(monkeypatch):
    y, groups = np.repeat([0, 1, 2], 10), np.arange(30)
    dealt, starts = k_fold_module.deal, []

    def bad_at_first(strata, patients, *, n_folds, rng):
        starts.append(rng)
        return y.copy() if len(starts) < 3 else dealt(strata, patients, n_folds=n_folds, rng=rng)

    monkeypatch.setattr(k_fold_module, "deal", bad_at_first)
    design = repeated_k_fold(y, groups, n_folds=3, seed=0)
    assert len(starts) == 3
    assert all(set(y[split.test]) == {0, 1, 2} for split in design.splits)


def test_more_folds_than_patients_are_lowered():
    with pytest.warns(RadpredWarning, match="4 folds instead of 9"):
        repeated_k_fold([0.5, 1.5, 2.5, 3.5, 4.5, 5.25, 6.5, 7.5], list("aabbccdd"),
                        n_folds=9, seed=0)  # fmt: skip


def test_a_design_without_shortage_warns_of_nothing(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        repeated_k_fold(rows.y, rows.groups, n_folds=5, seed=0)


@pytest.mark.parametrize("numbers", [{"n_folds": 1}, {"n_folds": 2, "repeats": 0}])
def test_numbers_that_make_no_design_are_refused(numbers, rows):
    with pytest.raises(SettingsError, match="at least 2 folds"):
        repeated_k_fold(rows.y, rows.groups, seed=0, **numbers)


def test_an_unknown_answer_to_a_shortage_is_refused(rows):
    with pytest.raises(SettingsError, match="lower, keep, refuse"):
        repeated_k_fold(rows.y, rows.groups, n_folds=5, seed=0, shortage="ignore")
