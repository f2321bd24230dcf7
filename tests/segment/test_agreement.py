"""Agreement of two masks: closed forms, SimpleITK's and scikit-learn's answers, empty masks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from radpred.datasets.phantom import cuboid, sphere
from radpred.errors import GeometryError, RegionError
from radpred.image import Grid, Mask
from radpred.segment.agreement import (
    agreement,
    dice,
    hausdorff_mm,
    kappa,
    mean_surface_distance_mm,
    surface_voxels,
)

SHAPE = (14, 24, 28)
MEASURES = [dice, hausdorff_mm, mean_surface_distance_mm, kappa]


def cube(*, at, edge=8, spacing=(1.0, 1.0, 1.0)):
    """Return a cube whose first voxel is at an index."""
    mask = cuboid(SHAPE, start=at, stop=tuple(a + edge for a in at))
    return replace(mask, grid=replace(mask.grid, spacing=spacing))


def blobs(rng, *, spacing=(2.5, 0.7, 0.9)):
    """Return two noisy regions that overlap, neither of which touches the border."""
    grid = Grid(shape=SHAPE, spacing=spacing)
    inner = cuboid(SHAPE, start=(3, 4, 5), stop=(11, 20, 22)).voxels
    return [Mask(voxels=inner & (rng.random(SHAPE) < share), grid=grid) for share in (0.5, 0.8)]


def empty(mask):
    return replace(mask, voxels=np.zeros_like(mask.voxels))


def as_sitk(mask):
    image = sitk.GetImageFromArray(mask.voxels.astype(np.uint8))
    image.SetSpacing(mask.grid.spacing[::-1])
    return image


def surface_distances(a, b):
    """Return distances between surfaces by SimpleITK's contours and its signed distance map."""
    found = []
    for one, other in ((a, b), (b, a)):
        contour = sitk.GetArrayFromImage(sitk.LabelContour(as_sitk(one), fullyConnected=False))
        there = sitk.LabelContour(as_sitk(other), fullyConnected=False)
        distance = sitk.SignedMaurerDistanceMap(
            there, squaredDistance=False, useImageSpacing=True, insideIsPositive=False
        )
        found.append(np.abs(sitk.GetArrayFromImage(distance))[contour > 0])
    return found


# --- closed forms -------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", range(9))
def test_the_dice_of_a_cube_and_the_cube_moved_is_the_share_that_stays(shift):
    assert dice(cube(at=(3, 3, 3)), cube(at=(3, 3, 3 + shift))) == (8 - shift) / 8


@pytest.mark.parametrize(("axis", "mm"), [(0, 2.5), (1, 0.7), (2, 0.9)])
def test_a_cube_moved_by_two_voxels_is_as_many_mm_away_along_each_axis(axis, mm):
    at = [3, 3, 3]
    at[axis] += 2
    a, b = (cube(at=tuple(place), spacing=(2.5, 0.7, 0.9)) for place in ([3, 3, 3], at))
    assert hausdorff_mm(a, b, percentile=100) == pytest.approx(2 * mm)


def test_cubes_far_apart_are_between_the_gap_and_the_corners_away():
    a, b = cube(at=(3, 3, 1)), cube(at=(3, 3, 17))
    assert hausdorff_mm(a, b, percentile=100) == 16
    assert hausdorff_mm(a, b, percentile=0) == 9
    assert 9 < mean_surface_distance_mm(a, b) < 16


def test_concentric_spheres_are_the_difference_of_their_radii_apart():
    large = sphere(12.0, spacing=(0.5, 0.5, 0.5), margin_mm=2.0)
    middle = np.array(large.grid.shape) // 2
    place = np.indices(large.grid.shape) - middle[:, None, None, None]
    small = replace(large, voxels=np.sqrt((place**2).sum(axis=0)) * 0.5 <= 9.0)
    assert mean_surface_distance_mm(large, small) == pytest.approx(3.0, abs=0.25)
    assert hausdorff_mm(large, small) == pytest.approx(3.0, abs=0.5)
    assert dice(large, small) == pytest.approx(2 * 9**3 / (12**3 + 9**3), rel=0.01)


def test_the_mean_distance_weighs_every_surface_voxel_alike():
    # One voxel against a row of three: 0 from the one; 1, 0, 1 from the row.
    grid = Grid(shape=(1, 1, 5))
    one = Mask(voxels=np.array([[[0, 0, 1, 0, 0]]], dtype=bool), grid=grid)
    row = Mask(voxels=np.array([[[0, 1, 1, 1, 0]]], dtype=bool), grid=grid)
    assert mean_surface_distance_mm(one, row) == 2 / 4


def test_the_larger_of_the_two_percentiles_counts():
    grid = Grid(shape=(1, 1, 30))
    line = np.zeros((1, 1, 30), dtype=bool)
    line[..., 5:15] = True
    longer = line.copy()
    longer[..., 15:25] = True
    a, b = Mask(voxels=line, grid=grid), Mask(voxels=longer, grid=grid)
    assert hausdorff_mm(a, b, percentile=100) == hausdorff_mm(b, a, percentile=100) == 10
    assert hausdorff_mm(a, b) == pytest.approx(np.percentile([*[0] * 10, *range(1, 11)], 95))


