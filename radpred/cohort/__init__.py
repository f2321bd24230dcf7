"""Who is who, what became of them, and who may be seen when."""

from radpred.cohort.cases import Case, check_cases, siblings
from radpred.cohort.outcome import Outcome, clinical_of, link_outcome
from radpred.cohort.verdict import Verdict, reasons, to_frame

__all__ = [
    "Case",
    "Outcome",
    "Verdict",
    "check_cases",
    "clinical_of",
    "link_outcome",
    "reasons",
    "siblings",
    "to_frame",
]
