"""The gradient's magnitude is ITK's, as PyRadiomics takes it."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

from radpred.backends import to_host
from radpred.filters import gradient_magnitude
from tests.filters.oracle import by_pyradiomics, made

SPACING = (2.5, 0.7, 0.9)


@pytest.mark.parametrize("use_spacing", [True, False])
@pytest.mark.parametrize("shape", [(9, 12, 13), (1, 6, 7), (2, 1, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_the_response_has_the_bits_of_pyradiomics(rng, dtype, shape, use_spacing):
    voxels = rng.normal(100, 60, shape).clip(0, 250).astype(dtype)
    expected = by_pyradiomics("Gradient", voxels, SPACING, gradientUseSpacing=use_spacing)
    found = gradient_magnitude(made(voxels, SPACING), use_spacing=use_spacing)
    assert {found.name: found.voxels.dtype} == {k: v.dtype for k, v in expected.items()}
    np.testing.assert_array_equal(found.voxels, expected["gradient"])


@pytest.mark.parametrize(
    "box",
    [
        (slice(0, 9), slice(3, 4), slice(0, 5)),
        (slice(4, 6), slice(2, 9), slice(8, 13)),
        (slice(8, 9), slice(11, 12), slice(12, 13)),
    ],
)
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, box):
    image = made(rng.normal(0, 100, (9, 12, 13)), SPACING)
    found = gradient_magnitude(image, box=box)
    np.testing.assert_array_equal(found.voxels, gradient_magnitude(image).voxels[box])
    assert found.grid == image.grid.cropped(box)


def test_a_slope_has_its_own_steepness_away_from_the_border():
    z, y, x = np.meshgrid(*map(np.arange, (5, 6, 7)), indexing="ij")
    slope = 3.0 * z * SPACING[0] + 4.0 * y * SPACING[1] + 12.0 * x * SPACING[2]
    inside = (slice(1, -1),) * 3
    found = gradient_magnitude(made(slope, SPACING)).voxels[inside]
    np.testing.assert_allclose(found, 13.0, rtol=1e-6)


def test_a_voxel_that_is_not_finite_spoils_its_six_neighbours_alone(rng):
    voxels = rng.normal(0, 100, (5, 5, 5))
    voxels[2, 2, 2] = np.nan
    found = gradient_magnitude(made(voxels)).voxels
    assert np.isnan(found).sum() == 6
    assert np.isfinite(found[2, 2, 2])


def test_an_array_of_another_library_stays_in_it(rng):
    voxels = rng.integers(-900, 300, (4, 5, 6), dtype=np.int16)
    box = (slice(0, 2), slice(1, 5), slice(2, 6))
    found = gradient_magnitude(made(array_api_strict.asarray(voxels)), box=box).voxels
    assert isinstance(found, type(array_api_strict.zeros(1)))
    np.testing.assert_array_equal(to_host(found), gradient_magnitude(made(voxels), box=box).voxels)
