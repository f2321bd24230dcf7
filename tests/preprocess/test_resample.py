"""Resampling lands on PyRadiomics' grid, around the region, with ITK's values."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from radpred.datasets.phantom import sphere
from radpred.errors import GeometryError, InputError, RegionError
from radpred.image import Grid, Image, Mask
from radpred.preprocess import Interpolation, resample

LINEAR = Interpolation(image="linear", mask="linear")
TILTED = (0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def scan(rng, dtype, shape=(30, 34, 38), spacing=(2.5, 0.8, 0.7)):
    grid = Grid(shape=shape, spacing=spacing, origin=(-12.3, 44.1, 7.7), direction=TILTED)
    return Image(voxels=rng.normal(100, 300, shape).clip(0, 250).astype(dtype), grid=grid)


def box_of(image, *box):
    voxels = np.zeros(image.grid.shape, dtype=bool)
    voxels[tuple(slice(a, b) for a, b in box)] = True
    return Mask(voxels=voxels, grid=image.grid)


def by_itk(image, grid, interpolator):
    """Return the whole of an image interpolated on a grid, in its own type, by ITK."""
    whole = sitk.GetImageFromArray(image.voxels)
    whole.SetSpacing(image.grid.spacing[::-1])
    whole.SetOrigin(image.grid.origin)
    whole.SetDirection(image.grid.direction)
    size, spacing = grid.shape[::-1], grid.spacing[::-1]
    made = sitk.Resample(
        whole, size, sitk.Transform(), interpolator, grid.origin, spacing, grid.direction
    )
    return sitk.GetArrayFromImage(made)


@pytest.mark.parametrize("spacing_mm", [(2.0, 2.0, 2.0), (1.0, 1.0, 1.0), (5.0, 1.3, 0.0)])
@pytest.mark.parametrize(
    ("dtype", "interpolator", "itk"),
    [
        (np.int16, "bspline", sitk.sitkBSpline),
        (np.uint8, "bspline", sitk.sitkBSpline),
        (np.float32, "bspline", sitk.sitkBSpline),
        (np.float64, "linear", sitk.sitkLinear),
        (np.int16, "nearest", sitk.sitkNearestNeighbor),
    ],
)
def test_values_are_those_of_itk_on_the_whole_image(rng, dtype, interpolator, itk, spacing_mm):
    image = scan(rng, dtype)
    mask = box_of(image, (14, 20), (12, 20), (18, 25))
    found, _ = resample(
        image, mask, spacing_mm=spacing_mm, interpolation=Interpolation(image=interpolator)
    )
    expected = by_itk(image, found.grid, itk)
    assert found.voxels.dtype == dtype
    if np.issubdtype(dtype, np.integer):
        np.testing.assert_array_equal(found.voxels, expected)
    else:
        np.testing.assert_allclose(found.voxels, expected, rtol=1e-6, atol=1e-9)


def test_one_axis_alone_keeps_the_integers_that_itk_gives(rng):
    image = scan(rng, np.int16, spacing=(5.0, 1.0, 1.0))
    mask = box_of(image, (12, 20), (12, 20), (18, 25))
    found, _ = resample(
        image, mask, spacing_mm=(2.0, 0.0, 0.0), interpolation=Interpolation(image="linear")
    )
    np.testing.assert_array_equal(found.voxels, by_itk(image, found.grid, sitk.sitkLinear))


def test_corners_of_the_grids_coincide_and_the_region_is_padded(rng):
    image = scan(rng, np.float64, shape=(20, 20, 20), spacing=(1.0, 1.0, 1.0))
    found, mask = resample(
        image, box_of(image, (4, 8), (4, 8), (4, 8)), spacing_mm=(2.0, 2.0, 2.0), padding_voxels=3
    )
    # Old voxels 4..7 span 3.5 to 7.5; new voxel n spans 2n - 0.5 to 2n + 1.5: 2..3 hold them.
    first = found.grid.to_index(found.grid.origin)
    assert found.grid.shape == (8, 8, 8)  # to ceil(7.5 / 2 + 3)
    assert first.tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(image.grid.to_index(found.grid.origin), [0.5, 0.5, 0.5])
    assert np.argwhere(mask.voxels).min() == 2
    assert np.argwhere(mask.voxels).max() == 3


def test_a_ramp_stays_a_ramp(rng):
    grid = Grid(shape=(20, 30, 40), spacing=(2.0, 1.0, 0.7), origin=(5.0, -3.0, 8.0))
    z, y, x = np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij")
    points = grid.to_world(np.stack([z, y, x], axis=-1))
    image = Image(voxels=points @ [1.0, -2.0, 0.5], grid=grid)
    found, _ = resample(
        image, box_of(image, (8, 12), (13, 17), (18, 22)), spacing_mm=(1.5, 1.5, 1.5),
        padding_voxels=1,
    )  # fmt: skip
    index = np.stack(np.meshgrid(*[np.arange(n) for n in found.grid.shape], indexing="ij"), -1)
    expected = found.grid.to_world(index) @ [1.0, -2.0, 0.5]
    np.testing.assert_allclose(found.voxels, expected, atol=1e-3)


@pytest.mark.parametrize(("to_mm", "within"), [(1.0, 0.01), (2.0, 0.05)])
def test_a_sphere_keeps_its_volume(to_mm, within):
    mask = sphere(6.0, spacing=(2.5, 0.8, 0.8))
    image = Image(voxels=mask.voxels.astype(np.float32), grid=mask.grid)
    _, found = resample(image, mask, spacing_mm=(to_mm,) * 3)
    assert found.volume_mm3 == pytest.approx(mask.volume_mm3, rel=0.2)
    assert mask.volume_mm3 == pytest.approx(4 / 3 * math.pi * 6**3, rel=0.05)


def test_along_an_axis_on_which_the_region_is_one_voxel_thick_spacing_stays(rng):
    image = scan(rng, np.float32)
    found, _ = resample(image, box_of(image, (14, 15), (12, 20), (18, 25)), spacing_mm=(1, 1, 1))
    assert found.grid.spacing == (2.5, 1.0, 1.0)


def test_a_spacing_that_is_the_image_s_own_only_cuts(rng):
    image = scan(rng, np.int16)
    found, mask = resample(
        image, box_of(image, (14, 20), (2, 20), (18, 25)), spacing_mm=(2.5, 0.0, 0.7)
    )
    np.testing.assert_array_equal(found.voxels, image.voxels[9:25, 0:25, 13:30])
    assert (
        found.grid == mask.grid == image.grid.cropped((slice(9, 25), slice(0, 25), slice(13, 30)))
    )


def test_values_far_from_the_region_do_not_matter_even_if_they_are_no_numbers(rng):
    image = scan(rng, np.float64, shape=(120, 20, 20), spacing=(1.0, 1.0, 1.0))
    mask = box_of(image, (5, 9), (8, 12), (8, 12))
    expected, _ = resample(image, mask, spacing_mm=(2.0, 2.0, 2.0))
    voxels = image.voxels.copy()
    voxels[100] = np.nan
    found, _ = resample(Image(voxels=voxels, grid=image.grid), mask, spacing_mm=(2.0, 2.0, 2.0))
    np.testing.assert_array_equal(found.voxels, expected.voxels)


@pytest.mark.parametrize("to_mm", [1.0, 2.0, 3.0, 5.0])
def test_half_of_an_interpolated_mask_is_the_region(to_mm):
    region = sphere(6.0, spacing=(2.5, 0.8, 0.8))
    image = Image(voxels=np.zeros(region.grid.shape, dtype=np.float32), grid=region.grid)
    found, mask = resample(
        image, region, spacing_mm=(to_mm,) * 3, interpolation=Interpolation(mask="linear")
    )
    part = Image(voxels=region.voxels.astype(np.float64), grid=region.grid)
    expected = by_itk(part, found.grid, sitk.sitkLinear) >= 0.5 - 1e-9
    np.testing.assert_array_equal(mask.voxels, expected)


@pytest.mark.parametrize("to_mm", [1.0, 2.0])
def test_an_interpolated_mask_keeps_a_sphere_s_volume_within_a_tenth(to_mm):
    region = sphere(6.0, spacing=(2.5, 0.8, 0.8))
    image = Image(voxels=np.zeros(region.grid.shape, dtype=np.float32), grid=region.grid)
    _, mask = resample(
        image, region, spacing_mm=(to_mm,) * 3, interpolation=Interpolation(mask="linear")
    )
    assert mask.volume_mm3 == pytest.approx(4 / 3 * math.pi * 6**3, rel=0.1)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("interpolator", ["bspline", "linear", "nearest"])
def test_a_bridged_gap_is_filled_by_its_nearest_voxel_and_is_a_gap_again(rng, value, interpolator):
    image = scan(rng, np.float64, spacing=(2.5, 0.8, 0.7))
    mask = box_of(image, (14, 20), (12, 20), (18, 25))
    filled = image.voxels.copy()
    filled[16, 15, 19:22] = filled[16, 15, 21]  # both neighbours at 0.7 mm are alike
    holed = filled.copy()
    holed[16, 15, 20] = value
    how = Interpolation(image=interpolator)
    expected, _ = resample(
        replace(image, voxels=filled), mask, spacing_mm=(1.0, 0.5, 0.5), interpolation=how
    )
    found, inside = resample(
        replace(image, voxels=holed),
        mask,
        spacing_mm=(1.0, 0.5, 0.5),
        interpolation=replace(how, bridges_gaps=True),
    )
    gap = replace(mask, voxels=~np.isfinite(holed))
    around = Image(voxels=gap.voxels.astype(np.uint8), grid=image.grid)
    is_gap = by_itk(around, found.grid, sitk.sitkNearestNeighbor) > 0
    assert is_gap.any()
    assert np.isnan(found.voxels[is_gap]).all()
    np.testing.assert_array_equal(found.voxels[~is_gap], expected.voxels[~is_gap])
    assert (inside.voxels & is_gap).any()


def test_a_slip_of_the_unit_is_refused_at_once_with_both_voxel_sizes():
    grid = Grid(shape=(217, 217, 217))
    image = Image(voxels=np.zeros(grid.shape, dtype=np.uint8), grid=grid)
    mask = Mask(voxels=np.ones(grid.shape, dtype=bool), grid=grid)
    started = time.perf_counter()
    with pytest.raises(InputError, match=r"1 x 1 x 1 to 0\.1 x 0\.1 x 0\.1 mm") as caught:
        resample(image, mask, spacing_mm=(0.1, 0.1, 0.1))
    assert caught.value.code == "grid_too_large"
    assert time.perf_counter() - started < 5


def test_an_empty_mask_is_refused(rng):
    image = scan(rng, np.float32)
    with pytest.raises(RegionError, match="holds no voxel"):
        resample(image, box_of(image, (0, 0), (0, 0), (0, 0)), spacing_mm=(1, 1, 1))


def test_a_mask_on_another_grid_is_refused(rng):
    image = scan(rng, np.float32)
    other = Grid(shape=image.grid.shape)
    mask = Mask(voxels=np.ones(other.shape, dtype=bool), grid=other)
    with pytest.raises(GeometryError, match="resample the mask"):
        resample(image, mask, spacing_mm=(1, 1, 1))


@pytest.mark.parametrize("to_mm", [0.7, 1.0, 1.9])
def test_grids_that_share_the_centre_keep_it_where_it_is(rng, to_mm):
    image = scan(rng, np.int16)
    mask = box_of(image, (14, 20), (12, 20), (18, 25))
    found, _ = resample(image, mask, spacing_mm=(to_mm,) * 3, shared="centre", padding_voxels=None)
    old, new = (
        grid.to_world((np.asarray(grid.shape) - 1) / 2) for grid in (image.grid, found.grid)
    )
    np.testing.assert_allclose(new, old, atol=1e-9)


def test_a_grid_that_shares_the_centre_has_ibsi_s_size(rng):
    image = scan(rng, np.int16)  # 30 x 34 x 38 voxels of 2.5 x 0.8 x 0.7 mm
    mask = box_of(image, (14, 20), (12, 20), (18, 25))
    found, _ = resample(
        image, mask, spacing_mm=(2.0, 2.0, 2.0), shared="centre", padding_voxels=None
    )
    assert found.grid.shape == (math.ceil(75 / 2), math.ceil(27.2 / 2), math.ceil(26.6 / 2))


def test_what_lies_around_a_region_alone_is_that_part_of_the_whole(rng):
    image = scan(rng, np.float64)
    mask = box_of(image, (14, 20), (12, 20), (18, 25))
    how = {"spacing_mm": (1.0, 1.0, 1.0), "shared": "centre", "interpolation": LINEAR}
    whole, region = resample(image, mask, padding_voxels=None, **how)
    part, cut = resample(image, mask, padding_voxels=3, **how)
    assert part.voxels.size < whole.voxels.size
    assert cut.n_voxels == region.n_voxels
    start = np.rint(whole.grid.to_index(part.grid.origin)).astype(int)
    there = tuple(slice(a, a + n) for a, n in zip(start, part.grid.shape, strict=True))
    np.testing.assert_allclose(part.voxels, whole.voxels[there], atol=1e-9)


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_whole_numbers_may_be_rounded_to_the_nearest(rng, kind):
    image = scan(rng, np.int16)
    image = replace(image, voxels=image.voxels.astype(kind))
    mask = box_of(image, (14, 20), (12, 20), (18, 25))
    how = {"spacing_mm": (1.0, 1.0, 1.0)}
    exact, _ = resample(replace(image, voxels=image.voxels.astype(float)), mask, **how)
    rounded = Interpolation(integers="rounded")
    found, _ = resample(image, mask, interpolation=rounded, **how)
    assert found.voxels.dtype == kind
    assert np.array_equal(found.voxels, np.rint(found.voxels))
    assert np.abs(found.voxels - exact.voxels).max() <= 0.5 + 1e-9


def test_an_image_of_other_numbers_is_not_rounded(rng):
    image = scan(rng, np.float64)
    mask = box_of(image, (14, 20), (12, 20), (18, 25))
    plain, rounded = (
        resample(image, mask, spacing_mm=(1, 1, 1), interpolation=Interpolation(integers=how))[0]
        for how in ("cut", "rounded")
    )
    np.testing.assert_array_equal(rounded.voxels, plain.voxels)
