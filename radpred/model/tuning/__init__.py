"""Where to look for parameters: every point of a grid, points at random, or points that promise."""

from radpred.model.tuning.search import METHODS, Method, search
from radpred.model.tuning.space import Choice, Params, Real, Space, Whole, choices
from radpred.model.tuning.trials import Objective, Trial, best

__all__ = [
    "METHODS",
    "Choice",
    "Method",
    "Objective",
    "Params",
    "Real",
    "Space",
    "Trial",
    "Whole",
    "best",
    "choices",
    "search",
]
