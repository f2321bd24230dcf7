"""Histogram features of five grey levels, worked by hand, and of histograms with gaps."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from radpred.features import Convention

# Intensities 1, 2, 3, 4, 10 in bins of width 2 have levels 1, 2, 2, 3, 6: mean 2.8, distances
# -1.8 -0.8 -0.8 0.2 3.2; from level 1 up there are 1 2 1 0 0 1 voxels, hence slopes 1 0 -1 -0.5
# 0.5 1.
FIVE = {
    "Mean": 2.8,
    "Variance": 2.96,
    "Skewness": 5.184 / 2.96**1.5,
    "Kurtosis": 23.2352 / 2.96**2 - 3,
    "Median": 2,
    "Minimum": 1,
    "10Percentile": 1.4,
    "90Percentile": 4.8,
    "Maximum": 6,
    "Mode": 2,
    "InterquartileRange": 1,
    "Range": 5,
    "MeanAbsoluteDeviation": 1.36,
    "RobustMeanAbsoluteDeviation": 4 / 9,
    "MedianAbsoluteDeviation": 1.2,
    "CoefficientOfVariation": sqrt(2.96) / 2.8,
    "QuartileCoefficientOfDispersion": 1 / 5,
    "MaximumHistogramGradient": 1,
    "MaximumHistogramGradientGrayLevel": 1,
    "MinimumHistogramGradient": -1,
    "MinimumHistogramGradientGrayLevel": 3,
}


@pytest.fixture(scope="module")
def histogram_of(measure):
    """Return a function from intensities to histogram features."""

    def of(intensities, **options):
        voxels = np.array([[intensities]])
        found = measure(voxels, families=("histogram",), **options)
        return {key.removeprefix("histogram_"): value for key, value in found.values.items()}

    return of


@pytest.mark.parametrize("name", FIVE)
def test_five_levels_have_the_values_worked_by_hand(histogram_of, name):
    found = histogram_of([3, 10, 1, 4, 2], bin_width=2.0)
    assert found[name] == pytest.approx(FIVE[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family(histogram_of):
    assert set(FIVE) == set(histogram_of([1, 2]))


def test_of_two_modes_the_one_closer_to_the_mean_is_taken(histogram_of):
    assert histogram_of([1, 1, 1, 2, 4, 4, 4, 7])["Mode"] == 4


def test_of_two_modes_as_close_to_the_mean_the_lower_is_taken(histogram_of):
    assert histogram_of([1, 1, 3, 3])["Mode"] == 1


def test_levels_that_do_not_occur_are_part_of_the_slope(histogram_of):
    found = histogram_of([1, 3, 3, 3, 3, 6])
    # Counts 1 0 4 0 0 1: slopes -1 1.5 0 -2 0.5 1.
    assert found["MaximumHistogramGradient"] == 1.5
    assert found["MaximumHistogramGradientGrayLevel"] == 2
    assert found["MinimumHistogramGradient"] == -2
    assert found["MinimumHistogramGradientGrayLevel"] == 4


def test_the_slope_begins_at_level_1_even_if_that_is_below_the_lowest(measure):
    voxels, convention = np.array([[[3, 4, 4]]]), Convention(first_edge=1.0)
    found = measure(voxels, families=("histogram",), convention=convention).values
    # Counts 0 0 1 2: slopes 0 0.5 1 1.
    assert found["histogram_MinimumHistogramGradientGrayLevel"] == 1
    assert found["histogram_MaximumHistogramGradientGrayLevel"] == 3


def test_a_flat_region_has_a_mode_and_no_slope(measure):
    found = measure(np.full((2, 3, 4), 7), families=("histogram",))
    assert found.values["histogram_Mode"] == 1
    assert {key.removeprefix("histogram_") for key in found.reasons} == {
        "Skewness",
        "Kurtosis",
        "MaximumHistogramGradient",
        "MaximumHistogramGradientGrayLevel",
        "MinimumHistogramGradient",
        "MinimumHistogramGradientGrayLevel",
    }
    assert set(found.reasons.values()) == {"flat"}
