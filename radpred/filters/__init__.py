"""Image to response maps, each filter a function of plain arguments.

A filter is given the box that is asked for and reads only the voxels that the box depends on:
the response in the box is that of the whole image.
"""

from radpred.filters.ibsi.gabor import GaborWave, gabor, gabor_name
from radpred.filters.ibsi.laws import laws, laws_kernels, laws_name
from radpred.filters.ibsi.mean import mean, mean_name
from radpred.filters.ibsi.nonseparable_wavelet import (
    nonseparable_wavelet,
    nonseparable_wavelet_name,
)
from radpred.filters.ibsi.riesz import riesz, riesz_name
from radpred.filters.ibsi.sampled_laplacian_of_gaussian import (
    sampled_laplacian_of_gaussian,
    sampled_laplacian_of_gaussian_name,
)
from radpred.filters.ibsi.separable_wavelet import (
    WaveletBand,
    separable_wavelet,
    separable_wavelet_name,
)
from radpred.filters.pyradiomics.gradient import gradient_magnitude
from radpred.filters.pyradiomics.laplacian_of_gaussian import (
    laplacian_of_gaussian,
    laplacian_of_gaussian_name,
)
from radpred.filters.pyradiomics.local_binary_pattern_2d import local_binary_pattern_2d
from radpred.filters.pyradiomics.local_binary_pattern_3d import (
    local_binary_pattern_3d,
    local_binary_pattern_3d_names,
)
from radpred.filters.pyradiomics.pointwise import (
    exponential,
    largest_magnitude,
    logarithm,
    square,
    square_root,
)
from radpred.filters.pyradiomics.wavelet import wavelet_bands, wavelet_names, wavelet_reach

__all__ = [
    "GaborWave",
    "WaveletBand",
    "exponential",
    "gabor",
    "gabor_name",
    "gradient_magnitude",
    "laplacian_of_gaussian",
    "laplacian_of_gaussian_name",
    "largest_magnitude",
    "laws",
    "laws_kernels",
    "laws_name",
    "local_binary_pattern_2d",
    "local_binary_pattern_3d",
    "local_binary_pattern_3d_names",
    "logarithm",
    "mean",
    "mean_name",
    "nonseparable_wavelet",
    "nonseparable_wavelet_name",
    "riesz",
    "riesz_name",
    "sampled_laplacian_of_gaussian",
    "sampled_laplacian_of_gaussian_name",
    "separable_wavelet",
    "separable_wavelet_name",
    "square",
    "square_root",
    "wavelet_bands",
    "wavelet_names",
    "wavelet_reach",
]
