"""Which columns a model sees, chosen from training rows only."""

from radpred.model.selection.redundancy import DropRedundant
from radpred.model.selection.relevance import KeepRelevant

__all__ = ["DropRedundant", "KeepRelevant"]
