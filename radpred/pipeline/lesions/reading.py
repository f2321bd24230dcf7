"""How scans are read, by settings: which channel, and what to do where DICOM leaves a choice."""

from __future__ import annotations

from typing import Any

from radpred.config import ExtractionSettings
from radpred.io import DicomReading


def reading_of(settings: ExtractionSettings) -> dict[str, Any]:
    """Return the options of `radpred.io.read_image` and `read_image_header` by settings."""
    return {
        "channel": settings.image_channel,
        "wanted": DicomReading(**settings.dicom.model_dump()),
    }
