"""Interpolation in array arithmetic has the bits of ITK, whatever grids, types and values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from radpred.image import Grid
from radpred.preprocess._itk_arithmetic import interpolated

INTERPOLATORS = {
    "bspline": sitk.sitkBSpline,
    "linear": sitk.sitkLinear,
    "nearest": sitk.sitkNearestNeighbor,
}
TYPES = (np.float64, np.float32, np.int16, np.uint8, np.int32)
SPACINGS = (  # old and new, in mm
    ((2.5, 0.7, 0.7), (1.0, 1.0, 1.0)),
    ((3.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
    ((1.0, 1.0, 1.0), (2.0, 2.0, 2.0)),
    ((1.0, 1.0, 1.0), (2.5, 0.5, 1.0)),
)
TURNS = {
    "straight": np.eye(3),
    "flipped": np.diag([-1.0, -1.0, 1.0]),
    "sagittal": np.eye(3)[[1, 2, 0]],
    "oblique": np.linalg.qr(np.array([[9.0, 2, 1], [-2, 8, 3], [1, -3, 9]]))[0],
}


def by_itk(voxels, grid, target, interpolator, *, extends):
    """Return the values of SimpleITK's resampling filter."""
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(grid.spacing[::-1])
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    resampler = sitk.ResampleImageFilter()
    resampler.SetSize(target.shape[::-1])
    resampler.SetOutputSpacing(target.spacing[::-1])
    resampler.SetOutputOrigin(target.origin)
    resampler.SetOutputDirection(target.direction)
    resampler.SetInterpolator(INTERPOLATORS[interpolator])
    resampler.SetUseNearestNeighborExtrapolator(extends)
    return sitk.GetArrayFromImage(resampler.Execute(image))


def grids(spacings, turn, shape, rng):
    """Return an old grid, and one of another voxel size that shares its corner."""
    old, new = spacings
    direction = tuple(float(c) for c in TURNS[turn].ravel())
    origin = tuple(rng.uniform(-900, 900, 3))
    grid = Grid(shape=shape, spacing=old, origin=origin, direction=direction)
    corner = grid.to_world(0.5 * (np.subtract(new, old)) / old)
    size = tuple(int(np.ceil(n * a / b)) for n, a, b in zip(shape, old, new, strict=True))
    return grid, replace(grid, shape=size, spacing=new, origin=tuple(map(float, corner)))


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("spacings", SPACINGS)
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("interpolator", INTERPOLATORS)
def test_values_have_the_bits_of_itk(interpolator, kind, spacings, turn, rng):
    voxels = rng.uniform(0, 255, (9, 21, 24)).astype(kind)
    grid, target = grids(spacings, turn, voxels.shape, rng)
    found = interpolated(voxels, grid, target, interpolator)
    expected = by_itk(voxels, grid, target, interpolator, extends=False)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("interpolator", INTERPOLATORS)
def test_beyond_the_border_values_go_on_as_in_itk(interpolator, turn, rng):
    voxels = rng.normal(size=(6, 9, 8))
    grid, target = grids(SPACINGS[0], turn, voxels.shape, rng)
    origin = tuple(map(float, target.to_world(np.array([-3.0, -2.0, -4.0]))))
    target = replace(target, origin=origin, shape=(20, 12, 14))
    found = interpolated(voxels, grid, target, interpolator, extends=True)
    np.testing.assert_array_equal(found, by_itk(voxels, grid, target, interpolator, extends=True))
    without = interpolated(voxels, grid, target, interpolator)
    np.testing.assert_array_equal(
        without, by_itk(voxels, grid, target, interpolator, extends=False)
    )


@pytest.mark.parametrize("shape", [(1, 9, 8), (3, 4, 5), (3, 1, 40)])
@pytest.mark.parametrize("interpolator", INTERPOLATORS)
def test_short_axes_are_mirrored_as_in_itk(interpolator, shape, rng):
    voxels = rng.normal(size=shape)
    grid, target = grids(((1.0, 1.0, 1.0), (0.7, 0.7, 0.7)), "straight", shape, rng)
    found = interpolated(voxels, grid, target, interpolator)
    np.testing.assert_array_equal(found, by_itk(voxels, grid, target, interpolator, extends=False))


@pytest.mark.parametrize("interpolator", INTERPOLATORS)
def test_a_device_has_the_bits_of_itk(interpolator, device, rng):
    voxels = rng.normal(0, 400, (9, 21, 24)).astype(np.int16)
    grid, target = grids(SPACINGS[0], "oblique", voxels.shape, rng)
    found = interpolated(device.put(voxels), grid, target, interpolator)
    expected = by_itk(voxels, grid, target, interpolator, extends=False)
    np.testing.assert_array_equal(found.get(), expected)
