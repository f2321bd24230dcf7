"""IBSI 1's consensus values of all that is not texture, of both phantoms in all configurations."""

from __future__ import annotations

import csv
from functools import cache
from math import floor, log10
from pathlib import Path

import pytest
import SimpleITK

from radpred import Extractor
from radpred.features import feature_register

FAMILIES = ("shape", "spatial", "localIntensity", "firstorder", "histogram", "ivh")
THEIRS = {
    "Morphology",
    "Local intensity",
    "Statistics",
    "Intensity histogram",
    "Intensity volume histogram",
}
# Codes that two features share.
SHARED = {
    "ivh_v10": "ivh_VolumeFractionAt10PercentIntensity",
    "ivh_v90": "ivh_VolumeFractionAt90PercentIntensity",
    "ivh_i10": "ivh_IntensityAt10PercentVolume",
    "ivh_i90": "ivh_IntensityAt90PercentVolume",
}
BY_CODE = {f.ibsi: f.key for f in feature_register(FAMILIES, is_complete=True) if f.ibsi}
KEYS = [f.key for f in feature_register(FAMILIES, is_complete=True) if f.ibsi]
_TO_2_MM = {"resample_mm": [2, 2, 2], "interpolator": "linear"}
CONFIGURATIONS = {
    "digital_phantom": {"bin_width": 1},
    "A": {"bin_width": 25, "resegment_range": [-500, 400]},
    "B": {**_TO_2_MM, "resample_mm": [0, 2, 2], "bin_count": 32, "resegment_range": [-500, 400]},
    "C": {**_TO_2_MM, "bin_width": 25, "resegment_range": [-1000, 400], "ivh_bin_width": 2.5},
    "D": {**_TO_2_MM, "bin_count": 32, "outliers_sd": 3},
    "E": {
        **_TO_2_MM,
        "interpolator": "bspline",
        "bin_count": 32,
        "resegment_range": [-1000, 400],
        "outliers_sd": 3,
        "ivh_bin_count": 1000,
    },
}


@cache
def consensus(folder: Path, configuration: str) -> dict[str, tuple[float, float]]:
    """Return value and tolerance by feature, of all rows that are standardised."""
    with (folder / "ibsi1_reference_values.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["config"] == configuration and row["family"] in THEIRS and row["value"]
        ]
    return {
        SHARED.get(row["ibsi_tag"]) or BY_CODE[row["ibsi_id"]]: (
            float(row["value"]),
            float(row["tolerance"] or 0),
        )
        for row in rows
    }


@cache
def measured(folder: Path, configuration: str) -> dict[str, float]:
    """Return radpred's values by feature."""
    kind = "digital_phantom" if configuration == "digital_phantom" else "ct_radiomics_phantom"
    place = folder / f"ibsi_1_{kind}" / "nifti"
    # Stored as floats, intensities are whole numbers, and IBSI keeps them so.
    scan = SimpleITK.ReadImage(place / "image" / "phantom.nii.gz", SimpleITK.sitkInt16)
    settings = {"convention": "ibsi", "families": FAMILIES, **CONFIGURATIONS[configuration]}
    found = Extractor(settings).extract(scan, place / "mask" / "mask.nii.gz")
    return {str(name).removeprefix("tumour__original_"): float(v) for name, v in found.items()}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_a_phantom_has_ibsi_s_value(shared_data, configuration, key):
    value, tolerance = consensus(shared_data / "ibsi", configuration)[key]
    found = measured(shared_data / "ibsi", configuration)[key]
    last_digit = 10.0 ** (floor(log10(abs(value))) - 2)
    assert found == pytest.approx(value, abs=tolerance + last_digit / 2, rel=1e-12)


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_standardised_row_has_a_feature(shared_data, configuration):
    assert set(consensus(shared_data / "ibsi", configuration)) == set(KEYS)
