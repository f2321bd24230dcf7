"""Local intensity: means around peaks, by all distances and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

RADIUS_MM = 10 * (3 / (4 * np.pi)) ** (1 / 3)


@pytest.fixture(scope="module")
def peaks(measure):
    """Return a function from an image and a region to local and global peak."""

    def of(voxels, mask=None, spacing=(1.0, 1.0, 1.0)):
        found = measure(voxels, mask, spacing=spacing, families=("localIntensity",)).values
        return tuple(found[f"localIntensity_{w}IntensityPeak"] for w in ("Local", "Global"))

    return of


def by_all_distances(voxels, mask, spacing):
    """Return local and global peak from the distances between all voxels."""
    place = np.argwhere(np.ones(voxels.shape, bool)) * spacing
    flat, inside = voxels.ravel(), mask.ravel()
    near = np.linalg.norm(place[:, None] - place[None], axis=2) <= RADIUS_MM
    known = np.isfinite(flat)
    means = np.array([flat[row & known].mean() for row in near[inside]])
    return means[flat[inside] == flat[inside].max()].max(), means.max()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_peaks_are_those_of_all_distances(peaks, seed):
    rng = np.random.default_rng(seed)
    shape, spacing = rng.integers(1, 9, 3), tuple(rng.uniform(0.8, 7, 3))
    voxels = rng.integers(-3, 9, shape).astype(float)  # few values, so that peaks are shared
    mask = rng.random(shape) < 0.4
    mask.flat[0] = True
    wanted = by_all_distances(voxels, mask, spacing)
    assert peaks(voxels, mask, spacing) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_a_sphere_holds_one_voxel_where_voxels_are_large(peaks):
    assert peaks(np.array([[[1, 5, 2]]]), spacing=(7.0, 7.0, 7.0)) == (5, 5)


def test_voxels_on_the_sphere_s_inside_count_and_others_do_not(peaks):
    voxels = np.zeros((1, 1, 9))
    voxels[0, 0, 4] = 7
    assert peaks(voxels, voxels > 0, (1.0, 1.0, 6.2)) == pytest.approx((7 / 3, 7 / 3))
    assert peaks(voxels, voxels > 0, (1.0, 1.0, 6.21)) == (7, 7)


def test_a_peak_reads_voxels_outside_the_region(peaks):
    voxels = np.full((1, 1, 30), 100.0)
    voxels[0, 0, 14] = 40
    mask = voxels < 50
    assert peaks(voxels, mask) == pytest.approx(((12 * 100 + 40) / 13,) * 2)


def test_only_voxels_of_the_region_are_centres(peaks):
    voxels = np.zeros((1, 1, 60))
    voxels[0, 0, 15], voxels[0, 0, 50] = 13, 1300
    mask = np.arange(60).reshape(1, 1, -1) < 30
    assert peaks(voxels, mask, (1.0, 1.0, 2.0)) == pytest.approx((13 / 7, 13 / 7))


def test_beyond_the_image_there_is_nothing(peaks):
    assert peaks(np.array([[[4.0, 6.0, 8.0]]])) == (6, 6)


def test_of_several_highest_voxels_the_one_with_the_highest_mean_is_taken(peaks):
    voxels = np.zeros((1, 1, 60))
    voxels[0, 0, [10, 45]], voxels[0, 0, 46] = 13, 6.5
    assert peaks(voxels, np.arange(60).reshape(1, 1, -1) < 46)[0] == pytest.approx(1.5)


def test_voxels_around_that_are_not_finite_are_left_out(peaks):
    voxels = np.zeros((1, 1, 30))
    voxels[0, 0, 15], voxels[0, 0, 16:19] = 10, (np.nan, np.inf, -np.inf)
    assert peaks(voxels, voxels == 10) == (1, 1)


def test_a_flat_image_has_its_intensity_as_both_peaks(peaks):
    assert peaks(np.full((9, 8, 7), 0.1)) == (0.1, 0.1)


def test_the_unit_of_intensities_is_that_of_the_peaks(peaks, rng):
    voxels, mask = rng.normal(size=(9, 10, 11)), rng.random((9, 10, 11)) < 0.3
    local, highest = peaks(voxels, mask)
    assert peaks(3 * voxels - 1000, mask) == pytest.approx((3 * local - 1000, 3 * highest - 1000))
