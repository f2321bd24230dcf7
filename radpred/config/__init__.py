"""Settings, checked once at the door: frozen, unknown keys refused."""

from radpred.config.extraction import (
    ExtractionSettings,
    LaplacianOfGaussian,
    Original,
    Wavelet,
    extraction_settings,
)
from radpred.config.study import StudySettings, read_study

__all__ = [
    "ExtractionSettings",
    "LaplacianOfGaussian",
    "Original",
    "StudySettings",
    "Wavelet",
    "extraction_settings",
    "read_study",
]
