import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.cohort import Case, clinical_of, link_outcome
from radpred.errors import InputError, LeakageError, RadpredWarning

FEW = settings(deadline=None, max_examples=60)


def table(*rows):
    """Return rows as a text table, "" where a row has no such cell."""
    return pd.DataFrame(list(rows)).fillna("").astype(str)


def lesion(case_id, patient_id=None, **more):
    """Return a case whose files nobody opens."""
    given = {
        "images": {"": "/a"},
        "masks": {"": "/m"},
        "mask_label": "",
        "box": None,
        "organ_mask": None,
        "site": "",
    }
    return Case(case_id=case_id, patient_id=patient_id or case_id, **{**given, **more})


BOTH = ({"patient_id": "P1", "event": "1"}, {"patient_id": "P2", "event": "0"})
CASES = [lesion("P1"), lesion("P2")]


def link(rows, cases=CASES, positive="1", clinical=()):
    return link_outcome(cases, table(*rows), column="event", positive=positive, clinical=clinical)


def codes(verdicts, status):
    return [(v.case_id, v.patient_id, v.code) for v in verdicts if v.status == status]


# Joining


def test_case_gets_the_outcome_of_its_patient():
    cases = [lesion("L1", "P1"), lesion("L2", "P2"), lesion("L3", "P1")]
    outcome, verdicts = link(BOTH, cases)
    assert outcome.y.to_dict() == {"L1": 1, "L2": 0, "L3": 1}
    assert outcome.groups.to_dict() == {"L1": "P1", "L2": "P2", "L3": "P1"}
    assert outcome.y.index.name == "case_id"
    assert verdicts == []


def test_p1_never_gets_the_outcome_of_p10():
    cases = [lesion("P1"), lesion("P10"), lesion("P100")]
    rows = [{"patient_id": "P1", "event": "1"}, {"patient_id": "P100", "event": "0"}]
    outcome, verdicts = link(rows, cases)
    assert outcome.y.to_dict() == {"P1": 1, "P100": 0}
    assert codes(verdicts, "rejected") == [("P10", "P10", "no_outcome")]


def test_leading_zeros_count():
    _, verdicts = link([*BOTH, {"patient_id": "007", "event": "1"}], [*CASES, lesion("7")])
    assert codes(verdicts, "rejected") == [("7", "7", "no_outcome")]
    assert codes(verdicts, "noted") == [("", "007", "orphan_outcome")]


def test_white_space_around_a_patient_id_is_taken_off_and_noted():
    outcome, verdicts = link([{"patient_id": " P1 ", "event": "1"}, BOTH[1]])
    assert outcome.y["P1"] == 1
    assert codes(verdicts, "noted") == [("", "P1", "white_space")]


ids = st.text("P10 x", min_size=1, max_size=4).map(str.strip).filter(bool)


@FEW
@given(ours=st.sets(ids, max_size=6), theirs=st.dictionaries(ids, st.booleans(), max_size=6))
def test_only_equal_ids_are_joined(ours, theirs):
    cases = [lesion("L1", "yes"), lesion("L0", "no"), *(lesion(f"C{i}", i) for i in sorted(ours))]
    theirs = {"yes": True, "no": False, **theirs}
    rows = [{"patient_id": i, "event": str(int(event))} for i, event in theirs.items()]
    outcome, verdicts = link(rows, cases)
    assert outcome.y.drop(["L1", "L0"]).to_dict() == {
        f"C{i}": int(theirs[i]) for i in sorted(ours) if i in theirs
    }
    assert {v.patient_id for v in verdicts if v.code == "no_outcome"} == ours - set(theirs)
    orphans = {v.patient_id for v in verdicts if v.code == "orphan_outcome"}
    assert orphans == set(theirs) - ours - {"yes", "no"}


# One patient, no clear answer


def test_empty_outcome_is_unlabelled():
    _, verdicts = link([*BOTH, {"patient_id": "P3", "event": ""}], [*CASES, lesion("P3")])
    assert codes(verdicts, "rejected") == [("P3", "P3", "unlabelled_outcome")]


