"""The points of a sphere are trimesh's, in its order."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.filters.pyradiomics._icosphere import icosphere


@pytest.mark.parametrize("radius", [0.7, 1.0, 1.5])
@pytest.mark.parametrize("subdivision", [0, 1, 2, 3])
def test_points_have_the_bits_and_the_order_of_trimesh(subdivision, radius):
    creation = pytest.importorskip("trimesh.creation", reason="needs trimesh")
    expected = creation.icosphere(subdivision, radius).vertices
    np.testing.assert_array_equal(icosphere(radius=radius, subdivision=subdivision), expected)


@pytest.mark.parametrize("subdivision", [0, 1, 2])
def test_points_lie_on_the_sphere_and_balance(subdivision):
    points = icosphere(radius=2.5, subdivision=subdivision)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 2.5, rtol=1e-15)
    np.testing.assert_allclose(points.sum(axis=0), 0.0, atol=1e-12)
    assert len(np.unique(points.round(9), axis=0)) == 10 * 4**subdivision + 2
