"""Outcomes of lesions, not of patients: joined by case, grouped by patient."""

from __future__ import annotations

import pandas as pd
import pytest

from radpred.cohort import Case, link_outcome
from radpred.errors import InputError


def lesion(case_id, patient_id):
    """Return a case whose files nobody opens."""
    files = {"images": {"": "/a"}, "masks": {"": "/m"}}
    empty = {"mask_label": "", "box": None, "organ_mask": None, "site": ""}
    return Case(case_id=case_id, patient_id=patient_id, **files, **empty)


CASES = [lesion("L1", "P1"), lesion("L2", "P1"), lesion("L3", "P2")]


def link(*rows, cases=CASES, clinical=()):
    frame = pd.DataFrame(list(rows)).fillna("")
    return link_outcome(cases, frame, column="event", positive="1", clinical=clinical, by="case")


def row(case_id, event, **more):
    return {"case_id": case_id, "event": event, **more}


def test_lesions_of_a_patient_may_differ_in_outcome_and_stay_with_the_patient():
    outcome, verdicts = link(row("L1", "1"), row("L2", "0"), row("L3", "0"))
    assert outcome.y.to_dict() == {"L1": 1, "L2": 0, "L3": 0}
    assert outcome.groups.to_dict() == {"L1": "P1", "L2": "P1", "L3": "P2"}
    assert outcome.groups.name == "patient_id"
    assert verdicts == []


def test_clinical_values_are_of_the_lesion():
    rows = [row("L1", "1", size="3"), row("L2", "0", size="5"), row("L3", "0", size="4")]
    outcome, _ = link(*rows, clinical=["size"])
    assert outcome.clinical["clinical__size"].to_dict() == {"L1": 3, "L2": 5, "L3": 4}


def test_a_lesion_without_a_row_is_rejected_by_its_name_and_patient():
    outcome, [verdict] = link(row("L1", "1"), row("L3", "0"))
    assert (verdict.case_id, verdict.patient_id, verdict.code) == ("L2", "P1", "no_outcome")
    assert list(outcome.y.index) == ["L1", "L3"]


def test_rows_of_one_lesion_that_disagree_reject_it():
    _, verdicts = link(row("L1", "1"), row("L1", "0"), row("L2", "0"), row("L3", "1"))
    assert [(v.case_id, v.code) for v in verdicts] == [("L1", "conflicting_outcome")]


def test_a_table_without_case_ids_is_refused():
    with pytest.raises(InputError, match="case_id"):
        link({"patient_id": "P1", "event": "1"}, {"patient_id": "P2", "event": "0"})
