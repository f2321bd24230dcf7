"""Which columns a model sees, chosen from training rows only."""

from radpred.model.selection.by_shap import KeepByShap
from radpred.model.selection.redundancy import DropRedundant
from radpred.model.selection.relevance import KeepRelevant
from radpred.model.selection.stability import KeepStable, Repeats

__all__ = ["DropRedundant", "KeepByShap", "KeepRelevant", "KeepStable", "Repeats"]
