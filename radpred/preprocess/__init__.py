"""The chain from the scan to the voxels that features see, step by step."""

from radpred.preprocess.crop import crop
from radpred.preprocess.discretise import (
    MANY_GREY_LEVELS,
    MAX_GREY_LEVELS,
    FirstEdge,
    discretise,
    fitting_width,
    predicted_levels,
)
from radpred.preprocess.non_finite import find_non_finite, without
from radpred.preprocess.normalise import normalise
from radpred.preprocess.resample import MAX_VOXELS, Interpolation, resample
from radpred.preprocess.resegment import resegment

__all__ = [
    "MANY_GREY_LEVELS",
    "MAX_GREY_LEVELS",
    "MAX_VOXELS",
    "FirstEdge",
    "Interpolation",
    "crop",
    "discretise",
    "find_non_finite",
    "fitting_width",
    "normalise",
    "predicted_levels",
    "resample",
    "resegment",
    "without",
]
