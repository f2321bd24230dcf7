"""From a table with gaps and words to finite numbers; every number is learnt from training rows."""

from radpred.model.preparation.constant import DropConstant
from radpred.model.preparation.habitats import Habitats
from radpred.model.preparation.impute import Impute
from radpred.model.preparation.logarithm import Logarithm
from radpred.model.preparation.scale import Standardise

__all__ = ["DropConstant", "Habitats", "Impute", "Logarithm", "Standardise"]
