"""First-order features of five intensities, worked by hand, and of flat regions."""

from __future__ import annotations

from math import log2, sqrt

import numpy as np
import pytest

# Intensities 1, 2, 3, 4, 10: mean 4, distances -3 -2 -1 0 6. Width 2 puts them in levels
# 1, 2, 2, 3 and 6.
FIVE = {
    "10Percentile": 1.4,
    "90Percentile": 7.6,
    "Energy": 130,
    "Entropy": -(0.4 * log2(0.4) + 3 * 0.2 * log2(0.2)),
    "InterquartileRange": 2,
    "Kurtosis": 278.8 / 100,
    "Maximum": 10,
    "MeanAbsoluteDeviation": 2.4,
    "Mean": 4,
    "Median": 3,
    "Minimum": 1,
    "Range": 9,
    "RobustMeanAbsoluteDeviation": 2 / 3,
    "RootMeanSquared": sqrt(26),
    "Skewness": 36 / 10**1.5,
    "TotalEnergy": 130 * 6,
    "Uniformity": 0.28,
    "Variance": 10,
}
FLAT_VALUES = {"Mean": 7, "Variance": 0, "Range": 0, "Entropy": 0, "Uniformity": 1, "Median": 7}


@pytest.fixture(scope="module")
def five(measure):
    voxels = np.array([[[3, 10, 1], [4, 2, 99]]])
    mask = voxels < 99
    return measure(voxels, mask, spacing=(1, 2, 3), families=("firstorder",), bin_width=2).values


@pytest.mark.parametrize("name", FIVE)
def test_five_intensities_have_the_values_worked_by_hand(five, name):
    assert five[f"firstorder_{name}"] == pytest.approx(FIVE[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family(five):
    assert {f"firstorder_{name}" for name in FIVE} == set(five)


def test_the_shift_raises_energy_total_energy_and_root_mean_square_only(measure):
    voxels = np.array([[[-2.0, -1.0, 0.0, 5.0]]])
    plain = measure(voxels, families=("firstorder",)).values
    raised = measure(voxels, families=("firstorder",), voxel_array_shift=10).values
    changed = {key for key, value in plain.items() if raised[key] != value}
    assert changed == {f"firstorder_{n}" for n in ("Energy", "TotalEnergy", "RootMeanSquared")}
    assert raised["firstorder_Energy"] == 8**2 + 9**2 + 10**2 + 15**2


@pytest.mark.parametrize("name", FLAT_VALUES)
def test_a_flat_region_keeps_exact_first_order_values(measure, name):
    found = measure(np.full((2, 3, 4), 7), families=("firstorder",))
    assert found.values[f"firstorder_{name}"] == FLAT_VALUES[name]


def test_a_flat_region_has_no_skewness_and_no_kurtosis(measure):
    found = measure(np.full((2, 3, 4), 0.1), families=("firstorder",))
    assert found.reasons == {"firstorder_Skewness": "flat", "firstorder_Kurtosis": "flat"}


def test_a_percentile_lies_between_neighbours_in_rank_as_numpy_has_it(measure, rng):
    voxels = rng.normal(size=(3, 4, 7))
    found = measure(voxels, families=("firstorder",)).values
    for percent in (10, 90):
        wanted = np.percentile(voxels, percent)
        assert found[f"firstorder_{percent}Percentile"] == pytest.approx(wanted, rel=1e-12)
