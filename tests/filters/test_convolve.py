"""A separable filter in a box reads no more than it needs, by loops or by matrix products."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest
from scipy import ndimage

from radpred.backends import to_host
from radpred.filters._convolve import convolved
from radpred.filters._rotations import NOTHING, Kernel

BOX = (slice(3, 40), slice(0, 11), slice(5, 6))


@pytest.mark.parametrize("n_taps", [1, 2, 5, 15, 16, 33, 71])
def test_the_response_is_that_of_scipy(rng, n_taps):
    voxels = rng.normal(size=(44, 11, 8))
    taps = rng.normal(size=(3, n_taps))
    expected = voxels
    for axis in range(3):
        expected = ndimage.convolve1d(expected, taps[axis], axis=axis, mode="constant")
    kernels = tuple(Kernel.centred(line) for line in taps)
    found = convolved(voxels, kernels, box=BOX, beyond="zero")
    np.testing.assert_allclose(found, expected[BOX], rtol=0, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("n_taps", [4, 40])
def test_an_array_of_another_library_stays_in_it(rng, n_taps):
    voxels = rng.integers(-900, 300, (44, 11, 8), dtype=np.int16)
    kernels = (Kernel.centred(rng.normal(size=n_taps)), NOTHING, Kernel.centred((1.0, -1.0)))
    options = {"box": BOX, "beyond": "mirror"}
    found = convolved(array_api_strict.asarray(voxels), kernels, **options)
    assert isinstance(found, type(array_api_strict.zeros(1)))
    expected = convolved(voxels, kernels, **options)
    np.testing.assert_allclose(to_host(found), expected, rtol=1e-12)


@pytest.mark.parametrize("n_taps", [5, 21])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_voxel_that_is_no_number_reaches_no_farther_than_the_filter(rng, n_taps, value):
    line = rng.normal(size=(60, 1, 1))
    kernels = (Kernel.centred(rng.normal(size=n_taps)), NOTHING, NOTHING)
    box = (slice(0, 60), slice(0, 1), slice(0, 1))
    expected = convolved(line, kernels, box=box, beyond="mirror")
    line[30] = value
    found = convolved(line, kernels, box=box, beyond="mirror")
    is_reached = np.abs(np.arange(60) - 30) <= n_taps // 2
    assert not np.isfinite(found[is_reached]).any()
    np.testing.assert_allclose(found[~is_reached], expected[~is_reached], rtol=0, atol=1e-12)
