"""Image to response maps, each filter a function of plain arguments.

A filter is given the box that is asked for and reads only the voxels that the box depends on:
the response in the box is that of the whole image.
"""

from radpred.filters.gradient import gradient_magnitude
from radpred.filters.laplacian_of_gaussian import laplacian_of_gaussian, laplacian_of_gaussian_name
from radpred.filters.local_binary_pattern_2d import local_binary_pattern_2d
from radpred.filters.local_binary_pattern_3d import (
    local_binary_pattern_3d,
    local_binary_pattern_3d_names,
)
from radpred.filters.pointwise import (
    exponential,
    largest_magnitude,
    logarithm,
    square,
    square_root,
)
from radpred.filters.wavelet import wavelet_bands, wavelet_names, wavelet_reach

__all__ = [
    "exponential",
    "gradient_magnitude",
    "laplacian_of_gaussian",
    "laplacian_of_gaussian_name",
    "largest_magnitude",
    "local_binary_pattern_2d",
    "local_binary_pattern_3d",
    "local_binary_pattern_3d_names",
    "logarithm",
    "square",
    "square_root",
    "wavelet_bands",
    "wavelet_names",
    "wavelet_reach",
]
