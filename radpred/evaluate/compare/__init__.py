"""Models against each other and against chance: one question a module."""

from radpred.evaluate.compare.added import added_value
from radpred.evaluate.compare.answers import Answers, answers_of
from radpred.evaluate.compare.likelihood import NestedTest, likelihood_ratio
from radpred.evaluate.compare.models import compare_models, paired_difference
from radpred.evaluate.compare.permutation import (
    PermutationResult,
    permutation_test,
    permuted_outcomes,
)
from radpred.evaluate.compare.reclassification import (
    IDI_CAVEAT,
    NRI_CAVEAT,
    Reclassification,
    integrated_discrimination,
    net_reclassification,
    reclassification_table,
)
from radpred.evaluate.compare.repeated import (
    FoldScores,
    corrected_interval,
    corrected_test,
    scores_by_fold,
)

__all__ = [
    "IDI_CAVEAT",
    "NRI_CAVEAT",
    "Answers",
    "FoldScores",
    "NestedTest",
    "PermutationResult",
    "Reclassification",
    "added_value",
    "answers_of",
    "compare_models",
    "corrected_interval",
    "corrected_test",
    "integrated_discrimination",
    "likelihood_ratio",
    "net_reclassification",
    "paired_difference",
    "permutation_test",
    "permuted_outcomes",
    "reclassification_table",
    "scores_by_fold",
]
