"""A lesion in a box: found by every method, bright or dark, wherever the axes point."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from scipy.spatial.transform import Rotation

from radpred.datasets.phantom import painted, sphere
from radpred.errors import RegionError, SettingsError
from radpred.image import AxisOrder, Grid, Image
from radpred.io import place_on, read_image, read_mask
from radpred.segment import METHODS, box_mask, majority, segment_box

ORDERS = [
    AxisOrder(axes=axes, flipped=flipped)
    for axes in permutations(range(3))
    for flipped in product([False, True], repeat=3)
]


def dice(one, other):
    return 2 * (one & other).sum() / (one.sum() + other.sum())


def box_about(mask, *, wider=0.2):
    """Return the world box around a mask, each side a part wider on both ends."""
    index = np.argwhere(mask.voxels)
    low, high = index.min(axis=0) - 0.5, index.max(axis=0) + 0.5
    corners = mask.grid.to_world([low - wider * (high - low), high + wider * (high - low)])
    return (*corners.min(axis=0), *corners.max(axis=0))


def scan(lesion, *, contrast=100.0, noise=0.0, seed=1):
    """Return a blurred lesion in a plain surrounding, with white noise."""
    clear = painted(lesion, inside=50.0 + contrast, outside=50.0).voxels
    blurred = ndimage.gaussian_filter(clear.astype(float), 0.5)
    rng = np.random.default_rng(seed)
    return Image(voxels=blurred + rng.normal(0, noise, clear.shape), grid=lesion.grid)


BALL = sphere(10.0, spacing=(2.0, 1.0, 1.0), margin_mm=12.0)


def segmented(image, box, method, seed=0, **options):
    return segment_box(image, box, method=method, rng=np.random.default_rng(seed), **options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("contrast", [100.0, -100.0])
@pytest.mark.parametrize(
    ("noise", "least"), [(0.0, 0.97), (10.0, 0.97), (30.0, 0.93), (50.0, 0.82)]
)
def test_a_sphere_is_found_in_noise_bright_or_dark(method, contrast, noise, least):
    image = scan(BALL, contrast=contrast, noise=noise)
    mask = segmented(image, box_about(BALL), method)
    assert dice(mask.voxels, BALL.voxels) >= least
    assert mask.grid == image.grid
    assert mask.name == "tumour"
    assert ("brighter" if contrast > 0 else "darker") in mask.steps[-1]


@pytest.mark.parametrize("method", METHODS)
def test_the_storage_order_of_the_axes_does_not_matter(method):
    oblique = tuple(Rotation.from_euler("xyz", [12, -9, 17], degrees=True).as_matrix().ravel())
    ball = replace(BALL, grid=replace(BALL.grid, direction=oblique, origin=(5.0, -80.0, 33.0)))
    image, box = scan(ball, noise=30.0), box_about(ball)
    expected = segmented(image, box, method).voxels
    assert dice(expected, ball.voxels) > 0.8  # around a turned sphere the box is loose
    for order in ORDERS:
        grid = order.grid(image.grid)
        stored = replace(image, voxels=order.applied(image.voxels), grid=grid)
        mask = segmented(stored, box, method)
        assert mask.grid == grid
        assert_array_equal(mask.voxels, order.applied(expected))


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_mask_and_the_image_stays_as_it_was(method):
    image = scan(BALL, noise=40.0)
    before = image.voxels.copy()
    one, other = (segmented(image, box_about(BALL), method, seed=7) for _ in range(2))
    assert_array_equal(one.voxels, other.voxels)
    assert_array_equal(image.voxels, before)


@pytest.mark.parametrize("method", METHODS)
def test_the_mask_stays_inside_the_box(method):
    image, box = scan(BALL, noise=20.0), (-6.0, -4.0, -8.0, 7.0, 9.0, 6.0)
    mask = segmented(Image(voxels=image.voxels, grid=image.grid), box, method)
    assert not (mask.voxels & ~box_mask(image.grid, box).voxels).any()


@pytest.mark.parametrize("method", METHODS)
def test_a_neighbour_in_the_corner_of_the_box_is_left_out(method):
    image = scan(BALL, noise=10.0)
    voxels = image.voxels.copy()
    z, y, x = (n // 2 for n in voxels.shape)
    voxels[z + 5 : z + 8, y + 9 : y + 15, x + 9 : x + 15] += 120.0
    mask = segmented(replace(image, voxels=voxels), box_about(BALL), method)
    assert dice(mask.voxels, BALL.voxels) > 0.93


@pytest.mark.parametrize("method", METHODS)
def test_a_necrotic_centre_is_filled_and_left_open_on_request(method):
    necrosis = sphere(2.5, spacing=(2.0, 1.0, 1.0), margin_mm=19.5)
    assert necrosis.grid == BALL.grid
    image = scan(BALL, noise=5.0)
    image = replace(image, voxels=image.voxels - 90.0 * necrosis.voxels)
    whole = segmented(image, box_about(BALL), method)
    open_ = segmented(image, box_about(BALL), method, has_no_holes=False)
    assert whole.voxels[necrosis.voxels].all()
    # To the others the middle of the box is lesion, however dark.
    assert (open_.n_voxels < whole.n_voxels) == (method not in {"random_walker", "ellipsoid"})


def test_parts_beside_the_lesion_are_dropped_and_kept_on_request():
    image = scan(BALL)
    speck = np.zeros_like(BALL.voxels)
    z, y, x = (n // 2 for n in speck.shape)
    speck[z, y, x + 12] = True
    image = replace(image, voxels=image.voxels + 300.0 * speck)
    box = box_about(BALL)
    assert not segmented(image, box, "otsu").voxels[speck].any()
    assert segmented(image, box, "otsu", is_one_part=False).voxels[speck].all()


@pytest.mark.parametrize("method", METHODS)
def test_a_lesion_in_one_slice_is_found(method):
    middle = BALL.grid.shape[0] // 2
    grid = BALL.grid.cropped(
        np.s_[middle : middle + 1, 0 : BALL.grid.shape[1], 0 : BALL.grid.shape[2]]
    )
    disc = replace(BALL, voxels=BALL.voxels[middle : middle + 1], grid=grid)
    mask = segmented(scan(disc, noise=10.0), box_about(disc), method)
    assert dice(mask.voxels, disc.voxels) > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_a_large_box_is_sampled_not_refused(method):
    ball = sphere(28.0, margin_mm=16.0)
    mask = segmented(scan(ball, noise=20.0), box_about(ball), method)
    assert dice(mask.voxels, ball.voxels) > 0.95


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, 7.0])
def test_flat_intensities_are_refused(method, value):
    flat = Image(voxels=np.full(BALL.grid.shape, value), grid=BALL.grid)
    with pytest.raises(RegionError) as caught:
        segmented(flat, box_about(BALL), method)
    assert caught.value.code == "flat"


def test_nan_near_the_box_is_refused_and_far_away_is_no_matter():
    ball = sphere(6.0, margin_mm=20.0)
    image = scan(ball)
    voxels = image.voxels.copy()
    voxels[0, 0, 0] = np.nan
    assert segmented(replace(image, voxels=voxels), box_about(ball), "otsu").n_voxels
    voxels[tuple(n // 2 for n in voxels.shape)] = np.nan
    with pytest.raises(RegionError) as caught:
        segmented(replace(image, voxels=voxels), box_about(ball), "otsu")
    assert caught.value.code == "non_finite_voxels"


@pytest.mark.parametrize("method", METHODS)
def test_a_box_outside_the_image_is_refused(method):
    with pytest.raises(RegionError) as caught:
        segmented(scan(BALL), (500, 500, 500, 520, 520, 520), method)
    assert caught.value.code == "box_outside_image"


@pytest.mark.parametrize("method", METHODS)
def test_a_box_of_one_voxel_is_refused(method):
    with pytest.raises(RegionError) as caught:
        segmented(scan(BALL), (-0.4, -0.4, -0.4, 0.4, 0.4, 0.4), method)
    assert caught.value.code == "box_too_small"


@pytest.mark.parametrize("method", METHODS)
def test_a_box_of_few_voxels_ends_in_a_mask_or_a_reason(method, rng):
    image = Image(voxels=rng.normal(size=(6, 6, 6)), grid=Grid(shape=(6, 6, 6)))
    for box in [(1, 1, 1, 2, 2, 2), (0, 0, 0, 5, 1, 0.5), (2, 2, 2, 4, 4, 4), (0, 0, 0, 9, 9, 9)]:
        try:
            assert segmented(image, box, method).n_voxels
        except RegionError as error:
            assert error.code in {"flat", "nothing_found"}


def test_an_image_of_two_voxels_is_flat():
    two = Image(voxels=np.array([[[1.0, 2.0]]]), grid=Grid(shape=(1, 1, 2)))
    with pytest.raises(RegionError) as caught:
        segmented(two, (0, -1, -1, 1, 1, 1), "otsu")
    assert caught.value.code == "flat"


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="otsu, fcm, gmm, knn, random_walker, ellipsoid"):
        segmented(scan(BALL), box_about(BALL), "snake")


def test_lung_nodules_are_found_as_well_as_their_outlines_allow(shared_data):
    # Of one half, two readers agree to a median Dice of 0.80; docs/segmentation.md has them all.
    folders = sorted((shared_data / "lidc_ct_nodules" / "images").iterdir())[::7]
    reached = {method: [] for method in METHODS}
    for folder in folders:
        image = read_image(folder / "CT.nii.gz")
        drawn = [read_mask(path) for path in sorted(folder.glob("mask_reader*.nii.gz"))]
        if len(drawn) < 2:
            continue
        consensus = majority([place_on(mask, image.grid) for mask in drawn])
        for method in METHODS:
            mask = segmented(image, box_about(consensus), method)
            reached[method].append(dice(mask.voxels, consensus.voxels))
    medians = [np.median(reached[method]) for method in METHODS]
    assert_allclose(medians, [0.76, 0.76, 0.73, 0.79, 0.80, 0.815], atol=0.05)
