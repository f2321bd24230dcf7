"""IBSI 1's consensus values of texture, in every aggregation, of two phantoms.

The digital phantom's intensities are its grey levels. The CT phantom is measured as it is
(configuration A), through the extractor, as users do.
"""

from __future__ import annotations

import csv
from functools import cache
from math import floor, log10
from pathlib import Path

import pytest

from radpred import Extractor
from radpred.features import feature_register
from radpred.features.texture.glcm import SAME_AS

FAMILIES = {
    "Co-occurrence matrix": "glcm",
    "Run length matrix": "glrlm",
    "Size zone matrix": "glszm",
    "Distance zone matrix": "gldzm",
    "Neighbourhood grey tone difference matrix": "ngtdm",
    "Neighbouring grey level dependence matrix": "gldm",
}
SLICED, FLAT = {"force_2d": "z", "slices": "averaged"}, {"force_2d": "z"}
AGGREGATIONS = {
    "2D": SLICED,
    "2D:avg": SLICED,
    "2D:mrg": {**SLICED, "aggregation": "merged"},
    "2.5D": FLAT,
    "2.5D:avg": FLAT,
    "2.5D:mrg": {**FLAT, "aggregation": "merged"},
    "3D": {},
    "3D:avg": {},
    "3D:mrg": {"aggregation": "merged"},
}
PHANTOMS = {
    "digital_phantom": ("ibsi_1_digital_phantom", {"bin_width": 1}),
    "A": ("ibsi_1_ct_radiomics_phantom", {"bin_width": 25, "resegment_range": [-500, 400]}),
}
FEATURES = [f for f in feature_register(tuple(FAMILIES.values()), is_complete=True) if f.ibsi]
CASES = [
    (phantom, aggregation, feature)
    for phantom in PHANTOMS
    for aggregation in AGGREGATIONS
    for feature in FEATURES
    if (":" in aggregation) == (feature.family in ("glcm", "glrlm"))
    and not (phantom == "A" and aggregation.startswith("3D"))
]


@cache
def consensus(folder: Path) -> dict[tuple[str, str, str, str], tuple[float, float]]:
    """Return value and tolerance by phantom, aggregation, family and IBSI code."""
    with (folder / "ibsi1_reference_values.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (row, FAMILIES.get(row["family"].partition(" (")[0])) for row in csv.DictReader(file)
        ]
    return {
        (row["config"], row["aggregation"], family, row["ibsi_id"]): (
            float(row["value"]),
            float(row["tolerance"] or 0),
        )
        for row, family in rows
        if family and row["value"]
    }


@cache
def measured(folder: Path, phantom: str, aggregation: str) -> dict[str, float]:
    """Return radpred's values by IBSI's convention."""
    name, settings = PHANTOMS[phantom]
    texture = {"families": list(FAMILIES.values()), "minimum_grey_levels": 2}
    given = {"convention": "ibsi", **texture, **settings, **AGGREGATIONS[aggregation]}
    place = folder / name / "nifti"
    image, mask = (next((place / kind).glob("*.nii.gz")) for kind in ("image", "mask"))
    found = Extractor(given).extract(image, mask)
    return {name.removeprefix("tumour__original_"): value for name, value in found.items()}


@pytest.mark.parametrize(
    ("phantom", "aggregation", "feature"),
    CASES,
    ids=[f"{phantom} {aggregation} {feature.key}" for phantom, aggregation, feature in CASES],
)
def test_a_phantom_has_ibsi_s_value(shared_data, phantom, aggregation, feature):
    wanted = consensus(shared_data / "ibsi")
    value, tolerance = wanted[phantom, aggregation, feature.family, feature.ibsi]
    found = measured(shared_data / "ibsi", phantom, aggregation)[feature.key]
    last_digit = 10.0 ** (floor(log10(abs(value))) - 2) if value else 0.0
    assert found == pytest.approx(value, abs=tolerance + last_digit / 2, rel=1e-12)


def test_every_published_value_of_these_phantoms_is_looked_at(shared_data):
    looked_at = {(phantom, aggregation, f.family, f.ibsi) for phantom, aggregation, f in CASES}
    again = {
        (*case[:3], code) for case in looked_at for code, same in SAME_AS.items() if case[3] == same
    }
    published = {case for case in consensus(shared_data / "ibsi") if case[0] in PHANTOMS}
    assert looked_at | again == published


@pytest.mark.parametrize(("code", "same"), SAME_AS.items())
def test_ibsi_publishes_the_same_values_under_both_codes(shared_data, code, same):
    published = consensus(shared_data / "ibsi")
    of_code = {case[:3]: value for case, value in published.items() if case[3] == code}
    of_same = {case[:3]: value for case, value in published.items() if case[3] == same}
    assert of_code.keys() == of_same.keys()
    for case, (value, tolerance) in of_code.items():
        assert value == pytest.approx(of_same[case][0], abs=max(tolerance, of_same[case][1]))


@pytest.mark.parametrize("aggregation", ["2D", "2.5D"])
def test_voxels_without_neighbours_are_not_in_ibsi_s_ngtdm(shared_data, aggregation):
    # Region A has 16 of 114,596; IBSI's contrast, to its last digit, is the one without them.
    value, _ = consensus(shared_data / "ibsi")["A", aggregation, "ngtdm", "65HE"]
    found = measured(shared_data / "ibsi", "A", aggregation)["ngtdm_Contrast"]
    assert float(f"{found:.3g}") == value
