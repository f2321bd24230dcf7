"""What kind of outcome a column holds, and the codes that its values get."""

import numpy as np
import pytest

from radpred.cohort.outcome import small_classes
from radpred.cohort.outcomes import EndPoint
from radpred.errors import InputError, SettingsError

TWO = [("P1", "1"), ("P2", "0"), ("P3", "1")]
WORDS = [("P1", "low"), ("P2", "high"), ("P3", "middle"), ("P4", "low")]
TIMES = [("P1", "1.5"), ("P2", "-2e1"), ("P3", "1.50"), ("P4", "7")]

# Found


def test_two_values_are_found_to_be_binary(link):
    outcome, verdicts = link(TWO)
    assert (outcome.kind, outcome.classes) == ("binary", ("0", "1"))
    assert outcome.y.to_dict() == {"P1": 1, "P2": 0, "P3": 1}
    assert verdicts == []


def test_two_words_are_found_to_be_binary_with_the_event_second(link):
    outcome, _ = link([("P1", "dead"), ("P2", "alive")], positive="dead")
    assert outcome.classes == ("alive", "dead")


def test_more_words_are_found_to_be_classes_in_alphabetical_order(link):
    outcome, _ = link(WORDS)
    assert (outcome.kind, outcome.classes) == ("multiclass", ("high", "low", "middle"))
    assert outcome.y.to_dict() == {"P1": 1, "P2": 0, "P3": 2, "P4": 1}
    assert outcome.y.dtype == int


def test_more_numbers_are_told_what_to_write(link):
    with pytest.raises(InputError, match="write kind: continuous for a measure, kind: multi") as e:
        link(TIMES)
    assert e.value.code == "kind_unclear"


def test_one_word_among_many_numbers_does_not_make_them_classes(link):
    rows = [*((f"P{i}", str(i)) for i in range(30)), ("Q", "n/a")]
    with pytest.raises(InputError, match="31 distinct values") as caught:
        link(rows)
    assert caught.value.code == "kind_unclear"


def test_numbers_come_before_words_in_the_order_of_classes(link):
    outcome, _ = link([("P1", "10"), ("P2", "9"), ("P3", "3b"), ("P4", "3a")])
    assert outcome.classes == ("9", "10", "3a", "3b")


# Classes


def test_declared_classes_are_coded_in_their_order(link):
    outcome, _ = link(WORDS, classes=("low", "middle", "high"))
    assert outcome.y.tolist() == [0, 2, 1, 0]


def test_numbers_that_are_declared_classes_are_classes(link):
    outcome, _ = link([("P1", "3"), ("P2", "1.0"), ("P3", "2"), ("P4", "1")], kind="multiclass")
    assert outcome.classes == ("1.0", "2", "3")
    assert outcome.y.tolist() == [2, 0, 1, 0]


def test_case_of_an_undeclared_class_is_rejected(link, codes):
    outcome, verdicts = link([*WORDS, ("P5", "hihg")], classes=("low", "middle", "high"))
    assert codes(verdicts, "rejected") == [("P5", "unknown_class")]
    assert "P5" not in outcome.y


def test_declared_class_that_the_file_lacks_is_refused(link):
    with pytest.raises(InputError, match=r"wanted are the classes \['huge'\]") as caught:
        link(WORDS, classes=("low", "middle", "high", "huge"))
    assert caught.value.code == "class_not_found"


def test_class_that_no_case_has_is_noted_and_gets_no_code(link, codes, make_lesion):
    cases = [make_lesion("P1"), make_lesion("P3")]
    outcome, verdicts = link(WORDS, cases)
    assert outcome.classes == ("low", "middle")
    assert outcome.y.tolist() == [0, 1]
    assert ("", "class_without_case") in codes(verdicts, "noted")


def test_rows_of_a_patient_in_two_classes_disagree(link, codes):
    _, verdicts = link([*WORDS, ("P1", "high")])
    assert codes(verdicts, "rejected") == [("P1", "conflicting_outcome")]


def test_column_of_one_value_is_no_classes(link):
    with pytest.raises(InputError, match="at least two classes") as caught:
        link([("P1", "a"), ("P2", "a")], kind="multiclass")
    assert caught.value.code == "one_class"


