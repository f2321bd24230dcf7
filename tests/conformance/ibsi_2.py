"""IBSI 2: response maps of made phantoms, and statistics of responses to the CT phantom."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from conformance.rows import Row, Status, judged
from radpred import Extractor
from radpred.config import ExtractionSettings
from radpred.features import feature_register
from radpred.image import Image
from radpred.io import read_image, read_mask
from radpred.pipeline.images.responses import responses

MAPS, VALUES = "IBSI 2, response maps", "IBSI 2, statistics"
BEYOND = {"zero": "zero", "nearest": "edge", "periodic": "periodic", "mirror": "mirror"}
# Of the maps whose parameters the table lacks: those of the reference manual (its table 6.1).
RIESZ: dict[str, dict[str, Any]] = {
    "9A": {
        "phantom": "impulse",
        "filter": {"orders": [[1, 0, 0]], "sigma_mm": 3, "beyond": "zero"},
    },
    "9B1": {
        "phantom": "sphere",
        "filter": {"orders": [[0, 2, 0]], "sigma_mm": 3, "beyond": "zero"},
    },
    "10B1": {
        "phantom": "pattern_1",
        "filter": {"orders": [[0, 2, 0]], "level": 1, "beyond": "edge"},
    },
}
# How a filter is prepared for, by what comes after the point in its number.
PREPARATION: dict[str, dict[str, Any]] = {
    "A": {"force_2d": "z"},
    "B": {"resample_mm": [1, 1, 1], "interpolator": "bspline"},
}


def maps(folder: Path) -> Iterator[Row]:
    """Yield every response map of the first phase."""
    for test in _table(folder / "ibsi2_phase1_tests.csv"):
        status, note = _judged_map(folder, test)
        yield Row(
            source=MAPS,
            part=test["test_id"],
            group=_words(test["filter"].partition(" (")[0]),
            tag=test["test_id"],
            convention="ibsi",
            status=status,
            note=note,
        )


def values(folder: Path) -> Iterator[Row]:
    """Yield every statistic of the second phase."""
    published = _table(folder / "ibsi2_phase2_reference_values.csv")
    codes = {f.ibsi: f.key for f in feature_register(["firstorder"], is_complete=True)}
    phantom = folder / "ibsi_1_ct_radiomics_phantom" / "nifti"
    (image,) = (phantom / "image").glob("*.nii.gz")
    (mask,) = (phantom / "mask").glob("*.nii.gz")
    scan, region = read_image(image), read_mask(mask)
    for test in _table(folder / "ibsi2_phase2_filters.csv"):
        number = test["filter_id"]
        settings = {
            "convention": "ibsi",
            "families": ["firstorder"],
            "resegment_range": [-1000, 400],
            "filters": [_filter(test)],
            **PREPARATION[number.partition(".")[2]],
        }
        found = {
            str(name).partition("_firstorder_")[2]: float(value)
            for name, value in Extractor(settings).extract(scan, region).items()
        }
        for row in published:
            if row["filter_id"] != number:
                continue
            feature = codes[row["ibsi_id"]].removeprefix("firstorder_")
            status, note = judged(found.get(feature), row["value"], row["tolerance"])
            yield Row(
                source=VALUES,
                part=number,
                group=_words(test["filter"]),
                tag=f"{number} {row['ibsi_tag']}",
                convention="ibsi",
                status=status,
                note=note,
            )


def _table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _words(name: str) -> str:
    """Return the name of a filter as a person writes it."""
    return name.replace("_", " ").replace("laplacian of gaussian", "Laplacian of Gaussian")


def _judged_map(folder: Path, test: dict[str, str]) -> tuple[Status, str]:
    """Return whether no voxel of a map is farther off than 1 % of its range."""
    expected = read_image(folder / test["response_map"]).voxels.astype(float)
    off = float(np.abs(_response(folder, test).voxels - expected).max() / np.ptp(expected))
    return ("pass", "") if off <= 0.01 else ("fail", f"{off:.1%} of the range")


def _response(folder: Path, test: dict[str, str]) -> Image:
    """Return radpred's response to a phantom."""
    riesz = RIESZ.get(test["test_id"], {})
    name = riesz.get("phantom") or test["phantom"]
    chosen = {"kind": "riesz", **riesz["filter"]} if riesz else _filter(test)
    image = read_image(
        folder / "ibsi_2_digital_phantom" / "nifti" / name / "image" / f"{name}.nii.gz"
    )
    settings = ExtractionSettings.model_validate(
        {
            "filters": [chosen],
            "force_2d": "z" if test["dimension"].startswith("2D") else None,
        }
    )
    z, y, x = image.grid.shape
    (response,) = responses(image, (slice(0, z), slice(0, y), slice(0, x)), settings)
    return response.image


def _filter(test: dict[str, str]) -> dict[str, Any]:
    """Return the settings of a filter in radpred's words."""
    given = dict(part.split("=") for part in test["parameters"].split("; "))
    beyond = {"beyond": BEYOND[given["padding"]]}
    pooling = given.get("pooling") if given.get("rotation_invariance") == "True" else None
    kind = test["filter"]
    if kind == "none":
        return {"kind": "original"}
    if kind == "mean":
        return {"kind": kind, "support_voxels": int(float(given["support_voxels"])), **beyond}
    if kind == "laplacian_of_gaussian":
        widths = {"sigma_mm": [given["sigma_mm"]], "truncate_sigmas": given["truncate_sigmas"]}
        return {"kind": "sampled_laplacian_of_gaussian", **widths, **beyond}
    if kind == "laws":
        kernels = {"kernels": [given["kernel"]], "pooling": pooling}
        if "energy_delta_voxels" in given:
            kernels["energy_delta_voxels"] = int(float(given["energy_delta_voxels"]))
        return {"kind": kind, **kernels, **beyond}
    if kind == "gabor":
        names = ("sigma_mm", "lambda_mm", "gamma", "theta_deg", "theta_step_deg")
        return {"kind": kind, **{name: given[name] for name in names if name in given}, **beyond}
    level = int(float(given.get("level", 1)))
    if kind == "separable_wavelet":
        band = {"wavelet": given["family"], "subbands": [given["subband"]], "level": level}
        return {"kind": kind, **band, "pooling": pooling, **beyond}
    # Of a filter of the Fourier transform IBSI leaves open what lies beyond the image: it is the
    # image again. Mirrored, two of the 71 statistics fail.
    return {"kind": kind, "levels": [level], "beyond": "periodic"}
