"""Pictologics: the families that radpred measures too, and its own filters.

Its morphology, of the region alone, is measured once, as radpred's shape is. Grey levels start
where PyRadiomics has them on the scan, and below every response of a filter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import SimpleITK as sitk
from pictologics import RadiomicsPipeline
from pictologics.loader import Image

from benchmarks.plan import SIGMAS_MM, WAVELET, Cell

DISTRIBUTION = "pictologics"
BANDS = ("LLL", "LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH")
FAMILIES = ["intensity", "histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm"]
N_LEVELS_BELOW_ZERO = 64


def prepared(image: str, label: str, cell: Cell, mode: str) -> Callable[[], dict[str, float]]:
    """Return a function that measures a case."""
    scan, region = sitk.ReadImage(image), sitk.ReadImage(label)
    voxels = np.ascontiguousarray(sitk.GetArrayFromImage(scan).transpose(2, 1, 0), np.float32)
    inside = np.ascontiguousarray(sitk.GetArrayFromImage(region).transpose(2, 1, 0), np.uint8)
    place = {"spacing": scan.GetSpacing(), "origin": scan.GetOrigin()}
    given = {"image": Image(array=voxels, **place), "mask": Image(array=inside, **place)}
    lowest = float(voxels[inside > 0].min() // cell.bin_width * cell.bin_width)

    def measure() -> dict[str, float]:
        pipeline = RadiomicsPipeline(load_standard=False)
        names = _configured(pipeline, cell, lowest)
        found = pipeline.run(**given, config_names=names)
        return {f"{name}_{key}": float(v) for name in names for key, v in found[name].items()}

    return measure


def _configured(pipeline: Any, cell: Cell, lowest: float) -> list[str]:
    """Add a configuration for each image and return their names."""
    width = cell.bin_width
    pipeline.add_config("original", _steps(width, lowest, [*FAMILIES, "morphology"]))
    names = ["original"]
    for name, step in _filters() if cell.filters else ():
        names.append(name)
        pipeline.add_config(name, [step, *_steps(width, -width * N_LEVELS_BELOW_ZERO, FAMILIES)])
    return names


def _filters() -> list[tuple[str, dict[str, Any]]]:
    wanted = [(f"log-{s}", {"type": "log", "sigma_mm": s, "boundary": "mirror"}) for s in SIGMAS_MM]
    for band in BANDS:
        of_band = {"wavelet": WAVELET, "level": 1, "decomposition": band, "boundary": "periodic"}
        wanted.append((f"wavelet-{band}", {"type": "wavelet", **of_band}))
    return [(name, {"step": "filter", "params": params}) for name, params in wanted]


def _steps(width: int, lowest: float, families: list[str]) -> list[dict[str, Any]]:
    bins = {"method": "FBS", "bin_width": width, "min_val": lowest}
    chosen = {
        "families": families,
        "include_spatial_intensity": False,
        "include_local_intensity": False,
    }
    return [
        {"step": "discretise", "params": bins},
        {"step": "extract_features", "params": chosen},
    ]
