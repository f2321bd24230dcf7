"""PyRadiomics, as people run it or with its preCrop; without its diagnostics."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import radiomics
import SimpleITK as sitk
from radiomics import featureextractor

from benchmarks.plan import KERNEL_RADIUS, PADDING_VOXELS, SIGMAS_MM, Cell

DISTRIBUTION = "pyradiomics-bhklab"
FAMILIES = ("shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
radiomics.logger.setLevel(logging.ERROR)
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)


def prepared(image: str, label: str, cell: Cell, mode: str) -> Callable[[], dict[str, float]]:
    """Return a function that measures a case."""
    scan, region = sitk.ReadImage(image), sitk.ReadImage(label)
    extractor = _extractor(cell, FAMILIES, mode)
    if cell.filters:
        extractor.enableImageTypeByName("LoG", customArgs={"sigma": list(SIGMAS_MM)})
        extractor.enableImageTypeByName("Wavelet")

    def measure() -> dict[str, float]:
        return {name: float(value) for name, value in extractor.execute(scan, region).items()}

    return measure


def mapped(image: str, label: str, cell: Cell, mode: str) -> Callable[[], dict[str, Any]]:
    """Return a function that makes the GLCM's maps."""
    scan, region = sitk.ReadImage(image), sitk.ReadImage(label)
    extractor = _extractor(
        cell, ("glcm",), mode, kernelRadius=KERNEL_RADIUS, maskedKernel=True, voxelBatch=1000
    )

    def measure() -> dict[str, Any]:
        maps = extractor.execute(scan, region, voxelBased=True)
        return {name: _inside(values, region) for name, values in maps.items()}

    return measure


def _extractor(cell: Cell, families: tuple[str, ...], mode: str, **settings: Any) -> Any:
    bins = {"binWidth": cell.bin_width} if cell.bin_width else {"binCount": cell.bin_count}
    if mode == "precrop":
        settings |= {"preCrop": True, "padDistance": PADDING_VOXELS}
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, **bins, **settings)
    extractor.disableAllFeatures()
    for family in families:
        extractor.enableFeatureClassByName(family)
    return extractor


def _inside(values: sitk.Image, region: sitk.Image) -> Any:
    """Return a map's values inside the region; a map covers only the region's surroundings."""
    whole = sitk.Resample(values, region, sitk.Transform(), sitk.sitkNearestNeighbor)
    return sitk.GetArrayViewFromImage(whole)[sitk.GetArrayViewFromImage(region) > 0].astype(
        np.float64
    )
