"""IBSI 2's consensus response maps of its phantoms: within 1 % of the map's range."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from radpred.filters import (
    GaborWave,
    WaveletBand,
    gabor,
    laws,
    mean,
    nonseparable_wavelet,
    riesz,
    sampled_laplacian_of_gaussian,
    separable_wavelet,
)
from radpred.image import Image
from radpred.io import read_image

BEYOND = {"zero": "zero", "nearest": "edge", "periodic": "periodic", "mirror": "mirror"}


def by_mean(image, given, **around):
    return mean(image, support_voxels=int(float(given["support_voxels"])), **around)


def by_laplacian_of_gaussian(image, given, **around):
    return sampled_laplacian_of_gaussian(
        image,
        sigma_mm=float(given["sigma_mm"]),
        truncate_sigmas=float(given["truncate_sigmas"]),
        **around,
    )


def by_laws(image, given, **around):
    has_energy = given["compute_energy"] == "True"
    return laws(
        image,
        kernels=given["kernel"],
        pooling=given["pooling"] if given["rotation_invariance"] == "True" else None,
        energy_delta_voxels=int(float(given["energy_delta_voxels"])) if has_energy else None,
        **around,
    )


def by_gabor(image, given, **around):
    step = given.get("theta_step_deg")
    lengths = {key: float(given[key]) for key in ("sigma_mm", "lambda_mm", "gamma", "theta_deg")}
    wave = GaborWave(**lengths, theta_step_deg=None if step is None else float(step))
    return gabor(image, wave=wave, **around)


def by_separable_wavelet(image, given, **around):
    level = int(float(given.get("level", 1)))
    band = WaveletBand(wavelet=given["family"], letters=given["subband"], level=level)
    pooling = given["pooling"] if given["rotation_invariance"] == "True" else None
    return separable_wavelet(image, band=band, pooling=pooling, **around)


def by_nonseparable_wavelet(image, given, **around):
    assert given["family"] == "simoncelli"
    return nonseparable_wavelet(image, level=int(float(given["level"])), **around)


FILTERS = {
    "mean": by_mean,
    "laplacian_of_gaussian": by_laplacian_of_gaussian,
    "laws": by_laws,
    "gabor": by_gabor,
    "separable_wavelet": by_separable_wavelet,
    "nonseparable_wavelet": by_nonseparable_wavelet,
}
TESTS = {
    "mean": ("1A1", "1A2", "1A3", "1A4", "1B1"),
    "laplacian_of_gaussian": ("2A", "2B", "2C"),
    "laws": ("3A1", "3A2", "3A3", "3B1", "3B2", "3B3", "3C1", "3C2", "3C3"),
    "gabor": ("4A1", "4A2", "4B1", "4B2"),
    "separable_wavelet": ("5A1", "5A2", "6A1", "6A2", "7A1", "7A2"),
    "nonseparable_wavelet": ("8A1", "8A2", "8A3"),
}


# The published table holds no parameters of the tests of the Riesz transform: IBSI 2, table 6.1.
RIESZ = {
    "9A": ("impulse", {"order": (1, 0, 0), "beyond": "zero"}),
    "9B1": ("sphere", {"order": (0, 2, 0), "beyond": "zero"}),
    "10B1": ("pattern_1", {"order": (0, 2, 0), "beyond": "edge", "level": 1}),
}


def published(folder: Path, test_id: str) -> dict[str, str]:
    """Return what IBSI 2 asks for in one test."""
    with (folder / "ibsi2_phase1_tests.csv").open(encoding="utf-8", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["test_id"] == test_id]
    return row


def measured(folder: Path, test: dict[str, str]) -> Image:
    """Return radpred's response to the phantom."""
    given = dict(part.split("=") for part in test["parameters"].split("; "))
    return FILTERS[test["filter"]](
        phantom(folder, test["phantom"]),
        given,
        beyond=BEYOND[given["padding"]],
        flat_axis=0 if test["dimension"].startswith("2D") else None,
    )


def phantom(folder: Path, name: str) -> Image:
    """Return one of IBSI 2's digital phantoms."""
    place = folder / "ibsi_2_digital_phantom" / "nifti" / name / "image"
    return read_image(place / f"{name}.nii.gz")


def largest_difference(folder: Path, test_id: str) -> float:
    """Return how far radpred's response is off, as a part of the published map's range."""
    test = published(folder, test_id)
    return off(measured(folder, test), folder / test["response_map"])


def off(response: Image, place: Path) -> float:
    """Return how far a response is off a map, as a part of the map's range."""
    expected = read_image(place).voxels.astype(float)
    return float(np.abs(response.voxels - expected).max() / np.ptp(expected))


@pytest.mark.parametrize("test_id", [test_id for ids in TESTS.values() for test_id in ids])
def test_the_response_is_ibsi_s_map(shared_data, test_id):
    assert largest_difference(shared_data / "ibsi", test_id) <= 0.01


@pytest.mark.parametrize("name", FILTERS)
def test_every_map_of_a_filter_is_tested(shared_data, name):
    with (shared_data / "ibsi" / "ibsi2_phase1_tests.csv").open(encoding="utf-8") as file:
        ids = {row["test_id"] for row in csv.DictReader(file) if row["filter"] == name}
    assert set(TESTS[name]) == ids


@pytest.mark.parametrize("test_id", RIESZ)
def test_the_riesz_transform_is_ibsi_s_map(shared_data, test_id):
    folder = shared_data / "ibsi"
    name, given = RIESZ[test_id]
    image = phantom(folder, name)
    if "level" not in given:
        image = sampled_laplacian_of_gaussian(image, sigma_mm=3.0, beyond=given["beyond"])
    test = published(folder, test_id)
    assert off(riesz(image, **given), folder / test["response_map"]) <= 0.01
