"""Cases and tables of outcomes by hand."""

import pandas as pd
import pytest

from radpred.cohort import Case, link_outcome
from radpred.cohort.outcomes import EndPoint


def lesion(case_id, patient_id=None):
    """Return a case whose files nobody opens."""
    return Case(
        case_id=case_id,
        patient_id=patient_id or case_id,
        images={"": "/a"},
        masks={"": "/m"},
        mask_label="",
        box=None,
        organ_mask=None,
        site="",
    )


@pytest.fixture
def link():
    """Return what links rows (patient, value) with a case for each patient, or those named."""

    def linked(rows, cases=None, positive="1", **end_point):
        frame = pd.DataFrame(rows, columns=["patient_id", "grade"], dtype=object)
        cases = cases or [lesion(patient) for patient in dict.fromkeys(p for p, _ in rows)]
        return link_outcome(
            cases, frame, column="grade", positive=positive, end_point=EndPoint(**end_point)
        )

    return linked


@pytest.fixture
def make_lesion():
    """Return the function that makes a case."""
    return lesion


@pytest.fixture
def codes():
    """Return what lists the reasons of verdicts of one status."""
    return lambda verdicts, status: [(v.case_id, v.code) for v in verdicts if v.status == status]
