"""Grey levels: edges at multiples of the width, or so many of equal width."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from radpred.errors import RegionError, SettingsError
from radpred.preprocess import MAX_GREY_LEVELS, discretise, fitting_width, predicted_levels


def test_levels_start_at_a_multiple_of_the_width():
    found = discretise(np.array([-30.0, -25.0, -1.0, 0.0, 24.9, 25.0]), bin_width=25)
    assert found.tolist() == [1, 2, 2, 3, 3, 4]


def test_an_intensity_on_the_last_edge_has_a_level_of_its_own():
    assert discretise(np.array([0, 50, 100]), bin_width=50).tolist() == [1, 2, 3]


def test_the_highest_intensity_falls_in_the_last_of_a_number_of_levels():
    found = discretise(np.array([0.0, 2.4, 2.6, 5.0, 7.5, 10.0]), bin_count=4)
    assert found.tolist() == [1, 1, 2, 3, 4, 4]


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.sampled_from([0.1, 0.3, 1, 5, 25, 10.5]),
    dtype=st.sampled_from([np.int16, np.int32, np.float32, np.float64]),
)
def test_levels_are_those_of_numpy_digitize_on_pyradiomics_edges(seed, width, dtype):
    x = np.rint(np.random.default_rng(seed).normal(0, 8, 200) * 10) / 10
    x = x.astype(dtype)
    low = x.min() - x.min() % width if x.dtype.kind == "f" else int(x.min()) - int(x.min()) % width
    edges = np.arange(low, x.max().astype(float) + 2 * width, width)
    assert_array_equal(discretise(x, bin_width=width), np.digitize(x, edges))


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.sampled_from([2, 3, 7, 32, 64, 70]),
    dtype=st.sampled_from([np.int16, np.float32, np.float64]),
)
def test_a_number_of_levels_is_numpy_histogram_with_its_last_edge_raised(seed, count, dtype):
    x = np.rint(np.random.default_rng(seed).normal(0, 8, 200) * 10) / 10
    x = x.astype(dtype)
    edges = np.histogram(x, count)[1]
    edges[-1] += 1
    assert_array_equal(discretise(x, bin_count=count), np.digitize(x, edges))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16])
def test_small_integers_do_not_overflow(dtype):
    highest = np.iinfo(dtype).max
    found = discretise(np.array([highest - 60, highest], dtype=dtype), bin_width=25)
    edges = np.arange((highest - 60) // 25 * 25, highest + 50, 25)
    assert found.tolist() == np.digitize([highest - 60, highest], edges).tolist()


def test_more_levels_than_can_be_measured_are_refused_with_a_width_that_works():
    x = np.array([0.0, 1e6])
    with pytest.raises(RegionError, match="use bin_width=4000") as refusal:
        discretise(x, bin_width=0.5)
    assert refusal.value.code == "too_many_grey_levels"
    assert discretise(x, bin_width=4000).max() <= 256


def test_as_many_levels_as_can_be_measured_are_made():
    x = np.array([0.0, MAX_GREY_LEVELS - 1])
    assert discretise(x, bin_width=1).max() == MAX_GREY_LEVELS
    with pytest.raises(RegionError):
        discretise(np.array([0.0, MAX_GREY_LEVELS]), bin_width=1)
    with pytest.raises(RegionError):
        discretise(x, bin_count=MAX_GREY_LEVELS + 1)


@settings(deadline=None)
@given(
    x=st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=20).map(np.array),
    bin_width=st.floats(5, 1e3),
)
def test_the_predicted_number_of_levels_is_the_highest_level(x, bin_width):
    n_levels = predicted_levels(x.min(), x.max(), bin_width=bin_width)
    assert abs(discretise(x, bin_width=bin_width).max() - n_levels) <= 1  # an edge, rounded


@given(low=st.floats(-1e4, 1e4), size=st.floats(1e-2, 1e6), n_levels=st.integers(2, 256))
def test_a_fitting_width_is_short_and_makes_no_more_levels_than_asked(low, size, n_levels):
    width = fitting_width(low, low + size, n_levels=n_levels)
    assert float(f"{width:.2g}") == pytest.approx(width, rel=1e-12)
    assert size / width <= n_levels - 1 + 1e-9


@pytest.mark.parametrize("bins", [{"bin_width": 1e-12}, {"bin_count": 64}])
def test_intensities_that_rounding_cannot_part_share_a_level(bins):
    x = np.array([1e9, 1e9], dtype=np.float32)
    assert len(set(discretise(x, **bins).tolist())) == 1


@pytest.mark.parametrize("bins", [{}, {"bin_width": 1, "bin_count": 2}, {"bin_width": -1}])
def test_settings_that_cannot_be_followed_are_refused(bins):
    with pytest.raises(SettingsError):
        discretise(np.array([1.0, 2.0]), **bins)
