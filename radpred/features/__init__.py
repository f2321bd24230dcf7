"""A region of an image in numbers: PyRadiomics' names and values, IBSI's codes."""

from radpred.features._family import Feature
from radpred.features._texture import Texture
from radpred.features.compute import (
    FAMILIES,
    FeatureValues,
    compute_features,
    feature_names,
    feature_register,
)

__all__ = [
    "FAMILIES",
    "Feature",
    "FeatureValues",
    "Texture",
    "compute_features",
    "feature_names",
    "feature_register",
]
