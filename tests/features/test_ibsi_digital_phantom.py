"""IBSI 1's consensus values of the digital phantom, 3D, averaged over the directions.

The phantom's intensities are its grey levels, so that bins of width 1 change nothing. What
PyRadiomics defines in another way is put right here: its kurtosis is not the excess, and its axes
take the covariance of the population, IBSI's that of a sample.
"""

from __future__ import annotations

import csv
from functools import cache
from math import floor, log10
from pathlib import Path

import pytest
import SimpleITK

from radpred.features import FAMILIES, compute_features, feature_register
from radpred.image import Grid, Image, Mask

IBSI_FAMILIES = {
    "Statistics",
    "Intensity histogram",
    "Morphology",
    "Co-occurrence matrix (3D, averaged)",
    "Run length matrix (3D, averaged)",
    "Size zone matrix (3D)",
    "Neighbouring grey level dependence matrix (3D)",
    "Neighbourhood grey tone difference matrix (3D)",
}
EXCESS = {"IPH6": 3}
OF_A_SAMPLE = dict.fromkeys(("TDIC", "P9VJ", "7J51"), (74 / 73) ** 0.5)
FEATURES = [f for f in feature_register() if f.ibsi]


@cache
def consensus(folder: Path) -> dict[str, tuple[float, float]]:
    """Return value and tolerance by IBSI code."""
    with (folder / "ibsi1_reference_values.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["config"] == "digital_phantom" and row["family"] in IBSI_FAMILIES
        ]
    return {
        row["ibsi_id"]: (float(row["value"]), float(row["tolerance"] or 0))
        for row in rows
        if row["value"]
    }


@cache
def measured(folder: Path) -> dict[str, float]:
    """Return radpred's values of the phantom."""
    place = folder / "ibsi_1_digital_phantom" / "nifti"
    scan = SimpleITK.ReadImage(place / "image" / "phantom.nii.gz")
    label = SimpleITK.ReadImage(place / "mask" / "mask.nii.gz")
    grid = Grid(shape=scan.GetSize()[::-1], spacing=scan.GetSpacing()[::-1])
    return compute_features(
        Image(voxels=SimpleITK.GetArrayFromImage(scan), grid=grid),
        Mask(voxels=SimpleITK.GetArrayFromImage(label) > 0, grid=grid),
        families=FAMILIES,
        bin_width=1,
        bin_count=None,
    ).values


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: f.key)
def test_the_digital_phantom_has_ibsi_s_value(shared_data, feature):
    value, tolerance = consensus(shared_data / "ibsi")[feature.ibsi]
    found = measured(shared_data / "ibsi")[feature.key] - EXCESS.get(feature.ibsi, 0)
    found *= OF_A_SAMPLE.get(feature.ibsi, 1)
    last_digit = 10.0 ** (floor(log10(abs(value))) - 2) if value else 0.0
    assert found == pytest.approx(value, abs=tolerance + last_digit / 2, rel=1e-12)
