"""Settings, checked once at the door: frozen, unknown keys refused."""

from radpred.config.extraction import ExtractionSettings, extraction_settings
from radpred.config.filters.ibsi import Gabor, Laws, Mean, SampledLaplacianOfGaussian
from radpred.config.filters.kinds import (
    Exponential,
    Filter,
    Gradient,
    LaplacianOfGaussian,
    LocalBinaryPattern2D,
    LocalBinaryPattern3D,
    Logarithm,
    Original,
    Square,
    SquareRoot,
    Wavelet,
)
from radpred.config.study import StudySettings, read_study

__all__ = [
    "Exponential",
    "ExtractionSettings",
    "Filter",
    "Gabor",
    "Gradient",
    "LaplacianOfGaussian",
    "Laws",
    "LocalBinaryPattern2D",
    "LocalBinaryPattern3D",
    "Logarithm",
    "Mean",
    "Original",
    "SampledLaplacianOfGaussian",
    "Square",
    "SquareRoot",
    "StudySettings",
    "Wavelet",
    "extraction_settings",
    "read_study",
]