def test_rows_of_a_patient_that_disagree_reject_all_its_cases():
    rows = [*BOTH, {"patient_id": "P3", "event": "1"}, {"patient_id": "P3", "event": "0"}]
    cases = [*CASES, lesion("L3", "P3"), lesion("L4", "P3")]
    outcome, verdicts = link(rows, cases)
    assert list(outcome.y.index) == ["P1", "P2"]
    assert codes(verdicts, "rejected") == [
        ("L3", "P3", "conflicting_outcome"),
        ("L4", "P3", "conflicting_outcome"),
    ]


def test_rows_of_a_patient_that_agree_are_one_answer():
    rows = [*BOTH, {"patient_id": "P1", "event": "1.0"}, {"patient_id": "P1", "event": ""}]
    outcome, verdicts = link(rows)
    assert outcome.y["P1"] == 1
    assert verdicts == []


def test_row_without_a_patient_is_noted():
    _, verdicts = link([*BOTH, {"patient_id": "", "event": "1"}])
    assert codes(verdicts, "noted") == [("", "", "missing_id")]
    assert "row 3" in verdicts[0].came


# What counts as the event


@pytest.mark.parametrize("spelling", ["1", "1.0", "+1", "1e0", " 1 "])
def test_equal_numbers_are_the_same_event(spelling):
    outcome, _ = link([{"patient_id": "P1", "event": spelling}, BOTH[1]], positive="1.00")
    assert outcome.y["P1"] == 1


def test_words_are_compared_letter_by_letter():
    rows = [{"patient_id": "P1", "event": "yes"}, {"patient_id": "P2", "event": "no"}]
    assert link(rows, positive="yes")[0].y.to_dict() == {"P1": 1, "P2": 0}
    with pytest.raises(InputError, match="'yes'") as caught:
        link(rows, positive="Yes")
    assert caught.value.code == "positive_not_found"


def test_more_than_two_values_are_refused_by_name():
    rows = [*BOTH, {"patient_id": "P3", "event": "2"}]
    with pytest.raises(InputError, match=r"3 distinct values: 1\.0 \(1x\), 0\.0 \(1x\), 2\.0"):
        link(rows)


def test_outcome_with_one_value_is_refused():
    with pytest.raises(InputError, match="1 distinct values") as caught:
        link([{"patient_id": "P1", "event": "1"}, {"patient_id": "P2", "event": "1"}])
    assert caught.value.code == "not_binary"


def test_cases_that_all_have_the_event_are_refused():
    with pytest.raises(InputError, match="all 1 cases with an outcome have the event") as caught:
        link(BOTH, [lesion("P1")])
    assert caught.value.code == "one_class"


def test_tables_without_a_common_patient_show_both_spellings():
    with pytest.raises(InputError, match=r"P001 \.\.\. among the cases and P1, P2"):
        link(BOTH, [lesion("P001")])


def test_no_cases_are_no_outcome_and_no_error():
    outcome, verdicts = link(BOTH, [])
    assert len(outcome.y) == 0
    assert {v.code for v in verdicts} == {"orphan_outcome"}


# Clinical columns

PEOPLE = (
    {"patient_id": "P1", "event": "1", "age": "61", "sex": "f", "stage": "2"},
    {"patient_id": "P2", "event": "0", "age": "", "sex": "NA", "stage": "2b"},
)


def test_column_of_numbers_is_numeric_and_any_other_is_text():
    clinical = link(PEOPLE, clinical=("age", "sex", "stage"))[0].clinical
    assert list(clinical.columns) == ["clinical__age", "clinical__sex", "clinical__stage"]
    assert [dtype.kind for dtype in clinical.dtypes] == ["f", "O", "O"]
    assert clinical.loc["P1"].tolist() == [61.0, "f", "2"]


@pytest.mark.parametrize("gap", ["", "NA", "NaN", "nan", "?", " "])
def test_gap_is_missing_and_leaves_a_column_numeric(gap):
    rows = ({**PEOPLE[0]}, {**PEOPLE[1], "age": gap, "sex": gap})
    clinical = link(rows, clinical=("age", "sex"))[0].clinical
    assert clinical["clinical__age"].dtype == float
    assert clinical.loc["P2"].isna().all()


