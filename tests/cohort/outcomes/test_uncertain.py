"""Values that nobody is sure of: dropped, counted as one or the other, or soft."""

import pandas as pd
import pytest

from radpred.cohort import link_outcome
from radpred.cohort.outcome import small_classes
from radpred.cohort.outcomes import EndPoint, Uncertain
from radpred.errors import InputError, LeakageError, SettingsError

ROWS = [("P1", "1"), ("P2", "0"), ("P3", "?"), ("P4", "3")]
UNSURE = ("?", "3")


def unsure(policy, **probability):
    return {"uncertain": Uncertain(values=UNSURE, policy=policy, probability=probability)}


def test_uncertain_values_do_not_count_as_a_third_one(link):
    assert link(ROWS, **unsure("drop"))[0].kind == "binary"


def test_drop_rejects_the_case_and_names_the_value(link, codes):
    outcome, verdicts = link(ROWS, **unsure("drop"))
    assert codes(verdicts, "rejected") == [("P3", "uncertain_outcome"), ("P4", "uncertain_outcome")]
    assert "'?'" in verdicts[0].came
    assert list(outcome.y.index) == ["P1", "P2"]


@pytest.mark.parametrize(("policy", "y"), [("zero", 0), ("one", 1)])
def test_zero_and_one_count_the_case_as_such_and_note_it(link, codes, policy, y):
    outcome, verdicts = link(ROWS, **unsure(policy))
    assert outcome.y[["P3", "P4"]].tolist() == [y, y]
    assert codes(verdicts, "noted") == [("P3", "uncertain_outcome"), ("P4", "uncertain_outcome")]
    assert outcome.event_probability is None
    assert outcome.is_certain.all()


def test_soft_keeps_the_probability_that_is_given_else_one_half(link):
    outcome, _ = link(ROWS, **unsure("soft", **{"3": 0.25}))
    assert outcome.event_probability.tolist() == [1.0, 0.0, 0.5, 0.25]


def test_soft_cases_are_not_certain_and_get_the_likelier_code(link):
    outcome, verdicts = link(ROWS, **unsure("soft", **{"3": 0.25}))
    assert outcome.is_certain.tolist() == [True, True, False, False]
    assert outcome.y.tolist() == [1, 0, 1, 0]
    assert "weight 0.25 for the event and 0.75 against it" in verdicts[1].came


def test_a_question_mark_that_nobody_declared_is_a_gap(link, codes):
    _, verdicts = link(ROWS[:3])
    assert codes(verdicts, "rejected") == [("P3", "unlabelled_outcome")]


def test_sure_and_unsure_rows_of_a_patient_disagree_whatever_the_policy(link, codes):
    _, verdicts = link([*ROWS, ("P1", "?")], **unsure("one"))
    assert codes(verdicts, "rejected") == [("P1", "conflicting_outcome")]
    assert "'?' (uncertain)" in verdicts[0].came


def test_two_unsure_values_of_a_patient_agree_where_they_count_alike(link):
    outcome, _ = link([*ROWS, ("P3", "3")], **unsure("soft"))
    assert outcome.event_probability["P3"] == 0.5


def test_two_unsure_values_of_other_probabilities_disagree(link, codes):
    _, verdicts = link([*ROWS, ("P3", "3")], **unsure("soft", **{"3": 0.9}))
    assert codes(verdicts, "rejected") == [("P3", "conflicting_outcome")]


def test_soft_cases_do_not_fill_a_class(link):
    outcome, _ = link([*ROWS, ("P5", "1")], **unsure("soft"))
    notes = small_classes(outcome, n_folds=2)
    assert [note.came for note in notes] == ["the class 0 has 1 patients"]


def test_soft_cases_alone_are_nothing_to_learn_from(link, make_lesion):
    with pytest.raises(InputError, match="are uncertain") as caught:
        link(ROWS, [make_lesion("P3"), make_lesion("P4")], **unsure("soft"))
    assert caught.value.code == "one_class"


