"""Models of several classes, and of numbers: what is fitted, and what stands behind answers."""

from radpred.model.others.classes import FittedClasses
from radpred.model.others.numbers import FittedNumber

__all__ = ["FittedClasses", "FittedNumber"]