def test_kappa_of_half_a_cube_is_what_cohen_computes_by_hand():
    # 2 x 1 x 1 box; a marks both, b one: observed 1/2, expected 1/2 x 1.
    grid = Grid(shape=(1, 1, 2))
    a = Mask(voxels=np.array([[[True, True]]]), grid=grid)
    b = Mask(voxels=np.array([[[True, False]]]), grid=grid)
    assert kappa(a, b) == 0


def test_surface_voxels_of_a_cube_are_all_but_its_inside():
    assert surface_voxels(cube(at=(3, 3, 3)).voxels).sum() == 8**3 - 6**3


def test_a_mask_has_a_surface_at_the_border_of_the_grid():
    assert surface_voxels(np.ones((4, 4, 4), dtype=bool)).sum() == 4**3 - 2**3


# --- other implementations ----------------------------------------------------------------------


def test_distances_are_those_of_simpleitks_contours_and_distance_maps(rng):
    a, b = blobs(rng)
    from_a, from_b = surface_distances(a, b)
    assert hausdorff_mm(a, b, percentile=100) == pytest.approx(max(from_a.max(), from_b.max()))
    wanted = max(np.percentile(from_a, 95), np.percentile(from_b, 95))
    assert hausdorff_mm(a, b) == pytest.approx(wanted, rel=1e-6)
    mean = np.concatenate([from_a, from_b]).mean()
    assert mean_surface_distance_mm(a, b) == pytest.approx(mean, rel=1e-6)


def test_hausdorffs_distance_of_convex_bodies_is_that_of_simpleitks_filter():
    a, b = (cube(at=at, spacing=(2.5, 0.7, 0.9)) for at in ((2, 3, 3), (4, 8, 9)))
    oracle = sitk.HausdorffDistanceImageFilter()
    oracle.Execute(as_sitk(a), as_sitk(b))
    found = hausdorff_mm(a, b, percentile=100)
    assert found == pytest.approx(oracle.GetHausdorffDistance(), rel=1e-6)


def test_dice_is_simpleitks(rng):
    a, b = blobs(rng)
    oracle = sitk.LabelOverlapMeasuresImageFilter()
    oracle.Execute(as_sitk(a), as_sitk(b))
    assert dice(a, b) == pytest.approx(oracle.GetDiceCoefficient())


def test_kappa_is_scikit_learns_over_the_box_around_both(rng):
    a, b = blobs(rng)
    both = replace(a, voxels=a.voxels | b.voxels)
    rated = [mask.voxels[both.box].ravel() for mask in (a, b)]
    assert kappa(a, b) == pytest.approx(cohen_kappa_score(*rated))


# --- empty masks and other grids ----------------------------------------------------------------


@pytest.mark.parametrize("measure", [dice, kappa])
def test_two_empty_masks_agree_and_an_empty_one_agrees_with_no_other(measure):
    mask = cube(at=(3, 3, 3))
    assert measure(empty(mask), empty(mask)) == 1
    assert measure(mask, empty(mask)) == measure(empty(mask), mask) == 0


@pytest.mark.parametrize("measure", [hausdorff_mm, mean_surface_distance_mm])
@pytest.mark.parametrize("which", ["first", "second", "both"])
def test_an_empty_mask_has_no_distance(measure, which):
    mask = cube(at=(3, 3, 3))
    a = mask if which == "second" else empty(mask)
    b = mask if which == "first" else empty(mask)
    with pytest.raises(RegionError, match="empty and has no surface") as caught:
        measure(a, b)
    assert caught.value.code == "empty_mask"


def test_agreement_with_an_empty_mask_lacks_the_distances_alone():
    found = agreement(cube(at=(3, 3, 3)), empty(cube(at=(3, 3, 3))))
    assert (found.dice, found.kappa) == (0, 0)
    assert math.isnan(found.hd95_mm)
    assert math.isnan(found.asd_mm)


@pytest.mark.parametrize("measure", MEASURES)
def test_masks_on_different_grids_are_refused(measure):
    a = cube(at=(3, 3, 3))
    with pytest.raises(GeometryError, match="bring the masks to one grid"):
        measure(a, cube(at=(3, 3, 3), spacing=(2.0, 1.0, 1.0)))


# --- what holds for any masks -------------------------------------------------------------------


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_agreement_is_the_same_from_either_side_and_with_more_background(measure, seed):
    a, b = blobs(np.random.default_rng(seed))
    padded = [
        Mask(voxels=np.pad(m.voxels, 3), grid=replace(m.grid, shape=tuple(n + 6 for n in SHAPE)))
        for m in (a, b)
    ]
    assert measure(a, b) == pytest.approx(measure(b, a), rel=1e-12)
    assert measure(*padded) == pytest.approx(measure(a, b), rel=1e-12)
    assert measure(a, a) == (1 if measure in (dice, kappa) else 0)
