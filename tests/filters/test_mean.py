"""The mean filter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from radpred.filters import mean
from radpred.image import Grid, Image

MODES = {"zero": "constant", "edge": "nearest", "periodic": "wrap", "mirror": "reflect"}


def response(voxels, **options):
    return mean(Image(voxels=voxels, grid=Grid(shape=voxels.shape)), **options).voxels


@pytest.mark.parametrize("beyond", MODES)
@pytest.mark.parametrize(("flat_axis", "sides"), [(None, (7, 7, 7)), (1, (7, 1, 7))])
def test_the_response_is_that_of_scipy(rng, beyond, flat_axis, sides):
    voxels = rng.normal(40, 9, (9, 10, 11))
    found = response(voxels, support_voxels=7, beyond=beyond, flat_axis=flat_axis)
    expected = ndimage.uniform_filter(voxels, sides, mode=MODES[beyond])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("beyond", ["edge", "periodic", "mirror"])
@pytest.mark.parametrize("support_voxels", [1, 3, 15, 17])
def test_the_mean_of_a_constant_is_the_constant(beyond, support_voxels):
    found = response(np.full((6, 7, 8), -1024), support_voxels=support_voxels, beyond=beyond)
    assert (found == -1024).all()
