"""What the cases share: the size of P0, and short ways to measure and to ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from radpred.config import extraction_settings
from radpred.image import Image, Mask
from radpred.pipeline.extract import ExtractedFeatures, extract_regions

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
