"""PyRadiomics: the baseline of its own tests, five cases in nine variants of settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.test_pyradiomics_baseline import extracted, published

from conformance.rows import Row

NAME = "PyRadiomics"


def has_lungs() -> bool:
    """Tell whether the whole scans of the lungs are at hand."""
    return "RADPRED_PYRADIOMICS_DATA" in os.environ


def rows(folder: Path) -> Iterator[Row]:
    """Yield every value of the baseline."""
    for (case, variant), values in published(folder).items():
        found = extracted(folder, case, variant)
        # Of whole lungs only a part is kept, and a spline reaches beyond it.
        is_part = case.startswith("lung") and variant == "resampling" and not has_lungs()
        for key, value in values.items():
            off = abs(found[key] - value)
            is_near = off <= max((1e-3 if is_part else 1e-6) * abs(value), 1e-11)
            yield Row(
                source=NAME,
                part=variant,
                group=key.partition("_")[0],
                tag=f"{case} {key}",
                convention="pyradiomics",
                status="pass" if is_near else "fail",
                note="" if is_near else f"{found[key]:.9g}, not {value:.9g}",
            )
