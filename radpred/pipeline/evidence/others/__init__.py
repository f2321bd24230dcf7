"""Evidence on several classes, and on numbers, as plain data."""

from radpred.pipeline.evidence.others.common import HEADLINE, Judged
from radpred.pipeline.evidence.others.of_classes import evaluate_classes
from radpred.pipeline.evidence.others.of_numbers import evaluate_number

__all__ = ["HEADLINE", "Judged", "evaluate_classes", "evaluate_number"]
