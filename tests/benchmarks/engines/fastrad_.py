"""fastrad on one thread of the processor; it has no wavelet, so no filters are measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import SimpleITK as sitk
import torch
from fastrad import FeatureExtractor, FeatureSettings, Mask, MedicalImage

from benchmarks.plan import Cell

DISTRIBUTION = "fastrad"
torch.set_num_threads(1)


def prepared(image: str, label: str, cell: Cell, mode: str) -> Callable[[], dict[str, float]]:
    """Return a function that measures a case."""
    scan, region = sitk.ReadImage(image), sitk.ReadImage(label)
    spacing = scan.GetSpacing()[::-1]
    voxels = torch.from_numpy(sitk.GetArrayFromImage(scan).astype(np.float32))
    inside = torch.from_numpy(sitk.GetArrayFromImage(region).astype(np.float32))
    given = MedicalImage(voxels, spacing), Mask(inside, spacing)
    extractor = FeatureExtractor(FeatureSettings(bin_width=float(cell.bin_width), device="cpu"))

    def measure() -> dict[str, float]:
        return {name: float(value) for name, value in extractor.extract(*given).items()}

    return measure
