"""The Laplacian of Gaussian is ITK's recursive one, and depends on the whole image."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest
import SimpleITK as sitk

from radpred.backends import to_host
from radpred.filters import laplacian_of_gaussian, laplacian_of_gaussian_name
from radpred.image import Grid, Image


def by_itk(voxels, spacing, sigma_mm):
    """Return the response of a whole image, by ITK."""
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(spacing[::-1])
    itk = sitk.LaplacianRecursiveGaussianImageFilter()
    itk.SetNormalizeAcrossScale(True)
    itk.SetSigma(sigma_mm)
    return sitk.GetArrayFromImage(itk.Execute(image)).astype(float)


def made(voxels, spacing=(1.0, 1.0, 1.0)):
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape, spacing=spacing))


def assert_equal_to_a_millionth_of_the_range(found, expected, whole=None):
    whole = expected if whole is None else whole
    assert np.abs(found - expected).max() <= 1e-6 * np.ptp(whole)


@pytest.mark.parametrize("sigma_mm", [0.5, 1.0, 3.0, 7.5])
@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((17, 23, 31), (1.0, 1.0, 1.0)),
        ((9, 40, 28), (5.0, 0.7, 0.9)),
        ((60, 5, 4), (0.4, 2.0, 3.0)),
    ],
)
def test_the_response_is_that_of_itk(rng, shape, spacing, sigma_mm):
    voxels = rng.normal(100, 30, shape)
    found = laplacian_of_gaussian(made(voxels, spacing), sigma_mm=sigma_mm).voxels
    assert_equal_to_a_millionth_of_the_range(found, by_itk(voxels, spacing, sigma_mm))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_the_response_of_any_type_is_that_of_itk_and_does_not_wrap(rng, dtype):
    voxels = rng.normal(100, 40, (12, 13, 14)).clip(0, 250).astype(dtype)
    found = laplacian_of_gaussian(made(voxels), sigma_mm=1.5).voxels
    assert found.dtype == np.float32
    assert_equal_to_a_millionth_of_the_range(found, by_itk(voxels, (1.0, 1.0, 1.0), 1.5))


@pytest.mark.parametrize("sigma_mm", [1.0, 3.8])
@pytest.mark.parametrize(
    "box",
    [
        (slice(40, 52), slice(30, 37), slice(33, 60)),
        (slice(0, 5), slice(30, 37), slice(70, 90)),
        (slice(7, 8), slice(0, 70), slice(80, 81)),
    ],
)
def test_the_response_in_a_box_is_that_of_the_whole_image(rng, box, sigma_mm):
    voxels = rng.normal(-500, 300, (80, 70, 90))
    whole = by_itk(voxels, (1.0, 1.0, 1.0), sigma_mm)
    image = made(voxels)
    found = laplacian_of_gaussian(image, sigma_mm=sigma_mm, box=box)
    assert_equal_to_a_millionth_of_the_range(found.voxels, whole[box], whole)
    assert found.grid == image.grid.cropped(box)


def test_half_a_square_of_the_distance_responds_with_the_number_of_axes_times_sigma_squared():
    z, y, x = np.meshgrid(*[np.arange(61.0) - 30] * 3, indexing="ij")
    box = (slice(30, 31),) * 3
    found = laplacian_of_gaussian(made((z**2 + y**2 + x**2) / 2), sigma_mm=2.0, box=box)
    assert float(found.voxels[0, 0, 0]) == pytest.approx(3 * 2.0**2, rel=1e-6)


def test_a_constant_has_no_response():
    found = laplacian_of_gaussian(made(np.full((6, 7, 8), -1024.0)), sigma_mm=2.0)
    assert np.abs(found.voxels).max() < 1e-9


@pytest.mark.parametrize("n_slices", [1, 2, 3])
def test_an_image_too_small_for_itk_goes_on_with_its_border_voxels(rng, n_slices):
    voxels = rng.normal(0, 1, (n_slices, 12, 12))
    found = laplacian_of_gaussian(made(voxels, (3.0, 1.0, 1.0)), sigma_mm=2.0).voxels
    padded = np.pad(voxels, ((20, 20), (0, 0), (0, 0)), mode="edge")
    whole = by_itk(padded, (3.0, 1.0, 1.0), 2.0)
    assert_equal_to_a_millionth_of_the_range(found, whole[20 : 20 + n_slices], whole)


def test_an_array_of_another_library_stays_in_it(rng):
    voxels = rng.integers(-900, 300, (9, 10, 11), dtype=np.int16)
    box = (slice(2, 6), slice(0, 10), slice(5, 11))
    found = laplacian_of_gaussian(made(array_api_strict.asarray(voxels)), sigma_mm=1.0, box=box)
    assert isinstance(found.voxels, type(array_api_strict.zeros(1)))
    whole = by_itk(voxels, (1.0, 1.0, 1.0), 1.0)
    assert_equal_to_a_millionth_of_the_range(to_host(found.voxels), whole[box], whole)


@pytest.mark.parametrize("case", ["brain1", "brain2", "breast1"])
@pytest.mark.parametrize("sigma_mm", [1.0, 3.0, 5.0])
def test_the_response_around_a_real_lesion_is_that_of_itk(shared_data, case, sigma_mm):
    image = sitk.ReadImage(shared_data / "pyradiomics" / f"{case}_image.nrrd")
    label = sitk.ReadImage(shared_data / "pyradiomics" / f"{case}_label.nrrd")
    voxels, inside = sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(label) == 1
    box = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in np.nonzero(inside))
    spacing = image.GetSpacing()[::-1]
    whole = by_itk(voxels, spacing, sigma_mm)
    found = laplacian_of_gaussian(made(voxels, spacing), sigma_mm=sigma_mm, box=box).voxels
    assert_equal_to_a_millionth_of_the_range(found, whole[box], whole)


@pytest.mark.parametrize(
    ("sigma_mm", "name"),
    [(3.0, "log-sigma-3-0-mm-3D"), (3, "log-sigma-3-mm-3D"), (0.75, "log-sigma-0-75-mm-3D")],
)
def test_the_name_is_spelt_as_pyradiomics_spells_it(sigma_mm, name):
    assert laplacian_of_gaussian_name(sigma_mm) == name
    image = made(np.zeros((4, 4, 4)))
    assert laplacian_of_gaussian(image, sigma_mm=sigma_mm).name == name