def test_class_with_fewer_patients_than_folds_is_named_with_them(link, make_lesion):
    rows = [*WORDS, ("P5", "high"), ("P6", "high"), ("P7", "low")]
    notes = small_classes(link(rows)[0], n_folds=3)
    assert [note.came for note in notes] == ["the class middle has 1 patients"]
    assert "3 folds" in notes[0].wanted


def test_lesions_of_one_patient_count_once_for_its_class(link, make_lesion):
    cases = [make_lesion(f"L{i}", "P1") for i in range(5)] + [make_lesion("P2")]
    outcome, _ = link([("P1", "1"), ("P2", "0")], cases)
    assert len(small_classes(outcome, n_folds=2)) == 2


# Merged values

RATINGS = [("P1", "1"), ("P2", "2"), ("P3", "4"), ("P4", "5")]
TWO_OF_FOUR = {"benign": ("1", "2"), "malignant": ("4", "5")}


def test_merged_values_are_one_class(link):
    outcome, _ = link(RATINGS, positive="malignant", merge=TWO_OF_FOUR)
    assert (outcome.kind, outcome.classes) == ("binary", ("benign", "malignant"))
    assert outcome.y.tolist() == [0, 0, 1, 1]


def test_rows_that_disagree_within_a_merged_class_agree(link):
    outcome, verdicts = link([*RATINGS, ("P1", "2")], positive="malignant", merge=TWO_OF_FOUR)
    assert outcome.y["P1"] == 0
    assert verdicts == []


def test_merged_class_called_as_another_value_is_refused(link):
    with pytest.raises(SettingsError, match="call the class otherwise"):
        link(RATINGS, kind="multiclass", merge={"1": ("4", "5")})


# Measures


def test_continuous_values_keep_their_numbers_and_unit(link):
    outcome, verdicts = link(TIMES, kind="continuous", unit="months")
    assert (outcome.kind, outcome.unit, outcome.classes) == ("continuous", "months", ())
    assert outcome.y.tolist() == [1.5, -20.0, 1.5, 7.0]
    assert verdicts == []


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "unlabelled_outcome"),
        ("NA", "unlabelled_outcome"),
        ("inf", "outcome_not_finite"),
        ("1e999", "outcome_not_finite"),
        ("12 mm", "outcome_not_number"),
        ("1,5", "outcome_not_number"),
    ],
)
def test_cell_that_holds_no_finite_number_rejects_its_case(link, codes, cell, code):
    outcome, verdicts = link([*TIMES, ("P5", cell)], kind="continuous")
    assert codes(verdicts, "rejected") == [("P5", code)]
    assert np.isfinite(outcome.y).all()


def test_rows_of_a_patient_with_two_numbers_disagree(link, codes):
    _, verdicts = link([*TIMES, ("P1", "1.6")], kind="continuous")
    assert codes(verdicts, "rejected") == [("P1", "conflicting_outcome")]


def test_equal_numbers_of_a_patient_agree(link):
    outcome, verdicts = link([*TIMES, ("P1", "1.500")], kind="continuous")
    assert outcome.y["P1"] == 1.5
    assert verdicts == []


def test_measure_that_does_not_vary_is_refused(link):
    with pytest.raises(InputError, match=r"all 2 cases with an outcome have 3\.0") as caught:
        link([("P1", "3"), ("P2", "3.0")], kind="continuous")
    assert caught.value.code == "one_class"


def test_measure_has_no_small_classes(link):
    assert small_classes(link(TIMES, kind="continuous")[0], n_folds=5) == []


# What does not go together


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "ordinal"},
        {"kind": "continuous", "classes": ("a", "b")},
        {"kind": "continuous", "merge": {"a": ("1",)}},
        {"kind": "binary", "classes": ("a", "b")},
        {"kind": "binary", "unit": "mm"},
        {"classes": ("1", "1.0")},
        {"merge": {"a": ("1",), "b": ("1.0",)}},
    ],
)
def test_settings_that_do_not_go_together_are_refused(given):
    with pytest.raises(SettingsError):
        EndPoint(**given)
