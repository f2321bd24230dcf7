"""Several models as one: their average, or a stack of them."""

from radpred.model.ensembles.blend import Blend
from radpred.model.ensembles.lines import Line, fit_line
from radpred.model.ensembles.made import METHODS, Blended, Held, Method, blended, rejoined
from radpred.model.ensembles.weights import fit_weights

__all__ = [
    "METHODS",
    "Blend",
    "Blended",
    "Held",
    "Line",
    "Method",
    "blended",
    "fit_line",
    "fit_weights",
    "rejoined",
]