def test_absent_clinical_column_is_refused_with_near_matches():
    with pytest.raises(InputError, match=r"wanted is Age; did you mean 'age'\?"):
        link(PEOPLE, clinical=("Age",))


@pytest.mark.parametrize("name", ["event", "patient_id"])
def test_outcome_and_id_are_no_clinical_columns(name):
    with pytest.raises(LeakageError, match=name):
        link(PEOPLE, clinical=("age", name))


def test_clinical_values_that_disagree_are_missing_and_noted():
    rows = [*PEOPLE, {**PEOPLE[0], "age": "62"}]
    outcome, verdicts = link(rows, clinical=("age", "sex"))
    assert np.isnan(outcome.clinical.loc["P1", "clinical__age"])
    assert outcome.clinical.loc["P1", "clinical__sex"] == "f"
    assert codes(verdicts, "noted") == [("P1", "P1", "conflicting_clinical")]


def test_rows_of_a_patient_fill_each_others_gaps():
    rows = [*PEOPLE, {"patient_id": "P2", "event": "0", "age": "70", "sex": "m", "stage": "2b"}]
    outcome, verdicts = link(rows, clinical=("age", "sex"))
    assert outcome.clinical.loc["P2"].tolist() == [70.0, "m"]
    assert verdicts == []


def test_equal_numbers_in_a_text_column_do_not_disagree():
    rows = [*PEOPLE, {**PEOPLE[0], "stage": "2.0"}]
    outcome, verdicts = link(rows, clinical=("stage",))
    assert outcome.clinical.loc["P1", "clinical__stage"] == "2"
    assert verdicts == []


def test_new_patients_are_read_as_the_model_was_taught():
    frame = table({"patient_id": "P1", "age": "50", "stage": "3"})
    clinical = clinical_of(frame, [lesion("L", "P1")], ("age", "stage"), like={"clinical__age"})
    assert clinical.loc["L"].tolist() == [50.0, "3"]


def test_word_in_a_column_of_numbers_is_missing_and_said_aloud():
    frame = table({"patient_id": "P1", "age": "sixty"})
    with pytest.warns(RadpredWarning, match=r"'sixty' \(P1\) is not a number"):
        clinical = clinical_of(frame, [lesion("L", "P1")], ("age",), like={"clinical__age"})
    assert clinical.isna().all(axis=None)


def test_patient_without_a_row_has_missing_clinical_values():
    clinical = clinical_of(table(*PEOPLE), [lesion("L", "P9")], ("age", "sex"))
    assert clinical.shape == (1, 2)
    assert clinical.isna().all(axis=None)


def test_no_clinical_columns_are_an_empty_frame_of_all_cases():
    assert link(PEOPLE)[0].clinical.shape == (2, 0)


@pytest.mark.parametrize("column", ["patient_id", "event"])
def test_missing_column_is_refused(column):
    rows = [{name: cell for name, cell in row.items() if name != column} for row in BOTH]
    with pytest.raises(InputError, match=f"wanted is {column}") as caught:
        link(rows)
    assert caught.value.code == "missing_column"


@FEW
@given(
    values=st.lists(st.sampled_from(["0", "1", "0.0", "1.0", "", "NA"]), min_size=1, max_size=8),
)
def test_every_case_is_either_linked_or_rejected(values):
    rows = [*BOTH, *({"patient_id": f"Q{i}", "event": v} for i, v in enumerate(values))]
    cases = [*CASES, *(lesion(f"Q{i}") for i in range(len(values) + 2))]
    outcome, verdicts = link(rows, cases)
    rejected = [v.case_id for v in verdicts if v.status == "rejected"]
    assert sorted([*outcome.y.index, *rejected]) == sorted(case.case_id for case in cases)
    pd.testing.assert_index_equal(outcome.y.index, outcome.clinical.index)
    pd.testing.assert_index_equal(outcome.y.index, outcome.groups.index)
