"""What the cells of an outcome mean, by the kind of end point; and what else is known."""

from radpred.cohort.outcomes.clinical import clinical_of
from radpred.cohort.outcomes.end_point import EndPoint, OutcomeKind, Policy, Uncertain

__all__ = ["EndPoint", "OutcomeKind", "Policy", "Uncertain", "clinical_of"]
