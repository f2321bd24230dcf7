"""Who is who, what became of them, and who may be seen when."""

from radpred.cohort.case import Case, siblings
from radpred.cohort.cases import check_cases
from radpred.cohort.outcome import Outcome, clinical_of, link_outcome
from radpred.cohort.readers import counted_readers
from radpred.cohort.verdict import Verdict, reasons, refuse_any, to_frame

__all__ = [
    "Case",
    "Outcome",
    "Verdict",
    "check_cases",
    "clinical_of",
    "counted_readers",
    "link_outcome",
    "reasons",
    "refuse_any",
    "siblings",
    "to_frame",
]
