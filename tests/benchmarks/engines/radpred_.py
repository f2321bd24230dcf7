"""radpred, in each of the ways that it is compared with a peer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import SimpleITK as sitk

import radpred
from benchmarks.plan import KERNEL_RADIUS, PADDING_VOXELS, SIGMAS_MM, WAVELET, Cell
from radpred.features import feature_names

DISTRIBUTION = "radpred"
REGION = "tumour__"
FILTERS = [
    {"kind": "original"},
    {"kind": "laplacian_of_gaussian", "sigma_mm": list(SIGMAS_MM)},
    {"kind": "wavelet", "wavelet": WAVELET},
]
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)


def prepared(image: str, label: str, cell: Cell, mode: str) -> Callable[[], dict[str, float]]:
    """Return a function that measures a case."""
    scan, region = _held(image, label, mode)
    extractor = radpred.Extractor(_settings(cell, mode))

    def measure() -> dict[str, float]:
        found = extractor.extract(scan, region, label=1)
        return {name.removeprefix(REGION): float(value) for name, value in found.items()}

    return measure


def mapped(image: str, label: str, cell: Cell, mode: str) -> Callable[[], dict[str, Any]]:
    """Return a function that makes the GLCM's maps."""
    scan, region = _held(image, label, mode)
    voxel = {"kernel_radius": KERNEL_RADIUS, "masked_kernel": True}
    extractor = radpred.Extractor(_settings(cell, mode) | {"families": ["glcm"], "voxel": voxel})

    def measure() -> dict[str, Any]:
        maps = extractor.maps(scan, region, label=1)
        return {each.name: each.image.voxels[each.region.voxels] for each in maps}

    return measure


def _held(image: str, label: str, mode: str) -> tuple[Any, Any]:
    """Return a case as the peer holds it, too: its own arrays beside Pictologics."""
    if mode == "merged":
        return radpred.read_image(image), radpred.read_mask(label, label=1)
    return sitk.ReadImage(image), sitk.ReadImage(label)


def _settings(cell: Cell, mode: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"minimum_grey_levels": 2}  # as low as PyRadiomics goes
    settings["bin_width" if cell.bin_width else "bin_count"] = cell.bin_width or cell.bin_count
    if cell.filters:
        settings["filters"] = FILTERS
    if mode == "precrop":
        settings |= {"crop_before_filters": True, "padding_voxels": PADDING_VOXELS}
    if mode == "merged":
        settings |= {"aggregation": "merged", "features": {"glcm": _without_correlation()}}
    return settings


def _without_correlation() -> list[str]:
    """Return the features of the GLCM but the maximal correlation, which Pictologics lacks."""
    names = [key.removeprefix("glcm_") for key in feature_names(["glcm"])]
    return [name for name in names if name != "MCC"]
