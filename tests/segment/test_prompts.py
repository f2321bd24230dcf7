"""Boxes, points and extreme points mark a place in the patient, whatever the image's axes."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage

from radpred.datasets.phantom import painted, sphere
from radpred.errors import RegionError
from radpred.image import AxisOrder, Image
from radpred.segment import (
    METHODS,
    BoxPrompt,
    Cleaning,
    ExtremePoints,
    PointPrompt,
    dice,
    segment_prompt,
)

BALL = sphere(10.0, spacing=(2.0, 1.0, 1.0), margin_mm=14.0)
ORDERS = [
    AxisOrder(axes=axes, flipped=flipped)
    for axes in [(0, 1, 2), (2, 1, 0)]
    for flipped in product([False, True], repeat=3)
]
OUTERMOST = (-10, 0, 0, 10, 0, 0, 0, -10, 0, 0, 10, 0, 0, 0, -10, 0, 0, 10)
BACKGROUND = (17.0, 15.0, 18.0)
PROMPTS = {
    "box": BoxPrompt((-14, -14, -14, 14, 14, 14)),
    "tight box": BoxPrompt((-10.5, -10.5, -11, 10.5, 10.5, 11), margin=0.0),
    "extreme points": ExtremePoints(OUTERMOST),
    "point": PointPrompt((3.0, -2.0, 4.0)),
}


def scan(ball=BALL, *, noise=10.0, contrast=100.0):
    clear = painted(ball, inside=50.0 + contrast, outside=50.0).voxels.astype(float)
    rng = np.random.default_rng(1)
    voxels = ndimage.gaussian_filter(clear, 0.5) + rng.normal(0, noise, clear.shape)
    return Image(voxels=voxels, grid=ball.grid)


def found(image, prompt, method="ellipsoid", **options):
    return segment_prompt(image, prompt, method=method, rng=np.random.default_rng(0), **options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_every_storage_order_gives_the_same_voxels(prompt, method):  # case 45
    image = scan()
    expected = found(image, prompt, method)
    assert dice(expected, BALL) >= 0.95
    for order in ORDERS:
        stored = Image(voxels=order.applied(image.voxels), grid=order.grid(image.grid))
        assert_array_equal(found(stored, prompt, method).voxels, order.applied(expected.voxels))


@pytest.mark.parametrize("noise", [0.0, 50.0])
@pytest.mark.parametrize("contrast", [100.0, -100.0])
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_the_ellipsoid_finds_a_sphere_in_noise_bright_or_dark(prompt, contrast, noise):
    mask = found(scan(noise=noise, contrast=contrast), prompt)
    assert dice(mask, BALL) >= 0.9


@pytest.mark.parametrize("size", [3.0, 6.0, 20.0])
def test_a_point_finds_lesions_of_any_size(size):
    ball = sphere(size, margin_mm=8.0)
    assert dice(found(scan(ball), PointPrompt((0.3 * size, 0.0, 0.0))), ball) >= 0.93


def test_a_point_finds_the_lesion_and_not_the_organ_around_it():
    lesion, organ = sphere(6.0, margin_mm=24.0), sphere(22.0, margin_mm=8.0)
    assert lesion.grid == organ.grid
    image = scan(organ, contrast=180.0)
    image = replace(image, voxels=image.voxels + 120.0 * lesion.voxels)
    assert dice(found(image, PointPrompt((1.0, 2.0, -1.0))), lesion) >= 0.93


def test_a_lesion_larger_than_the_largest_is_not_found_from_a_point():
    ball = sphere(16.0, margin_mm=8.0)
    with pytest.raises(RegionError, match="raise largest_mm") as caught:
        found(scan(ball, noise=0.0), PointPrompt((0.0, 0.0, 0.0), largest_mm=10.0))
    assert caught.value.code == "nothing_found"


@pytest.mark.parametrize("noise", [0.0, 10.0])
def test_a_point_on_background_is_refused(noise):  # case 46
    with pytest.raises(RegionError) as caught:
        found(scan(noise=noise), PointPrompt(BACKGROUND))
    assert caught.value.code == "nothing_found"


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        (BoxPrompt((500, 500, 500, 520, 520, 520)), "box_outside_image"),
        (BoxPrompt((0, 0, 0, 1, 1)), "bad_box"),
        (PointPrompt((500, 0, 0)), "point_outside_image"),
        (PointPrompt((np.nan, 0, 0)), "bad_point"),
        (PointPrompt((1.0, 2.0)), "bad_point"),
        (ExtremePoints((500.0, *OUTERMOST[1:])), "point_outside_image"),
        (ExtremePoints(OUTERMOST[:-1]), "bad_extreme_points"),
        (ExtremePoints((1.0,) * 18), "bad_extreme_points"),
    ],
)
def test_a_prompt_outside_the_image_or_of_other_numbers_is_refused(prompt, code):  # case 46
    with pytest.raises(RegionError) as caught:
        found(scan(), prompt)
    assert caught.value.code == code


def test_no_voxel_lies_beyond_the_extreme_points():
    image = scan(noise=0.0)
    inner = ExtremePoints(tuple(0.6 * p for p in OUTERMOST))
    index = np.argwhere(found(image, inner).voxels)
    places = image.grid.to_world(index)
    assert np.abs(places).max() <= 7.0


def test_a_box_may_be_drawn_looser_or_tighter_if_its_margin_says_so():
    image = scan(noise=10.0)
    tight, loose = (
        found(image, BoxPrompt((-e, -e, -e, e, e, e), margin=m))
        for e, m in [(11, 0.05), (17, 0.35)]
    )
    assert dice(tight, loose) >= 0.97


def test_a_point_in_a_single_slice_finds_the_disc():
    middle = BALL.grid.shape[0] // 2
    flat = (slice(middle, middle + 1), *(slice(0, n) for n in BALL.grid.shape[1:]))
    disc = replace(BALL, voxels=BALL.voxels[flat], grid=BALL.grid.cropped(flat))
    assert dice(found(scan(disc), PointPrompt((2.0, 1.0, 0.0))), disc) >= 0.93


def test_smoothing_rounds_what_was_found_and_says_so():
    image = scan(noise=40.0)
    rough = found(image, PROMPTS["box"], "otsu")
    smooth = found(image, PROMPTS["box"], "otsu", cleaning=Cleaning(smooth_mm=1.5))
    assert dice(smooth, BALL) > dice(rough, BALL)
    assert smooth.steps[-1].endswith("the part in the middle, holes filled, smoothed by 1.5 mm")


def test_what_is_not_cleaned_is_as_found():
    raw = Cleaning(largest_part=False, fill_holes=False)
    assert found(scan(), PROMPTS["box"], cleaning=raw).steps[-1].endswith("as found")
