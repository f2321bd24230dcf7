"""Image to response maps, each filter a function of plain arguments.

A filter is given the box that is asked for and reads only the voxels that the box depends on:
the response in the box is that of the whole image.
"""

from radpred.filters.laplacian_of_gaussian import laplacian_of_gaussian, laplacian_of_gaussian_name
from radpred.filters.wavelet import wavelet_bands, wavelet_names

__all__ = [
    "laplacian_of_gaussian",
    "laplacian_of_gaussian_name",
    "wavelet_bands",
    "wavelet_names",
]
