"""Patterns on circles are scikit-image's, slice by slice, as PyRadiomics stores them."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

from radpred.backends import to_host
from radpred.filters import local_binary_pattern_2d
from tests.filters.oracle import by_pyradiomics, made

METHODS = ("default", "ror", "uniform", "nri_uniform", "var")
CIRCLES = ((1.0, 8), (1.3, 9), (2.5, 5), (3.0, 20), (2.0, 1))
BOX = (slice(2, 5), slice(0, 12), slice(4, 9))


def by_scikit_image(slices, **options):
    """Return the patterns of slices, shape (n, rows, columns)."""
    feature = pytest.importorskip("skimage.feature", reason="needs scikit-image")
    return np.stack([feature.local_binary_pattern(part, **options) for part in slices])


@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern` to floating-point")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("radius", "samples"), CIRCLES)
@pytest.mark.parametrize("kind", ["noise", "few levels"])
def test_patterns_have_the_bits_of_scikit_image(rng, kind, radius, samples, method):
    voxels = rng.normal(100, 30 if kind == "noise" else 1, (3, 14, 15))
    voxels = voxels if kind == "noise" else np.round(voxels)
    expected = by_scikit_image(voxels, P=samples, R=radius, method=method)
    found = local_binary_pattern_2d(made(voxels), radius=radius, samples=samples, method=method)
    np.testing.assert_array_equal(found.voxels, expected)


@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern` to floating-point")
@pytest.mark.parametrize("across", [0, 1, 2])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("method", ["default", "uniform"])
def test_slices_across_any_axis_are_those_of_pyradiomics(rng, method, dtype, across):
    pytest.importorskip("skimage", reason="PyRadiomics needs scikit-image")
    voxels = rng.normal(100, 40, (9, 12, 13)).clip(0, 250).astype(dtype)
    given = {"lbp2DSamples": 7, "lbp2DRadius": 1.4, "lbp2DMethod": method}
    expected = by_pyradiomics("LBP2D", voxels, force2Ddimension=across, **given)
    found = local_binary_pattern_2d(
        made(voxels), samples=7, radius=1.4, method=method, across=across
    )
    np.testing.assert_array_equal(found.voxels, expected[found.name])


def test_a_variance_of_whole_intensities_is_cut_to_whole_numbers_as_pyradiomics_stores_it(rng):
    pytest.importorskip("skimage", reason="PyRadiomics needs scikit-image")
    voxels = rng.integers(-100, 100, (4, 8, 9), dtype=np.int16)
    expected = by_pyradiomics("LBP2D", voxels, lbp2DMethod="var")["lbp-2D"]
    found = local_binary_pattern_2d(made(voxels), method="var")
    np.testing.assert_array_equal(found.voxels, expected)


def test_the_defaults_are_those_of_pyradiomics(rng):
    pytest.importorskip("skimage", reason="PyRadiomics needs scikit-image")
    voxels = rng.integers(-100, 100, (4, 8, 9), dtype=np.int16)
    expected = by_pyradiomics("LBP2D", voxels)
    found = local_binary_pattern_2d(made(voxels))
    np.testing.assert_array_equal(found.voxels, expected[found.name])


@pytest.mark.parametrize("across", [0, 1, 2])
@pytest.mark.parametrize("method", METHODS)
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, method, across):
    image = made(rng.normal(0, 100, (9, 12, 13)))
    given = {"radius": 2.3, "samples": 9, "method": method, "across": across}
    found = local_binary_pattern_2d(image, box=BOX, **given)
    whole = local_binary_pattern_2d(image, **given)
    np.testing.assert_array_equal(found.voxels, whole.voxels[BOX])
    assert found.grid == image.grid.cropped(BOX)


def test_turning_a_pattern_changes_neither_its_least_number_nor_its_ones(rng):
    voxels = rng.integers(0, 9, (1, 3, 3)).astype(float)
    turned = np.rot90(voxels, axes=(1, 2)).copy()
    centre = (slice(0, 1), slice(1, 2), slice(1, 2))
    for method in ("ror", "var"):
        found = [
            local_binary_pattern_2d(made(part), samples=4, method=method, box=centre).voxels
            for part in (voxels, turned)
        ]
        np.testing.assert_allclose(*found, rtol=1e-12)


def test_a_voxel_that_is_not_finite_spoils_only_the_circles_that_meet_it(rng):
    voxels = rng.normal(0, 100, (3, 9, 9))
    whole = local_binary_pattern_2d(made(voxels)).voxels
    voxels[1, 4, 4] = np.nan
    found = local_binary_pattern_2d(made(voxels)).voxels
    assert np.isnan(found[1, 3:6, 3:6]).all()
    rest = np.ones(voxels.shape, dtype=bool)
    rest[1, 3:6, 3:6] = False
    np.testing.assert_array_equal(found[rest], whole[rest])


@pytest.mark.parametrize("method", METHODS)
def test_an_array_of_another_library_stays_in_it(rng, method):
    voxels = rng.integers(-900, 300, (3, 7, 8), dtype=np.int16)
    found = local_binary_pattern_2d(made(array_api_strict.asarray(voxels)), method=method).voxels
    assert isinstance(found, type(array_api_strict.zeros(1)))
    expected = local_binary_pattern_2d(made(voxels), method=method).voxels
    np.testing.assert_array_equal(to_host(found), expected)
