"""What the tests of extraction share: the size of a noise box, filters, short words."""

from __future__ import annotations

from typing import Any

from radpred.config import ExtractionSettings, extraction_settings
from radpred.pipeline.measuring.extract import ExtractedFeatures

SHAPE = (20, 24, 28)
FILTERS = [
    {"kind": "original"},
    {"kind": "laplacian_of_gaussian", "sigma_mm": [1.0, 2.5]},
    {"kind": "wavelet"},
]


def settings(**given: Any) -> ExtractionSettings:
    """Return settings of several filters."""
    return extraction_settings({"filters": FILTERS, "minimum_grey_levels": 2, **given})


def intensity(
    found: ExtractedFeatures, *, region: str = "tumour", image: str = "original"
) -> dict[str, float]:
    """Return the values of a region on an image, shape aside."""
    start = f"{region}__{image}_"
    return {
        name.removeprefix(start): value
        for name, value in found.values.items()
        if name.startswith(start) and "_shape_" not in name
    }
