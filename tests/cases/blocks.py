"""What the cases share: the size of P0, and short ways to measure and to ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import SimpleITK as sitk

from radpred.config import extraction_settings
from radpred.image import Image, Mask
from radpred.pipeline.measuring.extract import ExtractedFeatures, Extractor, extract_regions

SHAPE = (20, 24, 28)
TEXTURE = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")
FILTERS = [
    {"kind": "original"},
    {"kind": "laplacian_of_gaussian", "sigma_mm": [1.0, 3.0]},
    {"kind": "wavelet"},
]


def extracted(image: Image, region: Mask, **given: Any) -> ExtractedFeatures:
    """Return the features of a region by settings in radpred's words."""
    return extract_regions(image, {"tumour": region}, extraction_settings(given))


def of_family(found: ExtractedFeatures, family: str, *, image: str = "original") -> dict[str, Any]:
    """Return feature -> value of a family on an image."""
    start = f"tumour__{image}_{family}_"
    return {k.removeprefix(start): v for k, v in found.values.items() if k.startswith(start)}


def reasons(found: ExtractedFeatures, family: str, *, image: str = "original") -> set[str]:
    """Return why values of a family are missing on an image."""
    start = f"tumour__{image}_{family}_"
    return {why for name, why in found.reasons.items() if name.startswith(start)}


def told(found: ExtractedFeatures) -> str:
    """Return all notes as one text."""
    return "\n".join(found.notes)


def with_voxel(image: Image, value: float, place: tuple[int, int, int] = (9, 10, 11)) -> Image:
    """Return the image with another value in one voxel."""
    voxels = image.voxels.copy()
    voxels[place] = value
    return replace(image, voxels=voxels)


def extract(image: Any, mask: Any, **settings: Any) -> pd.Series:
    """Return a few families of features."""
    return Extractor({"families": ["shape", "firstorder", "glcm"], **settings}).extract(image, mask)


def numbers(found: pd.Series) -> pd.Series:
    """Return features without what was noted."""
    return pd.Series(found.to_numpy(), index=found.index)


def write_picture(path: Path, pixels: Any) -> None:
    """Write pixels as a picture."""
    sitk.WriteImage(sitk.GetImageFromArray(pixels), str(path))


def write_cases(folder: Path, *rows: dict[str, str]) -> None:
    """Write a table of cases, one a patient."""
    named = [{"case_id": f"C{n}", "patient_id": f"P{n}", **row} for n, row in enumerate(rows)]
    pd.DataFrame(named).to_csv(folder / "cases.csv", index=False)
