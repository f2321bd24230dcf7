"""The small steps: threshold, centres, parts and holes."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from numpy.testing import assert_allclose, assert_array_equal

from radpred.segment.clean import connected_to, without_holes
from radpred.segment.methods.clustering import FUZZINESS, fuzzy_centres
from radpred.segment.methods.threshold import N_BINS, otsu_threshold


def two_groups(rng):
    return np.concatenate([rng.normal(0, 10, 4000), rng.normal(100, 20, 1000)])


def test_otsu_agrees_with_simpleitk(rng):
    values = two_groups(rng)
    filter_ = sitk.OtsuThresholdImageFilter()
    filter_.SetNumberOfHistogramBins(N_BINS)
    filter_.Execute(sitk.GetImageFromArray(values.reshape(50, 100)))
    bin_width = np.ptp(values) / N_BINS
    assert_allclose(otsu_threshold(values), filter_.GetThreshold(), atol=3 * bin_width)


def test_otsu_takes_the_middle_of_an_empty_gap():
    assert_allclose(otsu_threshold(np.array([0.0] * 90 + [1.0] * 10)), 0.5, atol=0.01)


def test_fuzzy_centres_are_the_means_weighted_by_their_own_memberships(rng):
    values = two_groups(rng)
    centres = np.array(fuzzy_centres(values))
    distance = np.abs(values[:, None] - centres)
    ratios = (distance[:, :, None] / distance[:, None, :]) ** (2 / (FUZZINESS - 1))
    weight = (1 / ratios.sum(axis=2)) ** FUZZINESS
    assert_allclose((weight * values[:, None]).sum(axis=0) / weight.sum(axis=0), centres, rtol=1e-4)


def test_fuzzy_centres_start_from_the_ends_when_most_values_are_equal():
    dark, bright = fuzzy_centres(np.array([0.0] * 95 + [10.0] * 5))
    assert_allclose([dark, bright], [0, 10], atol=0.1)


def test_the_part_that_holds_most_of_the_core_is_kept():
    voxels = np.zeros((1, 5, 9), dtype=bool)
    voxels[0, 1:4, 1:4] = voxels[0, :, 6:9] = True
    core = np.zeros_like(voxels)
    core[0, 2, 2:7] = True  # two voxels of the first part, one of the second, larger one
    assert_array_equal(connected_to(voxels, core), voxels & (np.arange(9) < 5))


def test_nothing_in_the_core_leaves_nothing():
    voxels = np.ones((2, 2, 2), dtype=bool)
    assert not connected_to(voxels, np.zeros_like(voxels)).any()


def test_only_enclosed_holes_are_filled():
    voxels = np.ones((5, 5, 5), dtype=bool)
    voxels[2, 2, 2] = False
    voxels[0, 0, 0] = False
    filled = without_holes(voxels)
    assert filled[2, 2, 2]
    assert not filled[0, 0, 0]
