"""What holds of every filter of IBSI 2's first half: boxes, borders, rotations, sums, gaps."""

from __future__ import annotations

import sys
from functools import partial
from types import SimpleNamespace

import array_api_strict
import numpy as np
import pytest
import scipy.fft

from radpred.backends import to_host
from radpred.filters import GaborWave, gabor, laws, mean, sampled_laplacian_of_gaussian
from radpred.image import Grid, Image

RULES = {"zero": "constant", "edge": "edge", "periodic": "wrap", "mirror": "symmetric"}
SPACING = (2.0, 1.0, 1.5)
WAVE = GaborWave(sigma_mm=1.5, lambda_mm=5.0, gamma=0.8, theta_deg=30.0)
AROUND = GaborWave(sigma_mm=1.5, lambda_mm=5.0, gamma=0.8, theta_step_deg=45.0)
LINEAR = {
    "mean": partial(mean, support_voxels=5),
    "laplacian": partial(sampled_laplacian_of_gaussian, sigma_mm=1.3),
    "wide laplacian": partial(sampled_laplacian_of_gaussian, sigma_mm=2.5),
    "laws": partial(laws, kernels="E5L5S3"),
}
INVARIANT = {
    "mean": LINEAR["mean"],
    "laplacian": LINEAR["laplacian"],
    "laws max": partial(laws, kernels="E5L5W5", pooling="max"),
    "laws energy": partial(laws, kernels="E3S5E5", pooling="mean", energy_delta_voxels=2),
    "gabor mean": partial(gabor, wave=AROUND),
    "gabor max": partial(gabor, wave=AROUND, pooling="max"),
}
FILTERS = LINEAR | INVARIANT | {"gabor": partial(gabor, wave=WAVE)}
BOXES = [
    (slice(6, 9), slice(8, 9), slice(7, 15)),
    (slice(0, 4), slice(11, 17), slice(0, 23)),
    (slice(0, 14), slice(0, 17), slice(0, 23)),
]


def made(voxels, spacing=SPACING):
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape, spacing=spacing))


def flat(name, flat_axis):
    """Return a filter, in space or in slices; Laws' has a kernel less there."""
    chosen = FILTERS[name]
    if flat_axis is not None and "kernels" in chosen.keywords:
        chosen = partial(chosen, kernels=chosen.keywords["kernels"][:4])
    return partial(chosen, flat_axis=flat_axis)


def assert_equal(found, expected, whole=None):
    scale = np.abs(expected if whole is None else whole).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * scale)


@pytest.mark.parametrize("box", BOXES[:2])
@pytest.mark.parametrize("flat_axis", [None, 0, 1, 2])
@pytest.mark.parametrize("beyond", RULES)
@pytest.mark.parametrize("name", FILTERS)
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, name, beyond, flat_axis, box):
    image = made(rng.normal(-500, 300, (14, 17, 23)))
    whole = flat(name, flat_axis)(image, beyond=beyond)
    found = flat(name, flat_axis)(image, beyond=beyond, box=box)
    assert_equal(found.voxels, whole.voxels[box], whole.voxels)
    assert (found.grid, found.name) == (image.grid.cropped(box), whole.name)


@pytest.mark.parametrize("shape", [(14, 17, 23), (2, 3, 1)])
@pytest.mark.parametrize("beyond", RULES)
@pytest.mark.parametrize("name", [name for name in FILTERS if name != "laws energy"])
def test_the_border_is_that_of_a_padded_image(rng, name, beyond, shape):
    voxels = rng.normal(100, 30, shape)
    padded = np.pad(voxels, 30, mode=RULES[beyond])
    inside = tuple(slice(30, 30 + size) for size in shape)
    found = FILTERS[name](made(voxels), beyond=beyond).voxels
    assert_equal(found, FILTERS[name](made(padded), box=inside).voxels)


@pytest.mark.parametrize("beyond", RULES)
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", INVARIANT)
def test_a_turned_image_has_a_turned_response(rng, name, axis, beyond):
    voxels, cubes = rng.normal(size=(11, 11, 11)), (1.5, 1.5, 1.5)
    plane = tuple(other for other in range(3) if other != axis)
    found = FILTERS[name](made(np.rot90(voxels, axes=plane), cubes), beyond=beyond).voxels
    expected = np.rot90(FILTERS[name](made(voxels, cubes), beyond=beyond).voxels, axes=plane)
    assert_equal(found, expected)


@pytest.mark.parametrize("name", ["laws", "gabor"])
def test_without_rotations_a_turned_image_has_another_response(rng, name):
    voxels, cubes = rng.normal(size=(11, 11, 11)), (1.5, 1.5, 1.5)
    found = FILTERS[name](made(np.rot90(voxels, axes=(1, 2)), cubes)).voxels
    expected = np.rot90(FILTERS[name](made(voxels, cubes)).voxels, axes=(1, 2))
    assert np.abs(found - expected).max() > 0.1 * np.ptp(expected)


@pytest.mark.parametrize("beyond", RULES)
@pytest.mark.parametrize("name", LINEAR)
def test_the_response_to_a_sum_is_the_sum_of_responses(rng, name, beyond):
    one, other = rng.normal(size=(2, 9, 12, 13))
    responses = [
        LINEAR[name](made(voxels), beyond=beyond).voxels
        for voxels in (one, other, 3 * one - 2 * other)
    ]
    assert_equal(3 * responses[0] - 2 * responses[1], responses[2])


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
@pytest.mark.parametrize("name", FILTERS)
def test_an_image_of_any_type_is_filtered_in_double_precision(rng, name, dtype):
    voxels = rng.integers(0, 250, (9, 12, 13)).astype(dtype)
    found = FILTERS[name](made(voxels)).voxels
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, FILTERS[name](made(voxels.astype(float))).voxels)


@pytest.mark.parametrize("value", [np.nan, -np.inf])
@pytest.mark.parametrize("name", FILTERS)
def test_a_voxel_that_is_no_number_leaves_far_responses_as_they_are(rng, name, value):
    voxels = rng.normal(size=(40, 40, 40))
    expected = FILTERS[name](made(voxels)).voxels
    voxels[20, 20, 20] = value
    found = FILTERS[name](made(voxels)).voxels
    assert not np.isfinite(found[20, 20, 20])
    is_number = np.isfinite(found)
    assert is_number[0].all()
    assert is_number[:, :, 0].all()
    assert_equal(found[is_number], expected[is_number])


def fft_of_any(array):
    """Return transforms under SciPy's names, for libraries that have only the standard's."""
    if isinstance(array, np.ndarray):
        return scipy.fft
    xp = array.__array_namespace__()
    return SimpleNamespace(
        next_fast_len=scipy.fft.next_fast_len,
        fft2=lambda x, s, axes: xp.fft.fftn(xp.astype(x, xp.complex128), s=s, axes=axes),
        ifft2=lambda x, axes, overwrite_x: xp.fft.ifftn(x, axes=axes),
    )


@pytest.mark.parametrize("name", FILTERS)
def test_an_array_of_another_library_stays_in_it(rng, monkeypatch, name):
    monkeypatch.setattr(sys.modules[gabor.__module__], "fft_of", fft_of_any)
    voxels = rng.normal(size=(9, 12, 13))
    found = FILTERS[name](made(array_api_strict.asarray(voxels)), box=BOXES[0]).voxels
    assert isinstance(found, type(array_api_strict.zeros(1)))
    assert_equal(to_host(found), FILTERS[name](made(voxels), box=BOXES[0]).voxels)
