"""The chain from the scan to the voxels that features see, step by step."""

from radpred.preprocess.crop import bounding_box, crop
from radpred.preprocess.discretise import MAX_GREY_LEVELS, discretise
from radpred.preprocess.normalise import normalise
from radpred.preprocess.resample import MAX_VOXELS, resample
from radpred.preprocess.resegment import resegment

__all__ = [
    "MAX_GREY_LEVELS",
    "MAX_VOXELS",
    "bounding_box",
    "crop",
    "discretise",
    "normalise",
    "resample",
    "resegment",
]
