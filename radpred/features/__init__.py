"""A region of an image in numbers: PyRadiomics' names and values, IBSI's codes."""

from radpred.features._family import Feature
from radpred.features._texture import Texture
from radpred.features.compute import (
    FAMILIES,
    FeatureValues,
    compute_features,
    feature_names,
    feature_register,
    wanted_features,
)
from radpred.features.maps import Cube, VoxelBlock, compute_voxel_features

__all__ = [
    "FAMILIES",
    "Cube",
    "Feature",
    "FeatureValues",
    "Texture",
    "VoxelBlock",
    "compute_features",
    "compute_voxel_features",
    "feature_names",
    "feature_register",
    "wanted_features",
]
