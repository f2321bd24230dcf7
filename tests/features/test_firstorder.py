"""First-order features of five intensities, worked by hand, and of flat regions."""

from __future__ import annotations

from math import log2, sqrt

import numpy as np
import pytest

from radpred.features import Convention, compute_voxel_features
from radpred.image import Grid, Image, Mask

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
BEYOND = {
    "MedianAbsoluteDeviation": 2.2,
    "CoefficientOfVariation": sqrt(10) / 4,
    "QuartileCoefficientOfDispersion": 2 / 6,
}
FLAT_VALUES = {"Mean": 7, "Variance": 0, "Range": 0, "Entropy": 0, "Uniformity": 1, "Median": 7}


@pytest.fixture(scope="module")
def measured_five(measure):
    """Return a function from a convention to the features of the five."""
    voxels = np.array([[[3, 10, 1], [4, 2, 99]]])
    given = {"spacing": (1, 2, 3), "families": ("firstorder",), "bin_width": 2}

    def by(convention):
        return measure(voxels, voxels < 99, **given, convention=convention).values

    return by


@pytest.fixture(scope="module")
def five(measured_five):
    return measured_five(Convention())


@pytest.mark.parametrize("name", FIVE)
def test_five_intensities_have_the_values_worked_by_hand(five, name):
    assert five[f"firstorder_{name}"] == pytest.approx(FIVE[name], rel=1e-12)


def test_the_hand_worked_list_covers_the_family(five):
    assert {f"firstorder_{name}" for name in FIVE} == set(five)


@pytest.mark.parametrize("name", BEYOND)
def test_what_only_ibsi_has_is_worked_by_hand(measured_five, name):
    found = measured_five(Convention(is_complete=True))
    assert found[f"firstorder_{name}"] == pytest.approx(BEYOND[name], rel=1e-12)


def test_the_hand_worked_lists_cover_ibsi_s_family(measured_five):
    found = measured_five(Convention(is_complete=True))
    assert {f"firstorder_{name}" for name in FIVE | BEYOND} == set(found)


def test_excess_kurtosis_is_smaller_by_3_and_nothing_else_changes(measured_five, five):
    found = measured_five(Convention(has_excess_kurtosis=True))
    assert found == {**five, "firstorder_Kurtosis": five["firstorder_Kurtosis"] - 3}


def test_a_map_of_excess_kurtosis_is_smaller_by_3_everywhere(rng):
    grid = Grid(shape=(3, 4, 5))
    image = Image(voxels=rng.normal(size=grid.shape), grid=grid)
    mask = Mask(voxels=np.ones(grid.shape, dtype=bool), grid=grid)
    given = {"families": {"firstorder": ("Kurtosis",)}, "bins": {"bin_width": 1.0}}
    (plain,), (excess,) = (
        compute_voxel_features(image, mask, **given, convention=convention)
        for convention in (Convention(), Convention(has_excess_kurtosis=True))
    )
    key = "firstorder_Kurtosis"
    np.testing.assert_array_equal(excess.values[key], plain.values[key] - 3)


def test_a_mean_of_0_has_no_coefficient_of_variation(measure):
    convention = Convention(is_complete=True)
    found = measure(np.array([[[-1, 0, 1]]]), families=("firstorder",), convention=convention)
    assert found.reasons == {
        "firstorder_CoefficientOfVariation": "zero_divisor",
        "firstorder_QuartileCoefficientOfDispersion": "zero_divisor",
    }


def test_the_shift_raises_energy_total_energy_and_root_mean_square_only(measure):
    voxels = np.array([[[-2.0, -1.0, 0.0, 5.0]]])
    plain = measure(voxels, families=("firstorder",)).values
    convention = Convention(voxel_array_shift=10)
    raised = measure(voxels, families=("firstorder",), convention=convention).values
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
