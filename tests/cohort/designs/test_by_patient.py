"""Each patient, or each pair of one with and one without the event, is left out once."""

import numpy as np
import pytest

from radpred.cohort.designs import leave_one_patient_out, leave_pair_out
from radpred.errors import InputError, SettingsError


def test_each_patient_is_tested_once_with_all_rows(rows):
    design = leave_one_patient_out(rows.y, rows.groups)
    assert [split.label for split in design.splits] == np.unique(rows.groups).tolist()
    for split in design.splits:
        assert set(rows.groups[split.test]) == {split.label}
        assert len(split.test) + len(split.train) == len(rows.y)


def test_a_patient_who_alone_has_the_event_cannot_be_left_out():
    with pytest.raises(InputError, match="without a there is nothing to learn 1 from"):
        leave_one_patient_out([1, 1, 0, 0], list("aabc"))


def test_pairs_are_patients_with_times_patients_without_the_event():
    design = leave_pair_out([1, 1, 1, 0, 0, 0, 0], list("abbcdee"), seed=0)
    assert [split.label for split in design.splits] == [
        "a and c", "a and d", "a and e", "b and c", "b and d", "b and e",
    ]  # fmt: skip


def test_a_patient_with_both_outcomes_pairs_with_both_kinds():
    design = leave_pair_out([1, 0, 1, 0, 0, 1], list("aabcde"), seed=0)
    pairs = [split.label for split in design.splits]
    assert "a and b" in pairs
    assert "a and c" in pairs
    assert "a and a" not in pairs


def test_some_pairs_are_drawn_where_there_are_many(rows):
    drawn, again, other = (
        leave_pair_out(rows.y, rows.groups, seed=seed, most_pairs=30) for seed in (1, 1, 2)
    )
    labels = [[split.label for split in design.splits] for design in (drawn, again, other)]
    assert len(set(labels[0])) == 30
    assert labels[0] == labels[1] != labels[2]


def test_one_patient_with_the_event_makes_no_pairs():
    with pytest.raises(InputError, match="1 patients with and 3 without"):
        leave_pair_out([1, 0, 0, 0], list("abcd"), seed=0)


def test_no_pairs_are_not_a_number_of_pairs(rows):
    with pytest.raises(SettingsError, match="at least 1"):
        leave_pair_out(rows.y, rows.groups, seed=0, most_pairs=0)
