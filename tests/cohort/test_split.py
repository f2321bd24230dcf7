"""Patients stay whole, every part sees both outcomes, and a seed says which folds."""

import numpy as np
import pytest

from radpred.cohort import split as split_module
from radpred.cohort.split import Split, check_disjoint, most_folds, outer_folds
from radpred.errors import InputError, LeakageError


def lesions(rng, n_patients=40, rate=0.35):
    """Return outcomes and patients of a cohort with one to four lesions a patient."""
    groups = np.repeat([f"p{i}" for i in range(n_patients)], rng.integers(1, 5, n_patients))
    y = (rng.random(len(groups)) < rate).astype(int)
    return y, groups


def test_every_row_is_tested_once_in_every_repeat(rng):
    y, groups = lesions(rng)
    splits = outer_folds(y, groups, n_folds=5, repeats=3, seed=0)
    for repeat in range(3):
        tested = np.concatenate([s.test for s in splits if s.repeat == repeat])
        assert sorted(tested) == list(range(len(y)))
    assert [(s.repeat, s.fold) for s in splits] == [(r, f) for r in range(3) for f in range(5)]


def test_train_and_test_rows_make_up_the_cohort(rng):
    y, groups = lesions(rng)
    for split in outer_folds(y, groups, n_folds=4, repeats=2, seed=3):
        assert sorted([*split.train, *split.test]) == list(range(len(y)))


@pytest.mark.parametrize("seed", range(8))
def test_no_patient_is_on_both_sides(seed):
    y, groups = lesions(np.random.default_rng(seed))
    for split in outer_folds(y, groups, n_folds=5, repeats=2, seed=seed):
        assert not set(groups[split.train]) & set(groups[split.test])


@pytest.mark.parametrize("seed", range(8))
def test_both_outcomes_are_in_every_part(seed):
    y, groups = lesions(np.random.default_rng(seed), rate=0.12)
    for split in outer_folds(y, groups, n_folds=3, repeats=3, seed=seed):
        assert set(y[split.train]) == set(y[split.test]) == {0, 1}


def test_single_lesions_are_spread_evenly_by_outcome():
    y = (np.arange(51) < 19).astype(int)
    splits = outer_folds(y, np.arange(51), n_folds=5, repeats=4, seed=1)
    assert {int(y[s.test].sum()) for s in splits} == {3, 4}
    assert {len(s.test) for s in splits} <= {10, 11}


def test_a_seed_gives_the_same_folds_and_another_seed_others(rng):
    y, groups = lesions(rng)
    draw = [[s.test.tolist() for s in outer_folds(y, groups, n_folds=5, repeats=2, seed=k)]
            for k in (7, 7, 8)]  # fmt: skip
    assert draw[0] == draw[1] != draw[2]


def test_a_repeat_does_not_depend_on_how_many_there_are(rng):
    y, groups = lesions(rng)
    few = outer_folds(y, groups, n_folds=5, repeats=1, seed=7)
    many = outer_folds(y, groups, n_folds=5, repeats=3, seed=7)
    assert [s.test.tolist() for s in few] == [s.test.tolist() for s in many[:5]]
    assert [s.test.tolist() for s in many[:5]] != [s.test.tolist() for s in many[5:10]]


def test_a_draw_without_both_outcomes_is_drawn_anew(rng, monkeypatch):
    y, groups = np.tile([0, 1], 10), np.arange(20)
    drawn = split_module._folds
    attempts = []

    def bad_at_first(y, groups, *, n_folds, start):
        attempts.append(start)
        if len(attempts) < 3:
            return iter([(np.arange(10, 20), np.arange(0, 10, 2))] * n_folds)
        return drawn(y, groups, n_folds=n_folds, start=start)

    monkeypatch.setattr(split_module, "_folds", bad_at_first)
    splits = outer_folds(y, groups, n_folds=2, repeats=1, seed=0)
    assert attempts == [(0, 0, 0), (0, 0, 1), (0, 0, 2)]
    assert all(set(y[s.test]) == {0, 1} for s in splits)


def test_draws_that_never_work_are_refused_after_a_bounded_number(monkeypatch):
    y, groups = np.tile([0, 1], 10), np.arange(20)
    bad = [(np.arange(10, 20), np.arange(0, 10, 2))] * 3
    monkeypatch.setattr(split_module, "_folds", lambda *a, **k: iter(bad))
    with pytest.raises(InputError, match=r"use at most 2 folds .100 draws failed"):
        outer_folds(y, groups, n_folds=3, repeats=1, seed=0)


def test_too_few_events_are_refused_with_the_numbers_and_advice():
    y = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    groups = np.array(list("aabcdefghi"))
    with pytest.raises(InputError) as refusal:
        outer_folds(y, groups, n_folds=5, repeats=1, seed=0)
    assert "3 events in 2 patients" in str(refusal.value)
    assert "use at most 2 folds" in str(refusal.value)
    assert refusal.value.code == "too_few_events"


def test_one_patient_with_events_cannot_be_split_at_all():
    with pytest.raises(InputError, match="collect more patients"):
        outer_folds([1, 1, 0, 0, 0], list("aabcd"), n_folds=2, repeats=1, seed=0)


def test_most_folds_counts_patients_of_the_rarer_outcome():
    assert most_folds([1, 1, 1, 0, 0, 0, 0], list("aabcdef")) == 2


def test_a_split_with_a_patient_on_both_sides_is_refused():
    split = Split(repeat=1, fold=2, train=np.array([0, 1, 2]), test=np.array([3, 4]))
    with pytest.raises(LeakageError, match=r"repeat 1, fold 2: 1 patient.*'b'"):
        check_disjoint(split, np.array(["a", "b", "c", "b", "d"]))


def test_a_split_with_a_row_on_both_sides_is_refused():
    split = Split(repeat=0, fold=0, train=np.array([0, 1]), test=np.array([1]))
    with pytest.raises(LeakageError):
        check_disjoint(split, np.array(["a", "b"]))