def test_classes_can_be_uncertain_and_dropped(link, codes):
    rows = [("P1", "a"), ("P2", "b"), ("P3", "c"), ("P4", "?")]
    outcome, verdicts = link(rows, uncertain=Uncertain(values=("?",)))
    assert outcome.classes == ("a", "b", "c")
    assert codes(verdicts, "rejected") == [("P4", "uncertain_outcome")]


@pytest.mark.parametrize("kind", ["multiclass", "continuous"])
def test_policies_of_an_event_are_refused_for_other_kinds(kind):
    with pytest.raises(SettingsError, match="speak of an event"):
        EndPoint(kind=kind, **unsure("soft"))


def test_policies_of_an_event_are_refused_for_classes_that_were_found(link):
    with pytest.raises(SettingsError, match="speak of an event"):
        link([("P1", "a"), ("P2", "b"), ("P3", "c"), ("P4", "?")], **unsure("one"))


@pytest.mark.parametrize(
    "given",
    [
        {"values": ()},
        {"values": ("",)},
        {"values": ("?",), "policy": "half"},
        {"values": ("?",), "policy": "soft", "probability": {"3": 0.5}},
        {"values": ("?",), "policy": "soft", "probability": {"?": 1.0}},
        {"values": ("?",), "policy": "one", "probability": {"?": 0.5}},
        {"values": ("?",), "policy": "drop", "column": "share"},
    ],
)
def test_settings_that_mean_nothing_are_refused(given):
    with pytest.raises(SettingsError):
        Uncertain(**given)


def test_value_cannot_be_both_uncertain_and_a_class():
    with pytest.raises(SettingsError, match="one meaning"):
        EndPoint(classes=("1", "2", "3"), uncertain=Uncertain(values=("3.0",)))


# A probability for each patient

READERS = pd.DataFrame(
    [
        ("P1", "1", ""),
        ("P2", "0", "0.9"),
        ("P3", "?", "0.75"),
        ("P4", "?", ""),
        ("P5", "?", "1"),
        ("P6", "?", "most"),
    ],
    columns=["patient_id", "grade", "share"],
    dtype=object,
)
BY_SHARE = EndPoint(uncertain=Uncertain(values=("?",), policy="soft", column="share"))


def link_readers(make_lesion, **given):
    cases = [make_lesion(patient) for patient in READERS["patient_id"]]
    return link_outcome(cases, READERS, column="grade", end_point=BY_SHARE, **given)


def test_probability_beside_an_uncertain_label_counts_and_else_one_half(make_lesion):
    outcome, _ = link_readers(make_lesion)
    assert outcome.event_probability.to_dict() == {"P1": 1.0, "P2": 0.0, "P3": 0.75, "P4": 0.5}


def test_probability_that_is_none_or_certain_rejects_its_case(make_lesion, codes):
    _, verdicts = link_readers(make_lesion)
    assert codes(verdicts, "rejected") == [("P5", "bad_probability"), ("P6", "bad_probability")]


def test_the_column_of_probabilities_is_no_clinical_column(make_lesion):
    with pytest.raises(LeakageError, match="share"):
        link_readers(make_lesion, clinical=("share",))


def test_column_of_probabilities_that_is_absent_is_refused(make_lesion):
    with pytest.raises(InputError, match="wanted is share"):
        link_outcome(
            [make_lesion("P1")],
            READERS.drop(columns="share"),
            column="grade",
            end_point=BY_SHARE,
        )


def test_a_lesion_has_an_uncertain_label_of_its_own(make_lesion):
    frame = READERS.rename(columns={"patient_id": "case_id"})
    cases = [make_lesion(f"P{i}", "same") for i in range(1, 5)]
    outcome, _ = link_outcome(cases, frame, column="grade", by="case", end_point=BY_SHARE)
    assert outcome.is_certain.tolist() == [True, True, False, False]
    assert set(outcome.groups) == {"same"}
