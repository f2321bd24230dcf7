"""Laws' filters: kernels of unit length, the first along x, and the energy of the response."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from radpred.errors import SettingsError
from radpred.filters import laws, laws_kernels
from radpred.image import Grid, Image

MODES = {"zero": "constant", "edge": "nearest", "periodic": "wrap", "mirror": "reflect"}
LOW = np.array([1, 4, 6, 4, 1]) / np.sqrt(70)
SPOT = np.array([-1, 2, -1]) / np.sqrt(6)
EDGE = np.array([-1, -2, 0, 2, 1]) / np.sqrt(10)


def response(voxels, **options):
    return laws(Image(voxels=voxels, grid=Grid(shape=voxels.shape)), **options).voxels


def convolved(voxels, *taps, mode):
    """Return the response to kernels along z, y and x, by SciPy."""
    for axis, line in enumerate(taps):
        voxels = ndimage.convolve1d(voxels, line, axis=axis, mode=mode)
    return voxels


@pytest.mark.parametrize("beyond", MODES)
def test_the_kernels_lie_along_x_y_and_z(rng, beyond):
    voxels = rng.normal(40, 9, (9, 10, 11))
    found = response(voxels, kernels="E5S3L5", beyond=beyond)
    expected = convolved(voxels, LOW, SPOT, EDGE, mode=MODES[beyond])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * np.ptp(expected))


@pytest.mark.parametrize(
    ("flat_axis", "taps"),
    [(0, ([1.0], SPOT, EDGE)), (1, (SPOT, [1.0], EDGE)), (2, (SPOT, EDGE, [1.0]))],
)
def test_in_slices_the_axis_across_has_no_kernel(rng, flat_axis, taps):
    voxels = rng.normal(40, 9, (9, 10, 11))
    found = response(voxels, kernels="E5S3", flat_axis=flat_axis)
    expected = convolved(voxels, *taps, mode="reflect")
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * np.ptp(expected))


@pytest.mark.parametrize("delta", [1, 7])
@pytest.mark.parametrize("shape", [(9, 10, 11), (5, 3, 20)])
@pytest.mark.parametrize("beyond", MODES)
def test_energy_is_the_mean_magnitude_of_the_response(rng, beyond, shape, delta):
    options = {"kernels": "E3W5R5", "pooling": "max", "beyond": beyond}
    voxels = rng.normal(40, 9, shape)
    magnitude = np.abs(response(voxels, **options).astype(float))
    expected = ndimage.uniform_filter(magnitude, 2 * delta + 1, mode=MODES[beyond])
    found = response(voxels, energy_delta_voxels=delta, **options)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("kernels", ["E5L5S5", "R5L5L5", "W5E3S3"])
def test_a_constant_has_no_response_at_all(kernels):
    for pooling in (None, "max"):
        found = response(np.full((9, 9, 9), 1023), kernels=kernels, pooling=pooling)
        assert not found.any()


@pytest.mark.parametrize(
    ("kernels", "flat_axis", "what"),
    [
        ("E5L5", None, "got 2 kernels, wanted 3"),
        ("E5L5S5", 0, "got 3 kernels, wanted 2"),
        ("E5L7S5", None, "no kernel L7; there are L3, L5"),
        ("", None, "got 0 kernels"),
    ],
)
def test_kernels_that_do_not_fit_are_refused(kernels, flat_axis, what):
    with pytest.raises(SettingsError, match=what):
        laws_kernels(kernels, flat_axis=flat_axis)
