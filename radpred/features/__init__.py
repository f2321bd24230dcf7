"""A region of an image in numbers: PyRadiomics' names and values, IBSI's codes."""

from radpred.features._convention import Convention
from radpred.features._family import Feature
from radpred.features._texture import Texture
from radpred.features.compute import (
    FAMILIES,
    OF_REGIONS,
    REACH_MM,
    FeatureValues,
    compute_features,
    feature_names,
    feature_register,
    wanted_features,
)
from radpred.features.maps import Cube, VoxelBlock, compute_voxel_features

__all__ = [
    "FAMILIES",
    "OF_REGIONS",
    "REACH_MM",
    "Convention",
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
