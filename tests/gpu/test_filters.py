"""Every filter gives on a device what it gives on the host, and stays there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_cupy import FakeDevice
from pydantic import TypeAdapter

from radpred.backends import is_cupy
from radpred.config import Filter
from radpred.image import Grid, Image
from radpred.pipeline.images.filter_kinds import FILTER_KINDS, Source

SHAPE = (11, 14, 13)
BOX = (slice(2, 9), slice(3, 12), slice(1, 10))
GABOR = {"kind": "gabor", "sigma_mm": 1.5, "lambda_mm": 3.0}
FILTERS: tuple[dict[str, Any], ...] = (
    {"kind": "original"},
    {"kind": "laplacian_of_gaussian", "sigma_mm": (1, 3)},
    {"kind": "wavelet"},
    {"kind": "wavelet", "level": 2, "start_level": 1},
    {"kind": "square"},
    {"kind": "square_root"},
    {"kind": "logarithm"},
    {"kind": "exponential"},
    {"kind": "gradient"},
    {"kind": "local_binary_pattern_2d"},
    {"kind": "local_binary_pattern_2d", "method": "ror", "radius": 1.5},
    {"kind": "local_binary_pattern_2d", "method": "var", "across": "x"},
    {"kind": "local_binary_pattern_2d", "method": "nri_uniform", "samples": 5},
    {"kind": "local_binary_pattern_2d", "method": "default"},
    {"kind": "local_binary_pattern_3d"},
    {"kind": "local_binary_pattern_3d", "levels": 3, "icosphere_radius": 1.7},
    {"kind": "mean", "support_voxels": 5, "beyond": "edge"},
    {"kind": "sampled_laplacian_of_gaussian", "sigma_mm": (1.0, 3.0)},
    {"kind": "laws", "kernels": ("E5L5S5",)},
    {"kind": "laws", "kernels": ("E3W5R5",), "pooling": "max", "energy_delta_voxels": 2},
    GABOR,
    {**GABOR, "theta_step_deg": 45.0, "pooling": "max"},
    {"kind": "separable_wavelet", "subbands": ("LLH", "HHH"), "level": 2},
    {"kind": "separable_wavelet", "subbands": ("LHL",), "pooling": "mean", "beyond": "zero"},
    {"kind": "nonseparable_wavelet", "levels": (1, 2)},
    {"kind": "nonseparable_wavelet", "levels": (1,), "beyond": "mirror"},
    {"kind": "riesz", "orders": ((0, 2, 0), (1, 1, 1))},
    {"kind": "riesz", "orders": ((0, 2, 0),), "level": 1},
    {"kind": "riesz", "orders": ((1, 0, 0),), "sigma_mm": 1.5},
    {"kind": "riesz", "orders": ((0, 2, 0),), "alignment_mm": 2.0},
)
IN_SLICES = tuple(
    {**given, **changed}
    for given, changed in (
        ({"kind": "wavelet"}, {}),
        ({"kind": "local_binary_pattern_2d"}, {}),
        ({"kind": "mean"}, {}),
        ({"kind": "laws"}, {"kernels": ("E5S5",), "pooling": "min"}),
        (GABOR, {"theta_step_deg": 90.0}),
        ({"kind": "separable_wavelet"}, {"subbands": ("LH",), "pooling": "max"}),
        ({"kind": "nonseparable_wavelet"}, {}),
        ({"kind": "riesz"}, {"orders": ((0, 2),), "alignment_mm": 2.0}),
    )
)
# The others' responses have the type of the image, as PyRadiomics' have.
OF_FLOATS = tuple(
    given
    for given in FILTERS
    if given["kind"] not in ("original", "local_binary_pattern_2d", "local_binary_pattern_3d")
)
# None of them may wrap, or be cut.
WHOLE = (np.uint8, np.int16, np.int32, np.int64)


def named(given: Any) -> str:
    """Return what a case is called."""
    return "-".join(str(value) for value in given.values()).replace(" ", "")


def image(rng: np.random.Generator, kind: Any = np.float64) -> Image:
    """Return an image of noise on a grid of unequal spacing."""
    spread = (0, 255) if kind == np.uint8 else (-1000, 1000)
    voxels = rng.uniform(*spread, SHAPE).astype(kind)
    return Image(voxels=voxels, grid=Grid(shape=SHAPE, spacing=(2.5, 0.9, 0.9)))


def on(device: FakeDevice, scan: Image) -> Image:
    """Return an image whose voxels lie on a device."""
    return replace(scan, voxels=device.put(scan.voxels))


def filtered(scan: Image, given: dict[str, Any], flat_axis: int | None = None) -> list[Image]:
    """Return all responses of a filter inside a box."""
    chosen = TypeAdapter(Filter).validate_python(given)
    source = Source(image=scan, box=BOX, flat_axis=flat_axis)
    return list(FILTER_KINDS[chosen.kind].filtered(source, chosen))


def assert_same(found: list[Image], expected: list[Image]) -> None:
    """Assert that responses on a device are those on the host."""
    for each, other in zip(expected, found, strict=True):
        assert is_cupy(other.voxels)
        assert (other.name, other.grid, other.voxels.dtype) == (
            each.name,
            each.grid,
            each.voxels.dtype,
        )
        np.testing.assert_allclose(other.voxels.get(), each.voxels, rtol=1e-6, atol=1e-6)


def test_every_kind_of_filter_is_tried():
    assert {given["kind"] for given in FILTERS} == set(FILTER_KINDS)


@pytest.mark.parametrize("given", FILTERS, ids=named)
def test_a_filter_gives_on_a_device_what_it_gives_on_the_host(given, device, rng):
    scan = image(rng)
    assert_same(filtered(on(device, scan), given), filtered(scan, given))


@pytest.mark.parametrize("given", IN_SLICES, ids=named)
def test_a_filter_of_slices_gives_the_same_on_a_device(given, device, rng):
    scan = image(rng)
    assert_same(filtered(on(device, scan), given, 0), filtered(scan, given, 0))


@pytest.mark.parametrize("given", FILTERS, ids=named)
def test_a_filter_fetches_no_voxel(given, device, rng):
    filtered(on(device, image(rng)), given)
    assert max(device.down, default=0) <= 8


@pytest.mark.parametrize("given", FILTERS, ids=named)
def test_a_filter_sends_only_what_describes_it(given, device, rng):
    scan = image(rng)
    filtered(on(device, scan), given)
    assert max(device.up, default=0) < scan.voxels.nbytes


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("given", OF_FLOATS, ids=named)
def test_whole_numbers_are_filtered_as_the_same_floats(given, kind, device, rng):
    scan = image(rng, kind)
    as_floats = replace(scan, voxels=scan.voxels.astype(np.float64))
    found, expected = filtered(on(device, scan), given), filtered(as_floats, given)
    assert all(each.voxels.dtype.kind == "f" for each in found)
    for each, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other.voxels.get(), each.voxels, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("given", FILTERS, ids=named)
def test_voxels_that_are_no_numbers_spoil_the_same_responses(given, device, rng):
    scan = image(rng)
    scan.voxels[4, 5, 6], scan.voxels[0, 0, 0] = np.nan, np.inf
    assert_same(filtered(on(device, scan), given), filtered(scan, given))


def test_a_line_of_a_device_is_averaged_without_loss(device):
    line = np.repeat([0, 1, 0], 9).reshape(1, 1, -1)
    scan = Image(voxels=device.put(line), grid=Grid(shape=(1, 1, 27)))
    chosen = TypeAdapter(Filter).validate_python({"kind": "mean", "support_voxels": 7})
    source = Source(image=scan, box=(slice(0, 1), slice(0, 1), slice(0, 27)), flat_axis=None)
    (found,) = FILTER_KINDS["mean"].filtered(source, chosen)
    expected = [min(max(n - 5, 0), 7, max(21 - n, 0)) / 7 for n in range(27)]
    np.testing.assert_allclose(found.voxels.get().ravel(), expected, atol=1e-6)
