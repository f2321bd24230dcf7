"""The kind of an outcome is found from its values, or said."""

import numpy as np
import pytest

from radpred.cohort.designs.labels import labels_of
from radpred.errors import InputError, SettingsError


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([0, 1, 1], "binary"),
        (["no", "yes", "no"], "binary"),
        ([0.5, 1.5, 0.5], "binary"),
        ([0, 1, 2], "multiclass"),
        ([0.0, 1.0, 2.0], "multiclass"),
        (["a", "b", "c"], "multiclass"),
        ([0.1, 1.7, 2.2], "continuous"),
    ],
)
def test_the_kind_follows_from_the_values(y, kind):
    assert labels_of(y).kind == kind


def test_many_whole_numbers_have_to_be_named():
    with pytest.raises(InputError, match=r"21 different values.*kind: continuous"):
        labels_of(np.arange(21))
    assert labels_of(np.arange(21), "continuous").kind == "continuous"


def test_three_values_are_not_binary():
    with pytest.raises(InputError, match="two values, got 3"):
        labels_of([0, 1, 2], "binary")


def test_an_unknown_kind_is_refused():
    with pytest.raises(SettingsError, match="ordinal"):
        labels_of([0, 1], "ordinal")


def test_a_part_lacks_the_classes_that_none_of_its_rows_has():
    assert labels_of(["a", "b", "c", "a"]).lacking(np.array([0, 3])) == ("b", "c")


def test_rows_of_one_continuous_value_lack_variation():
    labels = labels_of([0.5, 0.5, 1.25, 2.5])
    assert labels.lacking(np.array([0, 1]))
    assert not labels.lacking(np.array([0, 2]))


@pytest.mark.parametrize(
    ("y", "kind", "problem"),
    [
        (["a", "b"], "continuous", "needs numbers"),
        ([0.5, np.inf], "continuous", "1 continuous outcomes are infinite"),
        (np.array([1, "a"], dtype=object), None, "mix words and numbers"),
        ([[0, 1], [1, 0]], None, "one outcome"),
    ],
)
def test_values_of_no_kind_are_refused(y, kind, problem):
    with pytest.raises(InputError, match=problem):
        labels_of(y, kind)
